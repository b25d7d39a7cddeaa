//! A refusal whose beginning is read, to tell what it says.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_timer::Delay;
use http::response::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use signing_core::diagnose::{Refusal, Signed, diagnose};

use super::body::DiagnoseBody;
use super::read_ahead::ReadAhead;
use crate::left::SigningRecord;

pub(super) struct Reading<R: Body> {
    record: SigningRecord,
    head: Parts,
    body: ReadAhead<R>,
    time_limit: Duration,
    /// Made when it is needed: most refusals come whole.
    delay: Option<Delay>,
}

impl<R: Body> Reading<R> {
    pub(super) fn new(record: SigningRecord, response: Response<R>, time_limit: Duration) -> Self {
        let (head, body) = response.into_parts();
        Self { record, head, body: ReadAhead::new(body), time_limit, delay: None }
    }

    /// Ready when enough was read, or for long enough.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !Refusal::can_read(&self.head.headers) || self.body.poll_fill(cx, Refusal::MOST_BODY).is_ready() {
            return Poll::Ready(());
        }
        let delay = self.delay.get_or_insert_with(|| Delay::new(self.time_limit));
        Pin::new(delay).poll(cx)
    }

    /// The response, and in its extensions what it tells.
    pub(super) fn told(self) -> Response<DiagnoseBody<R>> {
        let Self { record, mut head, mut body, .. } = self;
        let text = body.take_text();
        let refusal = Refusal::new(head.status, &head.headers, &text);
        // Most that are 400 have another reason, which is not ours to tell, and shows without what was signed.
        let tells =
            |signed: &Signed| Some(diagnose(signed, &refusal)).filter(|told| !told.causes().is_empty());
        let diagnosis = match head.status {
            StatusCode::BAD_REQUEST => tells(&Signed::default()).and_then(|_| tells(&record.signed())),
            _ => Some(diagnose(&record.signed(), &refusal)),
        };
        if let Some(diagnosis) = diagnosis {
            tracing::warn!(target: "tower_signing::diagnose", "{diagnosis}");
            head.extensions.insert(diagnosis);
        }
        Response::from_parts(head, DiagnoseBody::read(body))
    }
}
