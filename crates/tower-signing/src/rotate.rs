//! A config file and the store it fills, again at each change.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::config::{ConfigFile, Snapshot};
use crate::watch::{self, Applied, Source, Watch};
use crate::{ConfigError, SignerStore};

/// Fills a store from `file` and keeps it up to date while the watch lives. `monitor` is the poll interval,
/// unless the file says one.
pub(crate) fn load_and_watch(
    file: ConfigFile,
    monitor: Duration,
) -> Result<(SignerStore, Watch), ConfigError> {
    let snapshot = file.read();
    let built = file.build(&snapshot)?;
    let store = SignerStore::new(built.signers);
    let interval = built.monitor.unwrap_or(monitor);
    tracing::info!(path = %file.path().display(), generation = 1, "signing credentials loaded");
    let path = file.path().to_owned();
    let rotation = Rotation { file, store: store.clone(), reported: None };
    let watch =
        watch::spawn(rotation, snapshot, interval).map_err(|error| ConfigError::unwatched(&path, &error))?;
    Ok((store, watch))
}

struct Rotation {
    file: ConfigFile,
    store: SignerStore,
    /// The fault that was reported last: the same one in another version of the file is not news, until the file
    /// has been right in between.
    reported: Option<ConfigError>,
}

impl Source for Rotation {
    fn read(&mut self) -> Snapshot {
        self.file.read()
    }

    fn apply(&mut self, snapshot: &Snapshot) -> Applied {
        // A constructor of the user's own may panic; rotation must go on with the next change.
        let built = catch_unwind(AssertUnwindSafe(|| self.file.build(snapshot)));
        match built {
            Ok(Ok(built)) => {
                self.reported = None;
                self.store.replace(built.signers);
                return Applied::Swapped;
            }
            Ok(Err(error)) if self.reported.as_ref() == Some(&error) => {}
            Ok(Err(error)) => {
                let generation = self.store.generation().number;
                tracing::error!(%error, generation, "{REFUSED}");
                self.reported = Some(error);
            }
            Err(_) => {
                let path = self.file.path().display();
                tracing::error!(%path, error = "a method's constructor panicked", "{REFUSED}");
            }
        }
        Applied::Kept
    }

    fn restored(&mut self) {
        self.reported = None;
    }
}

const REFUSED: &str = "new signing configuration refused; the last good one stays in use";
