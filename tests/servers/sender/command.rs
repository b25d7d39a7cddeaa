//! The command `signing`.

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::pin::Pin;
use std::process;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tempfile::NamedTempFile;
use tower_signing::BoxError;

use super::{Answer, Kind, Params, Sender};
use crate::server::leave_out;

/// What must not stand on a command line.
const SECRETS: [&str; 2] = ["SecretAccessKey", "SessionToken"];

#[derive(Clone)]
pub(crate) struct Command {
    binary: OsString,
    kind: Kind,
}

impl Command {
    /// `None` if nobody built it, which is told.
    pub(crate) fn built() -> Option<Self> {
        let binary = env::var_os("SIGNING_BIN");
        if binary.is_none() {
            leave_out("the command: SIGNING_BIN is not set");
        }
        Some(Self { binary: binary?, kind: Kind::Bytes })
    }

    pub(crate) fn with(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// What `signing presign` prints.
    pub(crate) async fn presign(
        &self,
        params: Params,
        request: &Request<Bytes>,
        expires_in: Duration,
    ) -> Result<String, BoxError> {
        let mut command = self.start("presign", params, request)?;
        command.arg("--expires-in").arg(format!("{}s", expires_in.as_secs()));
        Ok(String::from_utf8(run(command).await?)?.trim_end().to_owned())
    }

    fn start(
        &self,
        name: &str,
        params: Params,
        request: &Request<Bytes>,
    ) -> Result<process::Command, BoxError> {
        let mut command = process::Command::new(&self.binary);
        // Only what a test gives is to count.
        for (variable, _) in env::vars_os() {
            if variable.to_str().is_some_and(|variable| variable.starts_with("AWS_")) {
                command.env_remove(variable);
            }
        }
        command.arg(name).arg(request.uri().to_string()).arg("-X").arg(request.method().as_str());
        for (name, value) in params {
            if SECRETS.contains(&name) {
                command.arg("--param").arg(format!("{name}=env:TEST_{name}"));
                command.env(format!("TEST_{name}"), value);
            } else {
                command.arg("--param").arg(format!("{name}={value}"));
            }
        }
        for (name, value) in request.headers() {
            command.arg("-H").arg(format!("{name}: {}", value.to_str()?));
        }
        Ok(command)
    }
}

impl Sender for Command {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Bytes => "command",
            Kind::Stream => "command-stream",
        }
    }

    fn send(
        &self,
        params: Params,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let mut command = self.start("send", params, &request)?;
            command.args(["-s", "-S", "-i", "-o", "-"]);
            let mut body = NamedTempFile::new()?;
            body.write_all(request.body())?;
            match self.kind {
                _ if request.body().is_empty() => {}
                Kind::Bytes => drop(command.arg("-T").arg(body.path())),
                Kind::Stream => drop(command.args(["-T", "-"]).stdin(body.reopen()?)),
            }
            parse(&run(command).await?)
        })
    }
}

async fn run(mut command: process::Command) -> Result<Vec<u8>, BoxError> {
    let done = tokio::task::spawn_blocking(move || command.output()).await??;
    match done.status.success() {
        true => Ok(done.stdout),
        false => Err(format!("{}: {}", done.status, String::from_utf8_lossy(&done.stderr)).into()),
    }
}

/// What `-i` shows: status line, headers, an empty line, body.
fn parse(shown: &[u8]) -> Answer {
    let end = shown.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or("the answer has no head")?;
    let head = std::str::from_utf8(&shown[..end])?;
    let status = head.split(' ').nth(1).and_then(|word| word.get(..3)).ok_or("the answer has no status")?;
    let mut response = Response::new(Bytes::copy_from_slice(&shown[end + 4..]));
    *response.status_mut() = StatusCode::from_bytes(status.as_bytes())?;
    Ok(response)
}
