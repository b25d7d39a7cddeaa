//! The flags that make a body, in the order in which they were given.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, FromArgMatches};

/// What `-d` and its kin say.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) pieces: Vec<Piece>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A part of a form; line breaks of a file are dropped.
    Form,
    /// A part of a form, as it is.
    Binary,
    /// A part of a JSON text, as it is.
    Json,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// `-` is standard input.
    File(PathBuf),
}

// As clap sees them. Each collects its own values; only the positions tell the order among them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Body")]
struct Flags {
    /// Send DATA by POST as a form; @FILE sends a file without its line breaks; several are joined by &
    #[arg(short = 'd', long, value_name = "DATA", allow_hyphen_values = true)]
    data: Vec<String>,
    /// The same, but a leading @ means nothing
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    data_raw: Vec<String>,
    /// The same, but a file is sent as it is
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    data_binary: Vec<String>,
    /// The same, and as JSON: sets Content-Type and Accept; several are joined as they are
    #[arg(long, value_name = "DATA", allow_hyphen_values = true)]
    json: Vec<String>,
}

impl FromArgMatches for Data {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flags = [
            ("data", Kind::Form, true),
            ("data_raw", Kind::Binary, false),
            ("data_binary", Kind::Binary, true),
            ("json", Kind::Json, true),
        ];
        let mut pieces = Vec::new();
        for (id, kind, may_be_file) in flags {
            let values = matches.get_many::<String>(id).into_iter().flatten();
            for (value, at) in values.zip(matches.indices_of(id).into_iter().flatten()) {
                let file = value.strip_prefix('@').filter(|_| may_be_file);
                let content = match file {
                    Some(path) => Content::File(path.into()),
                    None => Content::Text(value.clone()),
                };
                pieces.push((at, Piece { kind, content }));
            }
        }
        pieces.sort_by_key(|(at, _)| *at);
        Ok(Self { pieces: pieces.into_iter().map(|(_, piece)| piece).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Data {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl Data {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn is_json(&self) -> bool {
        self.pieces.iter().any(|piece| piece.kind == Kind::Json)
    }

    /// The file that is the whole body, byte by byte: it need not be in memory.
    pub(super) fn lone_file(&self) -> Option<&Path> {
        match self.pieces.as_slice() {
            [Piece { kind: Kind::Binary | Kind::Json, content: Content::File(path) }] => Some(path),
            _ => None,
        }
    }

    pub(super) fn reads(&self, file: &Path) -> bool {
        self.pieces.iter().any(|piece| matches!(&piece.content, Content::File(path) if path == file))
    }

    /// The whole body, where `read` reads a file.
    pub(super) async fn joined<E>(
        &self,
        read: impl AsyncFn(&Path) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let mut joined = Vec::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 && piece.kind != Kind::Json {
                joined.push(b'&');
            }
            match &piece.content {
                Content::Text(text) => joined.extend_from_slice(text.as_bytes()),
                Content::File(path) => {
                    let mut bytes = read(path).await?;
                    if piece.kind == Kind::Form {
                        bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                    }
                    joined.append(&mut bytes);
                }
            }
        }
        Ok(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &[&str], expected: &str) {
        let matches = Data::augment_args(Command::new("send").no_binary_name(true)).get_matches_from(args);
        let data = Data::from_arg_matches(&matches).unwrap();
        let read = async |path: &Path| Ok::<_, ()>(format!("{}\r\nx\n", path.display()).into_bytes());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let joined = runtime.block_on(data.joined(read)).unwrap();
        assert_eq!(String::from_utf8(joined).unwrap(), expected);
    }

    #[test]
    fn pieces_are_joined_in_the_order_of_the_flags() {
        check(&["-d", "a=1", "--data-raw", "@b", "-d", "c"], "a=1&@b&c");
        check(&["--data-binary", "b", "-d", "a"], "b&a");
        check(&["--json", "[1,", "--json", "2]"], "[1,2]");
    }

    #[test]
    fn a_file_loses_its_line_breaks_unless_it_is_binary() {
        check(&["-d", "@f"], "fx");
        check(&["--data-binary", "@f"], "f\r\nx\n");
        check(&["--data-raw", "@f", "--json", "@f"], "@ff\r\nx\n");
    }
}
