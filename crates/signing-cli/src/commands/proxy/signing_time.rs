//! How long signing takes.

use std::cell::Cell;
use std::time::{Instant, SystemTime};

use prometheus_client::metrics::histogram::Histogram;
use tower_signing::SigningLayerBuilder;

/// From the moment when the layer asks for the time, which is when it begins to sign a head, to that when it calls the
/// service below. Between the two there is the signature, on one thread, and no waiting: neither the body nor the
/// network.
#[derive(Clone, Debug)]
pub(super) struct SigningTime(Histogram);

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl Default for SigningTime {
    fn default() -> Self {
        Self(Histogram::new([2e-6, 5e-6, 10e-6, 20e-6, 50e-6, 100e-6, 1e-3, 10e-3]))
    }
}

impl SigningTime {
    /// Has the layer tell when it begins.
    pub(super) fn clock(&self, builder: SigningLayerBuilder) -> SigningLayerBuilder {
        builder.clock(|| {
            BEGAN.set(Some(Instant::now()));
            SystemTime::now()
        })
    }

    /// Above the layer: what is left is of a request that could not be signed. One that passes unsigned is not to
    /// take it for its own.
    pub(super) fn forget() {
        BEGAN.take();
    }

    /// Below the layer: a request is about to be sent, signed or passed through.
    pub(super) fn observe(&self) {
        if let Some(began) = BEGAN.take() {
            self.0.observe(began.elapsed().as_secs_f64());
        }
    }

    pub(super) fn histogram(&self) -> &Histogram {
        &self.0
    }
}
