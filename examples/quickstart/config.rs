//! The config file: its text with the origins and keys filled in, put in place whole.

use std::fs;
use std::io;
use std::path::Path;

use crate::servers::Server;
use crate::services::Key;

/// Writes the config file with the keys of one generation.
pub(crate) fn write(path: &Path, servers: &[Server], generation: u64) -> io::Result<()> {
    let mut text = include_str!("auth.conf").to_owned();
    for server in servers {
        let name = server.service.name;
        let key = Key::new(name, generation);
        for (what, value) in [("origin", &server.origin), ("key_id", &key.id), ("secret", &key.secret)] {
            text = text.replace(&format!("${{{name}.{what}}}"), value);
        }
    }
    // Renamed over the old one, so that nobody ever reads half a file.
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}
