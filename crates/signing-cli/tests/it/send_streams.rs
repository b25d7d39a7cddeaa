//! `signing send` with bodies that are larger than the memory it may take.

use std::fs::{self, File};
use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use crate::command::{Folder, command};
use crate::send::{AUTH, send_in};
use crate::server::{Server, verified, zeros};

const LONG: u64 = 64 << 20;
/// What a debug build takes at most. It is half of the body.
const MOST: u64 = 32 << 20;

fn spawn(folder: &Folder, stdin: impl Into<Stdio>, args: &[&str]) -> Child {
    fs::write(folder.path("auth.conf"), AUTH).unwrap();
    folder.set_mode("auth.conf", 0o600);
    let mut command = command(&["send", "--auth", &folder.text("auth.conf")]);
    command.args(args).stdin(stdin).stdout(Stdio::piped()).spawn().unwrap()
}

/// The most memory that a running process has had, in bytes; `None` where the system does not tell.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[test]
fn a_long_file_is_streamed_and_signed() {
    // Standard input has to be kept until its hash is known.
    for flags in [&["--http1.1", "-T", "FILE"][..], &["--http2-prior-knowledge", "-T", "FILE"], &["-T", "-"]]
    {
        let folder = Folder::with(&[("file", "")]);
        let file = File::options().read(true).write(true).open(folder.path("file")).unwrap();
        file.set_len(LONG).unwrap();
        let path = folder.text("file");
        let flags: Vec<_> = flags.iter().map(|flag| if *flag == "FILE" { &*path } else { flag }).collect();
        let (process, at_its_end) = (Arc::new(OnceLock::new()), Arc::new(OnceLock::new()));
        let (of, into) = (Arc::clone(&process), Arc::clone(&at_its_end));
        let server = Server::start(move |seen| {
            // The whole body has arrived, and the client waits for the answer.
            into.set(peak(*of.wait())).unwrap();
            verified(seen)
        });
        let child = spawn(&folder, file, &[&flags[..], &[&server.url("/")]].concat());
        process.set(child.id()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "verified");
        let seen = server.seen().remove(0);
        assert_eq!((seen.length, seen.header("content-length")), (LONG, Some(LONG.to_string().as_str())));
        assert!(at_its_end.get().unwrap().is_none_or(|peak| peak < MOST), "{at_its_end:?}");
    }
}

#[test]
fn a_long_response_waits_for_who_reads_it() {
    for flags in [&["--http1.1"][..], &["--http2-prior-knowledge"]] {
        let server = Server::start(|_| zeros(LONG));
        let folder = Folder::with(&[]);
        let mut child = spawn(&folder, Stdio::null(), &[flags, &[&server.url("/")]].concat());
        let mut output = child.stdout.take().unwrap();
        let mut byte = [1];
        output.read_exact(&mut byte).unwrap();
        // Time enough to read all of it, if nothing held it back.
        thread::sleep(Duration::from_millis(500));
        let mut rest = vec![0; 1 << 20];
        let mut left = LONG - 1;
        while left > 1 << 20 {
            left -= output.read(&mut rest).unwrap() as u64;
        }
        // A pipe holds less than what is left: the process is still there.
        let peak = peak(child.id());
        assert!(peak.is_none_or(|peak| peak < MOST), "{peak:?}");
        assert_eq!(output.read_to_end(&mut rest).unwrap() as u64, left);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_long_response_goes_to_a_file() {
    let server = Server::start(|_| zeros(LONG));
    let folder = Folder::with(&[]);
    let run = send_in(&folder, &["-o", "FOLDER/out", &server.url("/")], "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(fs::metadata(folder.path("out")).unwrap().len(), LONG);
}
