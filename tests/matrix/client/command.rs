//! The command `signing`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use tempfile::NamedTempFile;
use tower_signing::BoxError;

use super::hyper::{builder, connector};
use super::{Answer, Client, NO_FORMS, NO_JSON, Sending};
use crate::kind::{BUFFER_LIMIT, Kind, Upload};
use crate::scheme::Scheme;
use crate::task::{EXPIRES_IN, Task};

pub(super) struct Command(OsString);

impl Command {
    /// `None` if nobody says where it is, which is told.
    pub(super) fn built() -> Option<Self> {
        let binary = env::var_os("SIGNING_BIN");
        if binary.is_none() {
            // Unlike `eprintln!`, which the test harness holds back when the test passes.
            io::stderr().write_all(b"left out: the command: SIGNING_BIN is not set\n").unwrap();
        }
        binary.map(Self)
    }

    fn start(&self, name: &str, task: &Task<'_>) -> Result<process::Command, BoxError> {
        let mut command = process::Command::new(&self.0);
        // Only what the test gives is to count.
        for (variable, _) in env::vars_os() {
            if variable.to_str().is_some_and(|variable| variable.starts_with("AWS_")) {
                command.env_remove(variable);
            }
        }
        command.args([name, &task.url(), "-X", task.method().as_str()]);
        for (name, value) in &task.params {
            if task.scheme.secret_names().contains(name) {
                command
                    .arg("--param")
                    .arg(format!("{name}=env:TEST_{name}"))
                    .env(format!("TEST_{name}"), value);
            } else {
                command.arg("--param").arg(format!("{name}={value}"));
            }
        }
        if let Some(value) = task.content_type() {
            command.arg("-H").arg(format!("content-type: {}", value.to_str()?));
        }
        Ok(command)
    }

    async fn send(&self, task: &Task<'_>) -> Result<Answer, BoxError> {
        let mut command = self.start("send", task)?;
        command.args(["-s", "-S", "-i", "--buffer-limit"]).arg(BUFFER_LIMIT.to_string());
        command.arg("--spool-limit").arg(task.kind.spool_limit().to_string());
        let content = task.kind.content();
        let mut file = NamedTempFile::new()?;
        file.write_all(&content)?;
        match task.kind {
            Kind::None | Kind::Multipart => {}
            Kind::Bytes | Kind::Empty => drop(command.arg("--data-binary").arg(str::from_utf8(&content)?)),
            Kind::Json => drop(command.arg("--json").arg(str::from_utf8(&content)?)),
            Kind::Sized | Kind::LongSized => drop(command.arg("-T").arg(file.path())),
            Kind::Open | Kind::Spooled | Kind::LongOpen => {
                command.args(["-T", "-"]).stdin(file.reopen()?);
            }
        }
        Answer::read(parse(&run(command).await?)?, content).await
    }

    /// Signs the URL only; who has it needs no signature, and sends what he likes.
    async fn presign(&self, task: &Task<'_>) -> Result<Answer, BoxError> {
        let mut command = self.start("presign", task)?;
        command.arg("--expires-in").arg(format!("{}s", EXPIRES_IN.as_secs()));
        let url = String::from_utf8(run(command).await?)?;
        let mut request = task.request()?;
        *request.uri_mut() = url.trim_end().parse()?;
        let response = builder().build::<_, Upload>(connector()).request(request).await?;
        Answer::read(response, task.kind.content()).await
    }
}

impl Client for Command {
    fn name(&self) -> &'static str {
        "signing (the command)"
    }

    fn lacks(&self, scheme: &Scheme, kind: Kind) -> Option<&'static str> {
        match kind {
            _ if scheme.is_custom() => Some("custom: the command has the built-in methods only"),
            Kind::Multipart => Some(NO_FORMS),
            Kind::Json if scheme.is_presigned => Some(NO_JSON),
            _ => None,
        }
    }

    fn reads_files_twice(&self) -> bool {
        true
    }

    fn send<'t>(&'t self, task: &'t Task<'t>) -> Sending<'t> {
        match task.scheme.is_presigned {
            true => Box::pin(self.presign(task)),
            false => Box::pin(self.send(task)),
        }
    }
}

async fn run(mut command: process::Command) -> Result<Vec<u8>, BoxError> {
    let done = tokio::task::spawn_blocking(move || command.output()).await??;
    match done.status.success() {
        true => Ok(done.stdout),
        false => Err(String::from_utf8_lossy(&done.stderr).into()),
    }
}

/// What `-i` shows: status line, headers, an empty line, body.
fn parse(shown: &[u8]) -> Result<Response<Full<Bytes>>, BoxError> {
    let end = shown.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or("the answer has no head")?;
    let head = str::from_utf8(&shown[..end])?;
    let status = head.split(' ').nth(1).and_then(|word| word.get(..3)).ok_or("the answer has no status")?;
    let body = Bytes::copy_from_slice(&shown[end + 4..]);
    Ok(Response::builder().status(StatusCode::from_bytes(status.as_bytes())?).body(Full::new(body))?)
}
