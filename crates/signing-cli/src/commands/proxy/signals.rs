//! The signals that end the proxy.

use tokio::signal;

use crate::failure::Failure;

/// SIGTERM and SIGINT; where there are none, Ctrl-C.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on they no longer end the process by themselves.
    pub(super) fn new() -> Result<Self, Failure> {
        use signal::unix::{SignalKind, signal};
        let listen =
            |kind| signal(kind).map_err(|error| Failure::usage(format!("no signals can be had: {error}")));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// The next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) {
        if signal::ctrl_c().await.is_err() {
            // Nobody can be told to stop: the process has to be ended.
            std::future::pending::<()>().await;
        }
    }
}
