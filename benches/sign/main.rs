//! What signing costs, beside the hash that nobody can save and beside the crates that others sign with.
//!
//! `cargo bench --bench sign` prints a Markdown table in a few minutes. Behind `--`, `a b` takes these cases only, and
//! `--quick` measures less. All contenders of a case take turns within each round, in rotated order, and figures
//! are medians over the rounds: nanoseconds, and ratios and differences within a round. Every signature is
//! compared with another implementation's before it is timed.

mod cases;
mod figures;
mod rounds;
mod swaps;
mod threads;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use cases::{Case, Chosen, ManySections, SECTIONS, aws_cases, other_cases, routed, stream, wire};
use figures::{Budget, Figure, Value};
use rounds::{Effort, Rounds, median};

const MIB: usize = 1024 * 1024;
const THOROUGH: Effort = Effort { rounds: 51, turn: Duration::from_millis(5) };
const QUICK: Effort = Effort { rounds: 31, turn: Duration::from_millis(1) };
/// Of the stream, in bytes; each turn holds one at least.
const STREAM: usize = 64 * MIB;
const LOADS: usize = 5;
/// In seconds.
const LOADING: f64 = 1.0;

fn main() -> ExitCode {
    // `cargo bench` adds a flag of its own.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let (flags, words): (Vec<_>, Vec<_>) = words.partition(|word| word == "--quick");
    match Chosen::parse(words.into_iter(), &["threads", "swaps"]) {
        Ok(chosen) => {
            report(&chosen, if flags.is_empty() { THOROUGH } else { QUICK });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn report(chosen: &Chosen, effort: Effort) {
    println!("| case | contender | ns | median | budget | |");
    println!("| --- | --- | ---: | ---: | ---: | --- |");
    let aws = aws_cases();
    let simple = aws[0].clone();
    for case in aws.into_iter().filter(|case| chosen.has(case.key())) {
        compare(case.checked(), effort);
    }
    if chosen.has("e") {
        compare(stream(STREAM), effort);
    }
    if chosen.has("h") {
        other_cases().into_iter().for_each(|case| compare(case, effort));
    }
    if chosen.has("r") {
        compare(routed(&simple), effort);
    }
    if chosen.has("w") {
        compare(wire(&simple), effort);
    }
    if chosen.has("load") {
        print("load", "a file of 10,000 sections", &[load()]);
    }
    if chosen.has("threads") {
        print("threads", "a on two threads", &threads::figures(&simple, effort));
    }
    if chosen.has("swaps") {
        print("swaps", "a while signers are replaced", &swaps::figures(&simple, effort));
    }
}

fn compare(mut case: Case, effort: Effort) {
    let rounds = Rounds::of(&mut case, effort);
    print(case.key, case.title, &figures::figures(&case, &rounds));
}

fn print(key: &str, title: &str, figures: &[Figure]) {
    let mut name = format!("{key}: {title}");
    for figure in figures {
        println!("| {} | {} |", std::mem::take(&mut name), figure.cells());
    }
}

fn load() -> Figure {
    let file = ManySections::write();
    let seconds = (0..LOADS).map(|_| {
        let start = Instant::now();
        let signers = file.load();
        let elapsed = start.elapsed();
        drop(signers);
        elapsed.as_secs_f64()
    });
    Figure {
        what: format!("`Signers::from_file`, {SECTIONS} sections"),
        nanoseconds: None,
        value: Some(Value::Seconds(median(seconds))),
        budget: Some(Budget::AtMost(LOADING)),
    }
}
