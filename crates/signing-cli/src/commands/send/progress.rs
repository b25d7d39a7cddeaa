//! How far a long body is, for who watches.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// Below this, a body is through before anybody could read a bar.
const LONG: u64 = 1024 * 1024;

/// Whether bars are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    is_on: bool,
}

/// One bar; it appears once the body has proved long, and goes away when it is dropped.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// On standard error, if that is a terminal.
    pub(super) fn new(wanted: bool) -> Self {
        Self { is_on: wanted && io::stderr().is_terminal() }
    }

    pub(super) fn bar(self, what: &'static str, length: Option<u64>) -> Bar {
        if !self.is_on || length.is_some_and(|length| length < LONG) {
            return Bar { bar: None };
        }
        let template = match length {
            Some(_) => "{msg} {bytes} of {total_bytes} [{bar:30}] {bytes_per_sec}, {eta} left",
            None => "{msg} {bytes}, {bytes_per_sec}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message(what)
            .with_finish(ProgressFinish::AndClear);
        Bar { bar: Some(bar) }
    }
}

impl Bar {
    pub(super) fn advance(&self, bytes: usize) {
        let Some(bar) = &self.bar else { return };
        bar.inc(bytes as u64);
        if bar.is_hidden() && bar.position() >= LONG {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}
