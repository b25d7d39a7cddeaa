//! Credentials that are replaced all the time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tower_signing::SigningLayer;

use crate::cases::{AwsCase, service};
use crate::figures::{Budget, Figure, Value};
use crate::rounds::{Effort, median, turn};

const EVERY: Duration = Duration::from_millis(1);
/// A turn holds so many of them.
const SWAPS: u32 = 20;
/// In percent.
const SLOWER: f64 = 3.0;

/// The layer while another thread replaces its signers 1,000 times a second, against the same in peace.
pub(crate) fn figures(case: &AwsCase, effort: Effort) -> Vec<Figure> {
    let layer = SigningLayer::new(case.signer());
    let store = layer.store().clone();
    let mut contender = service::over(case, layer);
    let (is_swapping, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let turn_of_swaps = EVERY * SWAPS;
    let mut times = [const { Vec::new() }; 2];
    let mut swaps = 0_u32;
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut swaps = 0_u32;
            let mut next = Instant::now();
            while !is_over.load(Ordering::Relaxed) {
                next += EVERY;
                thread::sleep(next.saturating_duration_since(Instant::now()));
                if is_swapping.load(Ordering::Relaxed) {
                    store.replace(case.signer());
                    swaps += 1;
                }
            }
            swaps
        });
        turn(contender.as_mut(), effort.turn);
        for round in 0..effort.rounds {
            for place in 0..2 {
                let at = (round + place) % 2;
                is_swapping.store(at == 1, Ordering::Relaxed);
                times[at].push(turn(contender.as_mut(), turn_of_swaps).mean);
            }
        }
        is_over.store(true, Ordering::Relaxed);
        swaps = swapper.join().expect("a thread that does not panic");
    });
    assert!(swaps > 0, "nothing was replaced");
    let [calm, swapped] = &times;
    let slower = median(calm.iter().zip(swapped).map(|(calm, swapped)| (swapped / calm - 1.0) * 100.0));
    vec![Figure {
        what: "`SigningService`, 1,000 swaps a second".to_owned(),
        nanoseconds: Some(median(swapped.iter().copied())),
        value: Some(Value::Percent(slower, "slower")),
        budget: Some(Budget::AtMost(SLOWER)),
    }]
}
