//! What is measured: requests, and all who sign them. `benches/sign` times them, `benches/counts` counts.

mod aws;
mod chosen;
mod file;
mod others;
pub(crate) mod peers;
pub(crate) mod raw;
mod routes;
pub(crate) mod service;
mod stream;
mod wire;

use std::mem;

use http::HeaderMap;
use http::request::Parts;

pub(crate) use aws::{AwsCase, aws_cases};
pub(crate) use chosen::Chosen;
pub(crate) use file::{ManySections, SECTIONS};
pub(crate) use others::other_cases;
pub(crate) use routes::routed;
pub(crate) use stream::stream;
pub(crate) use wire::wire;

/// The instant that our own signatures have. The peers that read the clock are checked at theirs.
pub(crate) const NOW: i64 = 1_709_210_096;

/// One request, and those who sign it. Each signature was checked when this was made.
pub(crate) struct Case {
    /// One letter, and a number where a letter has several.
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) contenders: Vec<(Who, Box<dyn Contender>)>,
}

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The hashes that no signer can save, with cached key states.
    Raw,
    /// `Signer::sign`, or `Signer::presign`.
    Signer,
    /// `SigningService::call` to completion, over a service that does nothing.
    Service,
    /// The same with a section for each of [`SECTIONS`] hosts.
    Routed,
    /// `SigningService` below a `DiagnoseService`, of which nothing is refused.
    Diagnosed,
    /// A hyper client over loopback, its requests bearing constant headers.
    Constant,
    /// The same client below the layer.
    Signed,
    /// The crate `aws-sigv4`.
    AwsSigv4,
    /// The crates `reqsign-core` and `reqsign-aws-v4`.
    Reqsign,
}

/// What is done again and again, each time to a fresh input.
pub(crate) trait Contender: Send {
    /// Makes `count` inputs, gives `measure` the work on all of them, and drops the outcome afterwards: neither
    /// making a request nor dropping it is measured, of nobody.
    fn run(&mut self, count: usize, measure: &mut dyn FnMut(&mut dyn FnMut()));
}

/// A contender by its two parts.
pub(crate) struct Each<M, W> {
    pub(crate) make: M,
    pub(crate) work: W,
}

impl<T, O, M, W> Contender for Each<M, W>
where
    M: FnMut() -> T + Send,
    W: FnMut(&mut T) -> O + Send,
{
    fn run(&mut self, count: usize, measure: &mut dyn FnMut(&mut dyn FnMut())) {
        let mut inputs: Vec<T> = (0..count).map(|_| (self.make)()).collect();
        let mut outcomes = Vec::with_capacity(count);
        measure(&mut || {
            for input in &mut inputs {
                outcomes.push(std::hint::black_box((self.work)(std::hint::black_box(input))));
            }
        });
    }
}

/// Room for what a client adds below, and for what a signature adds.
pub(crate) fn make_room(head: &mut Parts) {
    const ROOM: usize = 8;
    // Reserving is not enough: a clone's entries have no room, and the map counts by its index.
    let mut headers = HeaderMap::with_capacity(head.headers.len() + ROOM);
    headers.extend(mem::take(&mut head.headers));
    head.headers = headers;
}
