//! A config file with more sections than anybody has.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use signing_core::Registry;
use tempfile::TempDir;
use tower_signing::Signers;

/// Of the file, and of the routes that are measured.
pub(crate) const SECTIONS: usize = 10_000;

pub(crate) struct ManySections {
    path: PathBuf,
    _folder: TempDir,
}

impl ManySections {
    pub(crate) fn write() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut text = String::new();
        for at in 0..SECTIONS {
            write!(
                text,
                "[auth.partner-{at:05}]\n\
                 Match = https://host-{at:05}.partner.example/v1\n\
                 Method = aws-signature-v4\n\
                 AccessKeyId = AKIAIOSFODNN7E{at:06}\n\
                 SecretAccessKey = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAM{at:06}\n\
                 Region = eu-west-1\n\
                 Service = execute-api\n\n"
            )
            .expect("a text takes everything");
        }
        let path = folder.path().join("auth.conf");
        fs::write(&path, text).expect("a folder that can be written to");
        Self { path, _folder: folder }
    }

    pub(crate) fn load(&self) -> Signers {
        let signers = Signers::from_file(&self.path, &Registry::new()).expect("a valid file");
        assert_eq!(signers.names().count(), SECTIONS);
        signers
    }
}
