//! `signing sign` as a process that another one talks to.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::command::{AWS, command, run};

/// Far longer than an answer takes; only a hang gets there.
const PATIENCE: Duration = Duration::from_secs(60);

fn line(n: usize) -> String {
    format!("{{\"method\":\"GET\",\"url\":\"https://sqs.us-east-1.amazonaws.com/{n}\",\"time\":{n},{AWS}}}\n")
}

#[test]
fn an_answer_comes_before_the_next_question() {
    let mut child = command(&["sign"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (answers, answered) = mpsc::channel();
    let reader = thread::spawn(move || stdout.lines().for_each(|line| answers.send(line.unwrap()).unwrap()));
    for n in 0..3 {
        // In two parts, as a pipe may deliver it.
        let line = line(n);
        let (first, second) = line.split_at(20);
        stdin.write_all(first.as_bytes()).unwrap();
        stdin.flush().unwrap();
        stdin.write_all(second.as_bytes()).unwrap();
        stdin.flush().unwrap();
        let answer = answered.recv_timeout(PATIENCE);
        assert!(answer.is_ok_and(|answer| answer.contains(&format!("amazonaws.com/{n}"))));
    }
    drop(stdin);
    reader.join().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let piped =
        command(&["sign"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // Until the pipe is closed at its end.
    let is_closed = (0..1_000_000).any(|n| stdin.write_all(line(n).as_bytes()).is_err());
    drop(stdin);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((is_closed, status.code(), stderr.as_str()), (true, Some(0), ""));
}

#[test]
fn a_line_without_end_is_an_error_and_the_next_is_signed() {
    let mut input = vec![b'x'; (64 << 20) + 1];
    input.push(b'\n');
    input.extend_from_slice(line(7).as_bytes());
    let run = run(&["sign"], input);
    let answers: Vec<_> = run.stdout.lines().collect();
    assert_eq!((run.status, answers.len()), (1, 2));
    assert_eq!(answers[0], r#"{"error":{"kind":"input","message":"the line is longer than 64 MiB"}}"#);
    assert!(answers[1].contains("amazonaws.com/7"));
}

#[test]
fn the_last_line_needs_no_end() {
    let run = run(&["sign"], line(1).trim_end());
    assert_eq!((run.status, run.stdout.lines().count()), (0, 1));
}
