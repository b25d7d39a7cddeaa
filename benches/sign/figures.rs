//! What is told of a case, and what it may be at most.

use crate::cases::{Case, Who};
use crate::rounds::Rounds;

/// One line of the table.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) nanoseconds: Option<f64>,
    /// A median of ratios or differences.
    pub(crate) value: Option<Value>,
    pub(crate) budget: Option<Budget>,
}

#[derive(Clone, Copy)]
pub(crate) enum Value {
    /// So many times.
    Times(f64, &'static str),
    Nanoseconds(f64),
    Percent(f64, &'static str),
    Seconds(f64),
}

#[derive(Clone, Copy)]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

impl Value {
    fn number(self) -> f64 {
        match self {
            Self::Times(value, _)
            | Self::Nanoseconds(value)
            | Self::Percent(value, _)
            | Self::Seconds(value) => value,
        }
    }

    fn show(self) -> String {
        match self {
            Self::Times(value, of) => format!("{value:.2} × {of}"),
            Self::Nanoseconds(value) => format!("{value:+.0} ns"),
            Self::Percent(value, of) => format!("{value:.1} % {of}"),
            Self::Seconds(value) => format!("{value:.3} s"),
        }
    }
}

impl Figure {
    /// The cells behind the name of the case.
    pub(crate) fn cells(&self) -> String {
        let nanoseconds = self.nanoseconds.map_or(String::new(), |value| format!("{value:.0}"));
        let value = self.value.map_or(String::new(), Value::show);
        let (budget, verdict) = match (self.value.map(Value::number), self.budget) {
            (Some(value), Some(Budget::AtMost(most))) => (format!("≤ {most}"), value <= most),
            (Some(value), Some(Budget::AtLeast(least))) => (format!("≥ {least}"), value >= least),
            _ => return format!("{} | {nanoseconds} | {value} | | ", self.what),
        };
        let verdict = if verdict { "ok" } else { "**over**" };
        format!("{} | {nanoseconds} | {value} | {budget} | {verdict}", self.what)
    }
}

/// `Signer::sign` ÷ the raw hash; `aws-sigv4` and `reqsign` ÷ `Signer::sign`.
const RATIOS: &[(&str, f64, f64, f64)] = &[("a", 1.7, 9.0, 7.5), ("b", 1.45, 5.5, 4.7), ("c", 2.4, 6.0, 6.0)];
/// Of the methods h ÷ their raw MAC.
const OTHERS: f64 = 2.0;
/// In percent of the raw hash's throughput.
const HASHING: f64 = 97.0;
const CHUNKED: f64 = 95.0;
/// In nanoseconds: what the layer adds to `Signer::sign` in case a, and what many routes add.
const LAYER: f64 = 150.0;
const ROUTES: f64 = 100.0;

/// All figures of one case.
pub(crate) fn figures(case: &Case, rounds: &Rounds) -> Vec<Figure> {
    case.contenders.iter().map(|&(who, _)| figure(case.key, who, rounds)).collect()
}

fn figure(key: &str, who: Who, rounds: &Rounds) -> Figure {
    let limits = RATIOS.iter().find(|(of, ..)| *of == key);
    let times = |ratio: Option<f64>, of| ratio.map(|ratio| Value::Times(ratio, of));
    let is_long = matches!(key, "d" | "e");
    let throughput = || {
        let ratio = rounds.ratio(Who::Raw, who);
        ratio.map(|ratio| Value::Percent(ratio * 100.0, "of raw"))
    };
    let (value, budget) = match who {
        Who::Raw | Who::Constant => (None, None),
        Who::Signer | Who::Service if is_long => {
            let least = if key == "e" { CHUNKED } else { HASHING };
            (throughput(), Some(Budget::AtLeast(least)))
        }
        Who::Signer => {
            let others = key.starts_with('h').then_some(OTHERS);
            let most = limits.map(|&(_, most, ..)| most).or(others);
            (times(rounds.ratio(Who::Signer, Who::Raw), "raw"), most.map(Budget::AtMost))
        }
        Who::Service => {
            let added = rounds.difference(Who::Service, Who::Signer);
            (added.map(Value::Nanoseconds), (key == "a").then_some(Budget::AtMost(LAYER)))
        }
        Who::Routed => {
            let added = rounds.difference(Who::Routed, Who::Service);
            (added.map(Value::Nanoseconds), Some(Budget::AtMost(ROUTES)))
        }
        Who::Diagnosed => (rounds.difference(who, Who::Service).map(Value::Nanoseconds), None),
        Who::Signed => (rounds.difference(who, Who::Constant).map(Value::Nanoseconds), None),
        Who::AwsSigv4 => {
            let least = limits.map(|&(_, _, least, _)| Budget::AtLeast(least));
            (times(rounds.ratio(who, Who::Signer), "ours"), least)
        }
        Who::Reqsign => {
            let least = limits.map(|&(_, _, _, least)| Budget::AtLeast(least));
            (times(rounds.ratio(who, Who::Signer), "ours"), least)
        }
    };
    Figure { what: name(who).to_owned(), nanoseconds: rounds.nanoseconds(who), value, budget }
}

pub(crate) fn name(who: Who) -> &'static str {
    match who {
        Who::Raw => "raw hash",
        Who::Signer => "`Signer`",
        Who::Service => "`SigningService`",
        Who::Routed => "`SigningService`, 10,000 sections",
        Who::Diagnosed => "`SigningService` below `DiagnoseService`",
        Who::Constant => "hyper, constant headers",
        Who::Signed => "hyper, signed",
        Who::AwsSigv4 => "`aws-sigv4`",
        Who::Reqsign => "`reqsign`",
    }
}
