//! Where the response goes.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use http::{Response, Uri, Version};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::trouble;
use crate::failure::Failure;
use crate::terminal::visible;

/// What is shown of the response, and where.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write the response's body to a file; - is standard output, a terminal included
    #[arg(short = 'o', long, value_name = "FILE", conflicts_with = "remote_name")]
    output: Option<PathBuf>,
    /// Write it to a file that is called like the last part of the URL's path
    #[arg(short = 'O', long)]
    remote_name: bool,
    /// Show the head of the response before its body
    #[arg(short = 'i', long)]
    pub(super) include: bool,
    /// Tell on standard error what is sent and received; what sounds like a credential is masked
    #[arg(short = 'v', long)]
    pub(super) verbose: bool,
    /// Keep standard error empty: no progress bar, and no word about what went wrong
    #[arg(short = 's', long)]
    pub(super) silent: bool,
    /// With -s, tell what went wrong all the same
    #[arg(short = 'S', long)]
    pub(super) show_error: bool,
    /// A status of 400 or more is a failure: no body, and exit status 22
    #[arg(short = 'f', long)]
    pub(super) fail: bool,
}

/// Where the bytes go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    StandardOutput,
    /// A person's, whose terminal would obey what the bytes say.
    Terminal,
    File(PathBuf),
}

impl OutputArgs {
    pub(super) fn place(&self, url: &Uri) -> Result<Place, Failure> {
        if self.remote_name {
            return remote_name(url).map(|name| Place::File(name.into()));
        }
        Ok(match &self.output {
            Some(path) if path.as_os_str() != "-" => Place::File(path.clone()),
            None if io::stdout().is_terminal() => Place::Terminal,
            _ => Place::StandardOutput,
        })
    }

    /// Whether it is to be told what went wrong.
    pub(super) fn tells_faults(&self) -> bool {
        !self.silent || self.show_error
    }
}

/// As it stands in the URL, so that it holds no separator and begins with no `..`.
fn remote_name(url: &Uri) -> Result<&str, Failure> {
    let name = url.path().rsplit('/').next().unwrap_or_default();
    if matches!(name, "" | "." | "..") || name.contains(['\\', ':']) {
        return Err(Failure::usage("-O finds no file name at the end of the URL's path: give one with -o"));
    }
    Ok(name)
}

/// A place that is open.
pub(super) struct Output {
    name: Option<String>,
    writer: Box<dyn AsyncWrite + Unpin>,
    is_terminal: bool,
}

impl Output {
    pub(super) async fn open(place: &Place) -> Result<Self, Failure> {
        Ok(match place {
            Place::File(path) => {
                let name = path.display().to_string();
                let file = File::create(path).await.map_err(|error| trouble::not_written(&name, &error))?;
                Self { name: Some(name), writer: Box::new(file), is_terminal: false }
            }
            place => Self::to(tokio::io::stdout(), *place == Place::Terminal),
        })
    }

    /// Instead of standard output.
    pub(super) fn to(writer: impl AsyncWrite + Unpin + 'static, is_terminal: bool) -> Self {
        Self { name: None, writer: Box::new(writer), is_terminal }
    }

    pub(super) async fn write_head<B>(&mut self, response: &Response<B>) -> Result<(), Failure> {
        let mut text = status_line(response).into_bytes();
        text.extend_from_slice(b"\r\n");
        for (name, value) in response.headers() {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            match self.is_terminal {
                true => {
                    text.extend_from_slice(visible(&String::from_utf8_lossy(value.as_bytes())).as_bytes())
                }
                false => text.extend_from_slice(value.as_bytes()),
            }
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b"\r\n");
        self.write(&text).await
    }

    pub(super) async fn write_body(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_terminal && bytes.iter().any(|&byte| is_command(byte)) {
            return Err(trouble::not_for_terminals());
        }
        self.write(bytes).await
    }

    /// Waits until everything is where it belongs. What was not flushed may go down with the runtime.
    pub(super) async fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.writer.flush().await;
        flushed.map_err(|error| self.fault(&error))
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.writer.write_all(bytes).await;
        written.map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &io::Error) -> Failure {
        match &self.name {
            Some(name) => trouble::not_written(name, error),
            // Whoever closed our output has seen enough.
            None if error.kind() == io::ErrorKind::BrokenPipe => io::Error::from(error.kind()).into(),
            None => trouble::not_written("standard output", error),
        }
    }
}

/// `HTTP/1.1 404 Not Found`.
pub(super) fn status_line<B>(response: &Response<B>) -> String {
    let version = match response.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    };
    // With its usual reason; HTTP/2 sends none.
    format!("HTTP/{version} {}", response.status())
}

/// What moves a cursor or colours a screen. Text has line breaks and tabs, and nothing else of that kind.
fn is_command(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_for_terminals_and_what_commands_them_is_not() {
        assert!(!"plain ä 日本\r\n\t{}".bytes().any(is_command));
        for bytes in [&b"\x1b[31m"[..], b"a\0b", b"\x7f", b"\x08"] {
            assert!(bytes.iter().any(|&byte| is_command(byte)), "{bytes:?}");
        }
    }

    #[test]
    fn a_remote_name_is_one_in_this_folder() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(remote_name(&url.parse().unwrap()).ok(), expected, "{url}");
        };
        check("https://h/a/b.txt?x=/y", Some("b.txt"));
        check("https://h/..%2f..%2fetc", Some("..%2f..%2fetc"));
        for url in ["https://h", "https://h/a/", "https://h/a/..", "https://h/a/C:x"] {
            check(url, None);
        }
    }
}
