//! The manual of Guildhall, built into the program.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../docs"]
struct Manual;

/// Path to bytes of every file of the manual.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    Manual::iter()
        .filter_map(|name| Manual::get(&name).map(|file| (name.into_owned(), file.data.into_owned())))
        .collect()
}
