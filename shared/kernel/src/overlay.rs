//! A project's own theme files and whether the built-in ones they were made from have moved on.
//!
//! An overlay begins with a comment that holds `guildhall HASH`, the hash of the built-in file it was copied from;
//! [`begin`] writes it. After an upgrade [`standing`] says which overlays lag behind.

use std::path::Path;

use crate::theme::{built_in, files_below, hash};

/// How an overlay stands to the built-in file of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no built-in file of this name.
    Own,
    /// Made from the built-in file as it is now.
    Fresh,
    /// Made from an older built-in file; what changed there is not in the overlay.
    Behind { made_from: String, now: String },
    /// Nothing in the file says what it was made from.
    Unmarked { now: String },
}

/// One file of the project's own theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    pub name: String,
    pub standing: Standing,
}

impl Overlay {
    /// What the administrator should know, and the mend; nothing when all is well.
    pub fn complaint(&self) -> Option<(String, String)> {
        let name = &self.name;
        match &self.standing {
            Standing::Own | Standing::Fresh => None,
            Standing::Behind { made_from, now } => Some((
                format!("The theme file {name} was made from {made_from}, and the built-in one is {now} now."),
                format!(
                    "`guildhall theme show {name}` prints the built-in one: take over what changed, and write {now} into \
                     the first line of yours."
                ),
            )),
            Standing::Unmarked { now } => Some((
                format!("The theme file {name} does not say which built-in file it was made from."),
                format!(
                    "Write \"guildhall {now}\" into a comment in its first line when it was made from the one of this \
                     version."
                ),
            )),
        }
    }
}

/// The standing of every file of the overlay folder, by name.
pub fn standing(folder: &Path) -> std::io::Result<Vec<Overlay>> {
    let mut overlays = Vec::new();
    for (name, bytes) in files_below(folder)? {
        let standing = match built_in(&name) {
            None => Standing::Own,
            // A colour or an icon replaces the built-in one by design.
            Some(_) if matches!(name.as_str(), "static/accent.css" | "static/icon.svg") => Standing::Fresh,
            Some(now) if now == bytes => Standing::Fresh,
            Some(now) => compare(&bytes, hash(&now)),
        };
        overlays.push(Overlay { name, standing });
    }
    Ok(overlays)
}

fn compare(overlay: &[u8], now: String) -> Standing {
    let first = String::from_utf8_lossy(overlay.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
    match first
        .split_once("guildhall ")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>())
    {
        Some(made_from) if made_from == now => Standing::Fresh,
        Some(made_from) if made_from.len() == now.len() => Standing::Behind { made_from, now },
        _ => Standing::Unmarked { now },
    }
}

/// Copies a built-in file into the overlay folder, marked with what it was made from. An overlay that is there stays.
pub fn begin(folder: &Path, name: &str) -> std::io::Result<()> {
    let missing =
        || std::io::Error::new(std::io::ErrorKind::NotFound, format!("The built-in theme has no file {name}."));
    let bytes = built_in(name).ok_or_else(missing)?;
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mark = format!("guildhall {}", hash(&bytes));
    let line = match name.rsplit('.').next() {
        Some("css" | "js") => format!("/* {mark} */\n"),
        Some("svg") => format!("<!-- {mark} -->\n"),
        _ => format!("{{# {mark} -#}}\n"),
    };
    let mut file = std::fs::File::create_new(path)?;
    std::io::Write::write_all(&mut file, &[line.as_bytes(), &bytes].concat())
}
