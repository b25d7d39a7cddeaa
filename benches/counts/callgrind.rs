//! Instructions, counted by running this program under callgrind.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::cases::{Case, Contender};
use crate::{BATCH, WARM_UP, batches};

/// The functions that hash blocks, once compiled. Valgrind has no SHA extensions, so it is the portable one.
const BLOCK_FUNCTIONS: [&str; 2] = ["sha2::sha256::soft::", "sha2::sha256::compress256"];
/// The first word where this program is the one that is counted.
pub(crate) const UNDER: &str = "--under-callgrind";
const BLOCKS_TO_CALIBRATE: usize = 100;

/// Of one signature.
pub(crate) struct Instructions {
    pub(crate) outside_the_hash: f64,
    pub(crate) blocks: f64,
    /// What each function executes itself, the costliest first.
    pub(crate) functions: Vec<(String, f64)>,
}

/// What callgrind counts: whatever runs below this function.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    black_box(work)();
}

/// Where callgrind writes down what it has counted, and begins anew.
#[inline(never)]
fn contender_ends_here(at: usize) -> usize {
    black_box(at)
}

/// The part of the program that runs under callgrind.
pub(crate) fn run_under(cases: Vec<Case>) {
    // The padding makes the last block.
    let calibration = vec![7; BLOCKS_TO_CALIBRATE * 64 - 9];
    counted_by_callgrind(&mut || _ = black_box(Sha256::digest(black_box(&calibration))));
    contender_ends_here(0);
    let contenders = cases.into_iter().flat_map(|case| {
        let batches = batches(case.key);
        case.contenders.into_iter().map(move |(_, contender)| (batches, contender))
    });
    for (at, (batches, mut contender)) in contenders.enumerate() {
        count_one(contender.as_mut(), batches);
        contender_ends_here(at + 1);
    }
}

fn count_one(contender: &mut dyn Contender, batches: usize) {
    contender.run(WARM_UP, &mut |work| work());
    for _ in 0..batches {
        contender.run(BATCH, &mut counted_by_callgrind);
    }
}

/// Counts the contenders of the cases that `words` choose, in their order, so many batches of each. `None`: there is no
/// valgrind.
pub(crate) fn count(words: &[String], batches: &[usize]) -> Result<Option<Vec<Instructions>>, String> {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(|error| format!("no folder for callgrind: {error}"))?;
    let program = std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--combine-dumps=no"])
        .args(["--compress-strings=no", "--compress-pos=no", "--dump-line=no"])
        .arg("--toggle-collect=*counted_by_callgrind*")
        .arg("--dump-after=*contender_ends_here*")
        .arg(format!("--callgrind-out-file={}", folder.path().join("out").display()))
        // glibc keeps what was freed in lists of this length at most, and beyond that does what depends on all before.
        .env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=1024")
        .arg(program)
        .arg(UNDER)
        .args(words)
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind fails:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let dumps = (1..).map(|at| folder.path().join(format!("out.{at}"))).take_while(|path| path.exists());
    let mut dumps = dumps.map(|path| Dump::read(&path)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let calibration = dumps.next().ok_or("callgrind has written nothing")?;
    if calibration.hash == 0 {
        return Err("callgrind has not seen the hash's block function: has its name changed?".to_owned());
    }
    if dumps.len() != batches.len() {
        return Err(format!("callgrind has counted {} contenders of {}", dumps.len(), batches.len()));
    }
    let instructions_per_block = calibration.hash as f64 / BLOCKS_TO_CALIBRATE as f64;
    let counted = dumps.zip(batches).map(|(dump, batches)| {
        let for_each = |cost: u64| cost as f64 / (batches * BATCH) as f64;
        Instructions {
            outside_the_hash: for_each(dump.all - dump.hash),
            blocks: for_each(dump.hash) / instructions_per_block,
            functions: dump.functions.into_iter().map(|(name, cost)| (name, for_each(cost))).collect(),
        }
    });
    Ok(Some(counted.collect()))
}

/// The sums of one file that callgrind wrote.
struct Dump {
    all: u64,
    hash: u64,
    functions: Vec<(String, u64)>,
}

impl Dump {
    fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("callgrind's file: {error}"))?;
        let costs = costs_by_function(&text);
        let of_hash = |name: &str| BLOCK_FUNCTIONS.iter().any(|function| name.contains(function));
        let all = costs.values().sum();
        let hash = costs.iter().filter(|(name, _)| of_hash(name)).map(|(_, cost)| cost).sum();
        let mut functions: Vec<_> = costs.into_iter().map(|(name, cost)| (name.to_owned(), cost)).collect();
        functions.sort_by_key(|&(_, cost)| std::cmp::Reverse(cost));
        Ok(Self { all, hash, functions })
    }
}

/// What each function costs itself. A line of numbers belongs to the function named above it, but the one after
/// `calls=` is what the callee costs.
fn costs_by_function(text: &str) -> HashMap<&str, u64> {
    let mut costs = HashMap::new();
    let mut function = "";
    let mut is_of_callee = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = name;
        } else if line.starts_with("calls=") {
            is_of_callee = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            if !std::mem::take(&mut is_of_callee) {
                *costs.entry(function).or_insert(0) += cost;
            }
        }
    }
    costs
}
