//! Known answers: requests that official SDKs signed, and what this library makes of the same input.
//!
//! `cargo test` checks the choice in `data/`. With `SIGNING_VECTORS=DIR` the whole collection that the choice
//! was made from is checked as well, and a table is printed. `README.md` beside this file says where the cases
//! come from.

mod chunked;
mod decisions;
mod files;
mod hosts;
mod input;
mod rules;
mod text;

use std::path::Path;

use files::VectorFile;
use rules::Outcome;

/// Shown for each file; the rest is counted.
const FAILURES_SHOWN: usize = 5;

#[test]
fn the_choice_in_this_repository_passes() {
    check(&files::in_repository());
}

#[test]
fn the_whole_collection_passes_where_there_is_one() {
    match std::env::var_os("SIGNING_VECTORS") {
        Some(folder) => check(&files::in_collection(Path::new(&folder))),
        None => println!("SIGNING_VECTORS is not set: nothing but the choice in data/ is checked"),
    }
}

#[test]
fn every_wrong_answer_is_noticed() {
    for file in files::in_repository() {
        for case in &file.cases {
            let wrong = rules::outcome(&text::with_wrong_answer(case));
            let noticed = matches!(wrong, Outcome::Fail(_) | Outcome::Disputed | Outcome::NotGraded);
            assert!(noticed, "{} {} passes with a wrong answer", file.label, rules::name_of(case));
        }
    }
}

fn check(files: &[VectorFile]) {
    assert!(!files.is_empty(), "there is no file to check");
    let (mut total, mut table) = (Tally::default(), String::from("\n"));
    for file in files {
        let (tally, faults) = Tally::of(file);
        for fault in faults.iter().take(FAILURES_SHOWN) {
            table.push_str(&format!("    {fault}\n"));
        }
        table.push_str(&format!("{:42} {tally}\n", file.label));
        total.add(tally);
    }
    // In one piece, since tests run side by side.
    println!("{table}{:42} {total}", "all");
    assert!(total.pass > 0, "nothing was graded");
    assert_eq!(total.fail, 0, "answers differ; the first of each file are shown above");
}

/// How the cases of one file, or of all, came out.
#[derive(Clone, Copy, Default)]
struct Tally {
    pass: usize,
    fail: usize,
    /// The SDKs disagree; what was decided instead held, or else it counts as a failure.
    disputed: usize,
    not_graded: usize,
}

impl Tally {
    /// The counts, and what was wrong.
    fn of(file: &VectorFile) -> (Self, Vec<String>) {
        let (mut tally, mut faults) = (Self::default(), Vec::new());
        for case in &file.cases {
            match rules::outcome(case) {
                Outcome::Pass => tally.pass += 1,
                Outcome::Disputed => tally.disputed += 1,
                Outcome::NotGraded => tally.not_graded += 1,
                Outcome::Fail(fault) => faults.push(format!("{}: {fault}", rules::name_of(case))),
            }
        }
        tally.fail = faults.len();
        (tally, faults)
    }

    fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.disputed += other.disputed;
        self.not_graded += other.not_graded;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pass, fail, disputed, not_graded } = self;
        write!(f, "pass {pass:5}  fail {fail:4}  disputed {disputed:3}  not graded {not_graded:3}")
    }
}
