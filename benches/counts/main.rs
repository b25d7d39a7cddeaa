//! Allocations and instructions of one signature: figures that do not depend on what else the machine does.
//!
//! `cargo bench --bench counts` prints a table and fails where a count is above its ceiling (`ceilings.rs`).
//! Behind `--`, `a b` takes these cases only, `peers` counts the others, too, which have no ceilings, and `functions`
//! tells where the instructions are.
//!
//! Allocations are counted by an allocator. Instructions are counted by callgrind, under which the program runs
//! itself; without `valgrind` they are left out, and with `--strict` that is an error. Instructions inside the
//! hash are not ours: those of the block function are counted apart, as blocks.

#[path = "../sign/cases/mod.rs"]
mod cases;

mod allocations;
mod callgrind;
mod ceilings;

use std::fmt;
use std::process::ExitCode;

use cases::{
    AwsCase, Case, Chosen, Contender, ManySections, SECTIONS, Who, aws_cases, other_cases, routed, stream,
    wire,
};

use allocations::Allocations;
use ceilings::ceiling;

/// What is kept from one signature to the next is in place after so many.
const WARM_UP: usize = 16;
const BATCH: usize = 16;
/// So many batches where one request is not like the next: hyper makes a new buffer every twenty or so.
const BATCHES_OVER_LOOPBACK: usize = 128;
/// Bytes of the stream: as many as the body in memory of case d.
const STREAM: usize = 1024 * 1024;
/// So many of the costliest are told.
const FUNCTIONS: usize = 25;

/// What the words behind `--` ask for.
struct Asked {
    chosen: Chosen,
    strict: bool,
    functions: bool,
    peers: bool,
}

fn main() -> ExitCode {
    // `cargo bench` adds a flag of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let outcome = match words.split_first() {
        Some((word, words)) if word == callgrind::UNDER => Asked::parse(words).map(|asked| {
            callgrind::run_under(asked.cases());
            true
        }),
        _ => Asked::parse(&words).and_then(|asked| report(&asked, &words)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Asked {
    fn parse(words: &[String]) -> Result<Self, String> {
        let has = |flag: &str| words.iter().any(|word| word == flag);
        let is_key = |word: &&String| !matches!(word.as_str(), "--strict" | "functions" | "peers");
        Ok(Self {
            chosen: Chosen::parse(words.iter().filter(is_key).cloned(), &[])?,
            strict: has("--strict"),
            functions: has("functions"),
            peers: has("peers"),
        })
    }

    fn cases(&self) -> Vec<Case> {
        let mut aws = aws_cases();
        let mut cases = Vec::new();
        if self.chosen.has("r") {
            cases.push(routed(&aws[0]));
        }
        if self.chosen.has("w") {
            cases.push(wire(&aws[0]));
        }
        if self.chosen.has("e") {
            cases.push(stream(STREAM));
        }
        if self.chosen.has("h") {
            cases.extend(other_cases());
        }
        aws.retain(|case| self.chosen.has(case.key()));
        cases.extend(aws.into_iter().map(AwsCase::checked));
        cases.sort_by_key(|case| case.key);
        for case in &mut cases {
            case.contenders.retain(|(who, _)| self.peers || !matches!(who, Who::AwsSigv4 | Who::Reqsign));
        }
        cases
    }
}

/// How often [`BATCH`] signatures are counted.
fn batches(key: &str) -> usize {
    if key == "w" { BATCHES_OVER_LOOPBACK } else { 1 }
}

/// Prints the table, and tells whether every count keeps its ceiling.
fn report(asked: &Asked, words: &[String]) -> Result<bool, String> {
    let mut contenders: Vec<_> = asked
        .cases()
        .into_iter()
        .flat_map(|case| case.contenders.into_iter().map(move |(who, by)| (case.key, case.title, who, by)))
        .collect();
    let counted: Vec<_> = contenders.iter().map(|&(key, ..)| batches(key)).collect();
    let instructions = callgrind::count(words, &counted)?;
    if instructions.is_none() {
        let message = "valgrind is missing: instructions are not counted";
        if asked.strict {
            return Err(message.to_owned());
        }
        eprintln!("{message}");
    }
    let mut instructions = instructions.into_iter().flatten();
    let mut is_kept = true;
    let mut on_the_wire = Vec::new();
    println!(
        "| case | who | allocations | ceiling | instructions outside the hash | ceiling | blocks hashed |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    for (key, title, who, contender) in &mut contenders {
        let allocations = Allocations::of(contender.as_mut(), batches(key)).for_each();
        let counted = instructions.next();
        let ceiling = ceiling(key, *who);
        let allocations = Count { value: Some(allocations), ceiling: ceiling.allocations };
        let outside = counted.as_ref().map(|counted| counted.outside_the_hash);
        let outside = Count { value: outside, ceiling: ceiling.instructions };
        let blocks = Count { value: counted.as_ref().map(|counted| counted.blocks), ceiling: None };
        println!("| {key}: {title} | {who:?} | {allocations} | {outside} | {} |", blocks.shown());
        is_kept &= allocations.is_kept() && outside.is_kept();
        if *key == "w" {
            on_the_wire.extend(outside.value.map(|value| (*who, value)));
        }
        if asked.functions {
            for (name, cost) in counted.iter().flat_map(|counted| &counted.functions).take(FUNCTIONS) {
                println!("{cost:9.0} {name}");
            }
        }
    }
    let of = |who| on_the_wire.iter().find(|(by, _)| *by == who).map(|&(_, value)| value);
    if let (Some(signer), Some(constant), Some(signed)) =
        (of(Who::Signer), of(Who::Constant), of(Who::Signed))
    {
        let added = signed - constant;
        let percent =
            Count { value: Some(added / signer * 100.0), ceiling: Some(ceilings::PERCENT_ON_THE_WIRE) };
        println!("\n| w | instructions | percent of `Signer` | ceiling |\n| --- | ---: | ---: | ---: |");
        println!("| what signing adds to a request of hyper | {added:.0} | {percent} |");
        is_kept &= percent.is_kept();
    }
    if asked.chosen.has("load") {
        let bytes = allocations::bytes_of(|| ManySections::write().load()) as f64 / SECTIONS as f64;
        let bytes = Count { value: Some(bytes), ceiling: Some(ceilings::BYTES_OF_SECTION) };
        println!("\n| load | bytes | ceiling |\n| --- | ---: | ---: |");
        println!("| each of {SECTIONS} sections | {bytes} |");
        is_kept &= bytes.is_kept();
    }
    Ok(is_kept)
}

/// Two cells of the table.
struct Count {
    value: Option<f64>,
    ceiling: Option<u32>,
}

impl Count {
    fn is_kept(&self) -> bool {
        // What is not counted is complained of elsewhere. An average may not hide half an allocation.
        !self.value.zip(self.ceiling).is_some_and(|(value, ceiling)| value > f64::from(ceiling))
    }

    fn shown(&self) -> String {
        self.value.map_or("–".to_owned(), |value| format!("{value:.0}"))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ceiling = self.ceiling.map_or(String::new(), |ceiling| ceiling.to_string());
        let verdict = if self.is_kept() { "" } else { " **over**" };
        write!(f, "{} | {ceiling}{verdict}", self.shown())
    }
}
