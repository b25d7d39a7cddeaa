//! Contenders take turns, and are compared within each round: a machine whose speed drifts slows them alike.

use std::time::{Duration, Instant};

use crate::cases::{Case, Contender, Who};

/// So few that fresh inputs stay in the nearest cache, and so many that reading the clock is lost among them.
const BATCH: usize = 16;
/// Whatever takes longer than this is done one by one.
const LONG: Duration = Duration::from_micros(50);

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Of each contender in each round, at least.
    pub(crate) turn: Duration,
}

/// Nanoseconds of each contender in each round.
pub(crate) struct Rounds {
    contenders: Vec<(Who, Vec<f64>)>,
}

impl Rounds {
    pub(crate) fn of(case: &mut Case, effort: Effort) -> Self {
        let mut contenders: Vec<_> = case.contenders.iter().map(|&(who, _)| (who, Vec::new())).collect();
        let count = contenders.len();
        // Caches, branch predictors and what is kept from one signature to the next.
        for (_, contender) in &mut case.contenders {
            turn(contender.as_mut(), effort.turn);
        }
        for round in 0..effort.rounds {
            for place in 0..count {
                let at = (round + place) % count;
                let turn = turn(case.contenders[at].1.as_mut(), effort.turn);
                contenders[at].1.push(turn.typical);
            }
        }
        Self { contenders }
    }

    fn times(&self, who: Who) -> Option<&[f64]> {
        self.contenders.iter().find(|(of, _)| *of == who).map(|(_, times)| times.as_slice())
    }

    /// The median of its nanoseconds.
    pub(crate) fn nanoseconds(&self, who: Who) -> Option<f64> {
        self.times(who).map(|times| median(times.iter().copied()))
    }

    /// The median of `above` divided by `below`, round by round.
    pub(crate) fn ratio(&self, above: Who, below: Who) -> Option<f64> {
        self.compare(above, below, |above, below| above / below)
    }

    /// The median of what `above` takes longer than `below`, in nanoseconds.
    pub(crate) fn difference(&self, above: Who, below: Who) -> Option<f64> {
        self.compare(above, below, |above, below| above - below)
    }

    fn compare(&self, above: Who, below: Who, by: impl Fn(f64, f64) -> f64) -> Option<f64> {
        let pairs = self.times(above)?.iter().zip(self.times(below)?);
        Some(median(pairs.map(|(&above, &below)| by(above, below))))
    }
}

/// What one run took, of as many as fill a turn.
pub(crate) struct Turn {
    /// The median of the batches: it does not see that the system let others run meanwhile.
    pub(crate) typical: f64,
    /// All of them: what happens now and then counts, too.
    pub(crate) mean: f64,
}

/// One contender's turn.
pub(crate) fn turn(contender: &mut dyn Contender, at_least: Duration) -> Turn {
    let mut time = |count: usize| {
        let mut elapsed = Duration::ZERO;
        contender.run(count, &mut |work| {
            let start = Instant::now();
            work();
            elapsed = start.elapsed();
        });
        elapsed
    };
    // The first run tells how many make a batch.
    let count = if time(1) < LONG { BATCH } else { 1 };
    let mut batches = Vec::new();
    let mut spent = Duration::ZERO;
    while spent < at_least {
        let batch = time(count);
        spent += batch;
        batches.push(batch.as_nanos() as f64 / count as f64);
    }
    let mean = batches.iter().sum::<f64>() / batches.len() as f64;
    Turn { typical: median(batches.into_iter()), mean }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
