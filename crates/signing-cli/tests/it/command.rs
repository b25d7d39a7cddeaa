//! Runs the binary.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const AWS: &str = r#""auth":{"Method":"aws-signature-v4","AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}"#;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Variables that change what the binary does.
const VARIABLES: [&str; 11] = [
    "NO_COLOR",
    "RUST_BACKTRACE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AZURE_BATCH_ACCOUNT",
    "AZURE_BATCH_ACCESS_KEY",
    "EVENTHUB_CONNECTION_STRING",
    "IOTHUB_CONNECTION_STRING",
];

/// The binary with `args`, in an environment that says nothing to it.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signing"));
    command.args(args);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// Runs it to its end, with `input` on standard input.
pub(crate) fn run(args: &[&str], input: impl Into<Vec<u8>>) -> Run {
    finish(command(args), input)
}

/// Runs `command` to its end, with `input` on standard input.
pub(crate) fn finish(mut command: Command, input: impl Into<Vec<u8>>) -> Run {
    let input = input.into();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Writing beside reading, since neither pipe holds everything. A command that reads no input closes it.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The answers of `signing sign` to `lines`.
pub(crate) fn sign(args: &[&str], lines: &str) -> (i32, Vec<Value>) {
    let run = run(&[&["sign"], args].concat(), lines);
    assert_eq!(run.stderr, "");
    (run.status, run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The one answer to one line.
#[track_caller]
pub(crate) fn sign_one(args: &[&str], line: &str) -> Value {
    let (status, answers) = sign(args, line);
    let [answer] = answers.as_slice() else { panic!("one answer, not {answers:?}") };
    assert_eq!(status, i32::from(answer.get("error").is_some()));
    answer.clone()
}

/// The error's kind and message.
#[track_caller]
pub(crate) fn error(answer: &Value) -> (&str, &str) {
    assert_eq!(answer.as_object().unwrap().len(), 1, "an error replaces all other fields");
    let error = &answer["error"];
    assert_eq!(error.as_object().unwrap().len(), 2);
    (error["kind"].as_str().unwrap(), error["message"].as_str().unwrap())
}

/// A folder with files that only their owner can read.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(folder.path(name), text).unwrap();
            folder.set_mode(name, 0o600);
        }
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).into_os_string().into_string().unwrap()
    }

    #[cfg(unix)]
    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    pub(crate) fn set_mode(&self, _: &str, _: u32) {}
}
