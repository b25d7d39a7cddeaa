//! Presigned URLs, sent by a client that signs nothing.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Request;
use signing_core::{Payload, Registry, Timestamp};
use tower_signing::BoxError;

use super::{Answer, Command, Params, Sender, auth_params, plain};

const EXPIRES_IN: Duration = Duration::from_secs(300);

/// Who makes the URL.
pub(crate) enum Presigned {
    Library,
    Command(Command),
}

impl Presigned {
    /// Each that is there.
    pub(crate) fn all() -> Vec<Self> {
        std::iter::once(Self::Library).chain(Command::built().map(Self::Command)).collect()
    }

    async fn url(&self, params: Params, request: &Request<Bytes>) -> Result<String, BoxError> {
        match self {
            Self::Library => {
                let signer = Registry::new().signer(&auth_params(&params))?;
                let now = Timestamp::from_system_time(SystemTime::now()).ok_or("the clock is wrong")?;
                let (head, _) = request.clone().into_parts();
                // The method says by itself where a URL does not cover the body.
                let payload = Payload::of(request.body());
                Ok(signer.presign(&head, &payload, EXPIRES_IN, now)?.to_string())
            }
            Self::Command(command) => command.presign(params, request, EXPIRES_IN).await,
        }
    }
}

impl Sender for Presigned {
    fn name(&self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Command(_) => "command",
        }
    }

    fn send(
        &self,
        params: Params,
        mut request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            *request.uri_mut() = self.url(params, &request).await?.parse()?;
            plain(request).await
        })
    }
}
