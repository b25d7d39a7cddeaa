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

#[cfg(test)]
mod tests {
    use super::*;
    use signing_core::{Changes, Method, Registry, SignError, SigningRequest};
    use std::fs;
    use tempfile::TempDir;

    struct Fragile;

    impl Method for Fragile {
        fn sign(&self, _: &SigningRequest<'_>, _: &mut Changes) -> Result<(), SignError> {
            Ok(())
        }
    }

    /// A rotation of one file, with a method whose constructor panics on `Key = panic`.
    fn rotation() -> (TempDir, Rotation) {
        let folder = tempfile::tempdir().unwrap();
        let mut registry = Registry::empty();
        let constructor = |params: &mut signing_core::ParamReader<'_>| {
            assert!(params.text("Key")? != "panic", "a fragile constructor");
            Ok(Fragile)
        };
        registry.register("fragile", constructor).unwrap();
        let file = ConfigFile::new(&folder.path().join("auth.conf"), registry, true);
        (folder, Rotation { file, store: SignerStore::new(crate::Signers::new()), reported: None })
    }

    fn apply(folder: &TempDir, rotation: &mut Rotation, key: &str) -> Applied {
        let text = format!("[auth]\nMethod = fragile\nKey = {key}\n");
        fs::write(folder.path().join("auth.conf"), text).unwrap();
        let snapshot = rotation.read();
        rotation.apply(&snapshot)
    }

    #[test]
    fn a_constructor_that_panics_does_not_end_rotation() {
        let (folder, mut rotation) = rotation();
        assert_eq!(apply(&folder, &mut rotation, "panic"), Applied::Kept);
        assert_eq!(rotation.store.generation().number, 1);
        assert_eq!(apply(&folder, &mut rotation, "good"), Applied::Swapped);
        assert_eq!(rotation.store.generation().number, 2);
    }

    #[test]
    fn a_fault_is_news_again_after_the_file_was_right() {
        let (folder, mut rotation) = rotation();
        assert_eq!(apply(&folder, &mut rotation, ""), Applied::Kept);
        assert!(rotation.reported.is_some());
        rotation.restored();
        assert!(rotation.reported.is_none());
        apply(&folder, &mut rotation, "");
        apply(&folder, &mut rotation, "good");
        assert!(rotation.reported.is_none());
    }
}
