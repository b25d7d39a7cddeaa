//! What was told of each fault, and how much of it is right.

use std::fmt;

use crate::case::Row;

/// All faults, run or not.
pub(crate) struct Table(pub(crate) Vec<Row>);

/// Of so many that were run, so many are right.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    pub(crate) run: usize,
    pub(crate) right: usize,
}

impl Table {
    /// Of the faults that the answers can tell.
    pub(crate) fn told(&self) -> Share {
        self.share(|row| row.fault.note.is_empty())
    }

    /// Of those that they cannot.
    pub(crate) fn untold(&self) -> Share {
        self.share(|row| !row.fault.note.is_empty())
    }

    /// In how many diagnoses a secret shows.
    pub(crate) fn leaks(&self) -> usize {
        self.0.iter().filter(|row| row.told.as_ref().is_some_and(|told| told.leaks)).count()
    }

    fn share(&self, counts: fn(&&Row) -> bool) -> Share {
        let told = self.0.iter().filter(counts).filter_map(|row| row.told.as_ref());
        told.fold(Share::default(), |share, told| Share {
            run: share.run + 1,
            right: share.right + usize::from(told.is_right),
        })
    }

    pub(crate) fn print(&self) {
        line("method", "refused by", "fault", "expected", "first cause told", "verdict");
        for Row { method, source, fault, told } in &self.0 {
            let name = told.as_ref().map_or("-", |told| told.name);
            let verdict = match told {
                None => "not run",
                Some(told) if told.leaks => "SHOWS A SECRET",
                Some(told) if told.is_right => "right",
                Some(_) => "WRONG",
            };
            line(method, source, fault.what, fault.expected, name, verdict);
            if !fault.note.is_empty() {
                comment(fault.note);
            }
            if let Some(told) = told.as_ref().filter(|told| !told.is_right) {
                comment(&told.sentence);
            }
        }
        let (all, told, untold) = (self.0.len(), self.told(), self.untold());
        println!("\n{all} faults, {} run, {} not run", told.run + untold.run, all - told.run - untold.run);
        println!("that the answers can tell: {}", told);
        println!("that they cannot, and no more is told than is known: {}", untold);
    }
}

impl Share {
    /// Whether at least so many in a hundred are right.
    pub(crate) fn is_at_least(self, percent: usize) -> bool {
        self.right * 100 >= self.run * percent
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, right } = self;
        write!(f, "{right} of {run} are right ({:.1} %)", 100.0 * *right as f64 / *run as f64)
    }
}

fn line(method: &str, source: &str, fault: &str, expected: &str, told: &str, verdict: &str) {
    println!("{method:17} {source:22} {fault:52} {expected:24} {told:24} {verdict}");
}

fn comment(text: &str) {
    println!("{:17} {:22}   ({text})", "", "");
}
