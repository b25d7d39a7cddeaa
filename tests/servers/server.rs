//! Where a server listens, and which key it knows.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::sync::Mutex;
use std::{env, fs};

/// A server that `run.sh` has started.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) endpoint: String,
    pub(crate) key_id: String,
    pub(crate) secret: String,
}

pub(crate) const MINISTACK: &str = "MINISTACK";
pub(crate) const S3S_FS: &str = "S3S_FS";
pub(crate) const AZURITE: &str = "AZURITE";

impl Server {
    /// `None` if it does not run, which is told.
    pub(crate) fn running(name: &'static str) -> Option<Self> {
        let variable = format!("SIGNING_SERVER_{name}");
        let Some(path) = env::var_os(&variable) else {
            leave_out(&format!("tests against {name}: {variable} is not set"));
            return None;
        };
        let text = fs::read_to_string(path).unwrap();
        let mut values: HashMap<_, _> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key, value.to_owned()))
            .collect();
        let mut take = |key: &str| values.remove(key).unwrap_or_else(|| panic!("{variable}: no {key}"));
        Some(Self {
            name,
            endpoint: take("ENDPOINT"),
            key_id: take("ACCESS_KEY_ID"),
            secret: take("SECRET_ACCESS_KEY"),
        })
    }
}

/// Tells once what is not tested.
pub(crate) fn leave_out(what: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap().insert(what.to_owned()) {
        tell(&format!("left out: {what} (tests/servers/run.sh sets it)"));
    }
}

/// Writes a line that is seen when the test passes, too.
pub(crate) fn tell(line: &str) {
    // Unlike `eprintln!`, which the test harness holds back.
    io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
