//! What becomes of a response.

use http::Response;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::exchange::Answer;
use super::output::{Output, Place};
use super::progress::Progress;
use super::{Args, denied, trouble};
use crate::failure::Failure;
use crate::terminal::visible;

/// Takes what the servers answer.
pub(super) struct Receiver<'a> {
    args: &'a Args,
    place: Place,
    /// Open once there is something to write: a failure before that leaves a file as it was.
    output: Option<Output>,
    progress: Progress,
}

impl<'a> Receiver<'a> {
    pub(super) fn new(args: &'a Args, place: Place, progress: Progress) -> Self {
        Self { args, place, output: None, progress }
    }

    /// Shows the head of a response, if that is wanted.
    pub(super) async fn receive_head<B>(&mut self, response: &Response<B>) -> Result<(), Failure> {
        if self.args.output.include || self.args.request.head {
            self.output().await?.write_head(response).await?;
        }
        Ok(())
    }

    /// Takes the last response, and says what can be said of it.
    pub(super) async fn receive(mut self, answer: Answer) -> Result<(), Failure> {
        let Answer { response, signed } = answer;
        let status = response.status();
        let now = self.args.clock.now().ok();
        let denied = denied::lines(status, response.headers(), &signed, now);
        let is_failure = self.args.output.fail && (status.is_client_error() || status.is_server_error());
        let written = match is_failure {
            true => Err(trouble::bad_status(status)),
            false => self.write(response).await,
        };
        if self.args.output.tells_faults() && !denied.is_empty() {
            if self.place == Place::Terminal {
                // The body may have left the cursor in the midst of a line.
                eprintln!();
            }
            denied.iter().for_each(|line| eprintln!("signing: {}", visible(line)));
        }
        written
    }

    async fn write(&mut self, response: Response<Incoming>) -> Result<(), Failure> {
        self.receive_head(&response).await?;
        let mut body = response.into_body();
        let length = body.size_hint().exact();
        let shown = self.place != Place::Terminal;
        let bar = shown.then(|| self.progress.bar("receiving", length));
        let output = self.output().await?;
        let mut received = 0;
        while let Some(frame) = body.frame().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    // What came is kept, as far as it came.
                    output.flush().await?;
                    return Err(trouble::partial(&error, received, length));
                }
            };
            let Ok(data) = frame.into_data() else { continue };
            output.write_body(&data).await?;
            received += data.len() as u64;
            bar.iter().for_each(|bar| bar.advance(data.len()));
        }
        output.flush().await
    }

    async fn output(&mut self) -> Result<&mut Output, Failure> {
        if self.output.is_none() {
            self.output = Some(Output::open(&self.place).await?);
        }
        Ok(self.output.as_mut().expect("it was opened above"))
    }
}
