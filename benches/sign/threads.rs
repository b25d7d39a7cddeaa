//! Two threads that sign with one signer.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use crate::cases::peers::Reqsign;
use crate::cases::{AwsCase, Contender, Who, raw};
use crate::figures::{Budget, Figure, Value, name};
use crate::rounds::{Effort, median, turn};

/// Of the scaling of the raw hash.
const SCALING: f64 = 0.95;
/// So many times as long as others take: beside such turns it is nothing that two threads do not end at once.
const LONGER: u32 = 4;

/// One for each thread.
struct Pair {
    who: Who,
    contenders: [Box<dyn Contender>; 2],
}

fn pairs(case: &AwsCase) -> Vec<Pair> {
    let signer = Arc::new(case.signer());
    let reqsign = Reqsign::new(case);
    vec![
        Pair { who: Who::Raw, contenders: [raw::of_aws(case), raw::of_aws(case)] },
        Pair { who: Who::Signer, contenders: [case.ours(Arc::clone(&signer)), case.ours(signer)] },
        Pair { who: Who::Reqsign, contenders: [reqsign.clone().contender(case), reqsign.contender(case)] },
    ]
}

/// How much more two threads do than one, of each contender, and that divided by what it is for the raw hash.
pub(crate) fn figures(case: &AwsCase, effort: Effort) -> Vec<Figure> {
    let turn = effort.turn * LONGER;
    let mut pairs = pairs(case);
    let mut scalings: Vec<(Who, Vec<f64>)> = pairs.iter().map(|pair| (pair.who, Vec::new())).collect();
    let count = pairs.len();
    for round in 0..effort.rounds {
        for place in 0..count {
            let at = (round + place) % count;
            scalings[at].1.push(scaling(&mut pairs[at], turn));
        }
    }
    let raw = scalings[0].1.clone();
    let figure = |(who, scalings): (Who, Vec<f64>)| {
        let compared = median(scalings.iter().zip(&raw).map(|(ours, raw)| ours / raw));
        let what = format!("{}: {:.2} × one thread", name(who), median(scalings.into_iter()));
        let is_ours = who == Who::Signer;
        Figure {
            what,
            nanoseconds: None,
            value: (who != Who::Raw).then_some(Value::Times(compared, "raw")),
            budget: is_ours.then_some(Budget::AtLeast(SCALING)),
        }
    };
    scalings.into_iter().map(figure).collect()
}

/// What two threads do in the time in which one does one.
fn scaling(pair: &mut Pair, at_least: Duration) -> f64 {
    let alone = turn(pair.contenders[0].as_mut(), at_least).typical;
    let barrier = Barrier::new(2);
    let together = |contender: &mut dyn Contender| {
        barrier.wait();
        turn(contender, at_least).typical
    };
    let [one, other] = &mut pair.contenders;
    let [one, other] = thread::scope(|scope| {
        let there = scope.spawn(|| together(other.as_mut()));
        let here = together(one.as_mut());
        [here, there.join().expect("a thread that does not panic")]
    });
    alone / one + alone / other
}
