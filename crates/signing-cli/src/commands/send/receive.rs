//! What becomes of a response.

use http::Response;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};

use super::exchange::Answer;
use super::output::{Output, Place};
use super::progress::Progress;
use super::{Args, trouble};
use crate::failure::Failure;

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
            let output = self.output().await?;
            output.write_head(response).await?;
            // Much may go wrong before the body has come.
            output.flush().await?;
        }
        Ok(())
    }

    /// Takes the last response, and says what can be said of it.
    pub(super) async fn receive(mut self, answer: Answer) -> Result<(), Failure> {
        let Answer { response, signed } = answer;
        let status = response.status();
        let refused = self.args.refused.text(&response, &signed);
        let is_failure = self.args.output.fail && (status.is_client_error() || status.is_server_error());
        let written = match is_failure {
            true => self.receive_head(&response).await.and(Err(trouble::bad_status(status))),
            false => self.write(response).await,
        };
        if self.args.output.tells_faults() && !refused.is_empty() {
            if self.place == Place::Terminal {
                // The body may have left the cursor in the midst of a line.
                eprintln!();
            }
            eprint!("{refused}");
        }
        written
    }

    async fn write(
        &mut self,
        response: Response<impl Body<Data = Bytes, Error = hyper::Error> + Unpin>,
    ) -> Result<(), Failure> {
        self.receive_head(&response).await?;
        let copied = self.copy(response.into_body()).await;
        // What came is kept, as far as it came.
        let flushed = self.output().await?.flush().await;
        copied.and(flushed)
    }

    async fn copy(
        &mut self,
        mut body: impl Body<Data = Bytes, Error = hyper::Error> + Unpin,
    ) -> Result<(), Failure> {
        let length = body.size_hint().exact();
        let shown = self.place != Place::Terminal;
        let bar = shown.then(|| self.progress.bar("receiving", length));
        let output = self.output().await?;
        let mut received = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| trouble::partial(&error, received, length))?;
            let Ok(data) = frame.into_data() else { continue };
            output.write_body(&data).await?;
            received += data.len() as u64;
            bar.iter().for_each(|bar| bar.advance(data.len()));
        }
        Ok(())
    }

    async fn output(&mut self) -> Result<&mut Output, Failure> {
        if self.output.is_none() {
            self.output = Some(Output::open(&self.place).await?);
        }
        Ok(self.output.as_mut().expect("it was opened above"))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use clap::{Args as _, Command, FromArgMatches};
    use http_body_util::Full;
    use tokio::io::{AsyncReadExt, BufWriter, duplex};

    use super::*;

    /// What has reached a terminal when the command ends after this body.
    async fn shown(body: &'static str) -> (Result<(), Failure>, String) {
        let command = Args::augment_args(Command::new("send"));
        let args = Args::from_arg_matches(&command.get_matches_from(["send", "-i", "http://h/"])).unwrap();
        let mut receiver = Receiver::new(&args, Place::Terminal, Progress::new(false));
        let (writer, mut reader) = duplex(1024);
        // As standard output does, it loses what nobody waits for.
        receiver.output = Some(Output::to(BufWriter::new(writer), true));
        let body = Full::new(Bytes::from_static(body.as_bytes()));
        let written = receiver.write(Response::new(body.map_err(|error: Infallible| match error {}))).await;
        drop(receiver);
        let mut shown = String::new();
        reader.read_to_string(&mut shown).await.unwrap();
        (written, shown)
    }

    #[tokio::test]
    async fn a_body_that_a_terminal_refuses_comes_after_its_head() {
        let (written, text) = shown("plain").await;
        assert!(written.is_ok() && text.ends_with("\r\n\r\nplain"), "{text}");
        let (written, text) = shown("\x1b[31m").await;
        assert!(written.is_err());
        assert_eq!(text, "HTTP/1.1 200 OK\r\n\r\n");
    }
}
