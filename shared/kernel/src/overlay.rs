//! A project's own theme files and whether the built-in ones they were made from have moved on.
//!
//! An overlay begins with a comment that holds `guildhall HASH`, the hash of the built-in file it was copied from;
//! [`begin`] writes it, and keeps the built-in file as it was. After an upgrade [`standing`] says which overlays lag behind,
//! [`compare`] what changed on both sides since, and [`take_over`] that an overlay has all of it.

use std::io;
use std::path::{Path, PathBuf};

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
                    "`guildhall theme diff {name}` shows what changed in it, and what you changed: take over what you \
                     want, then say so with `guildhall theme taken {name}`."
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
pub fn standing(folder: &Path) -> io::Result<Vec<Overlay>> {
    let mut overlays = Vec::new();
    for (name, bytes) in files_below(folder)? {
        let standing = match built_in(&name) {
            None => Standing::Own,
            // A colour or an icon replaces the built-in one by design.
            Some(_) if matches!(name.as_str(), "static/accent.css" | "static/icon.svg") => Standing::Fresh,
            Some(now) if now == bytes => Standing::Fresh,
            Some(now) => stands(&bytes, hash(&now)),
        };
        overlays.push(Overlay { name, standing });
    }
    Ok(overlays)
}

fn stands(overlay: &[u8], now: String) -> Standing {
    match made_from(overlay) {
        Some(made_from) if made_from == now => Standing::Fresh,
        Some(made_from) if made_from.len() == now.len() => Standing::Behind { made_from, now },
        _ => Standing::Unmarked { now },
    }
}

/// The hash in the first line of an overlay.
fn made_from(overlay: &[u8]) -> Option<String> {
    let first = overlay.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first).into_owned();
    let (_, rest) = first.split_once("guildhall ")?;
    Some(rest.chars().take_while(char::is_ascii_hexdigit).collect())
}

/// The three texts of an overlay, without its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The hash of the built-in file that it says it was made from.
    pub made_from: Option<String>,
    /// The built-in file as it was then; absent when nothing was kept.
    pub before: Option<String>,
    /// The built-in file as it is, and its hash.
    pub now: String,
    pub hash: String,
    /// The project's own.
    pub own: String,
}

/// The texts of an overlay: what it was made from, what that has become, and what the project made of it.
pub fn compare(folder: &Path, name: &str) -> io::Result<Compared> {
    let (bytes, now) = (std::fs::read(folder.join(name))?, built_in(name).ok_or_else(|| unknown(name))?);
    let made_from = made_from(&bytes).filter(|hash| !hash.is_empty());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let before = made_from.as_ref().and_then(|hash| std::fs::read(kept(folder, hash, name)).ok());
    let own = text(&bytes);
    let own = match &made_from {
        Some(_) => own.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned()),
        None => own,
    };
    Ok(Compared { made_from, before: before.as_deref().map(text), now: text(&now), hash: hash(&now), own })
}

/// Marks an overlay as one that has what changed in the built-in file.
pub fn take_over(folder: &Path, name: &str) -> io::Result<()> {
    let texts = compare(folder, name)?;
    let bytes = built_in(name).ok_or_else(|| unknown(name))?;
    keep(folder, name, &bytes)?;
    std::fs::write(folder.join(name), format!("{}{}", mark(name, &bytes), texts.own))
}

/// Where the built-in file is kept that an overlay was made from.
fn kept(folder: &Path, hash: &str, name: &str) -> PathBuf {
    folder.join(".made-from").join(hash).join(name)
}

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = kept(folder, &hash(bytes), name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, bytes)
}

fn unknown(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("The built-in theme has no file {name}."))
}

/// The first line of an overlay that was made from these bytes.
fn mark(name: &str, bytes: &[u8]) -> String {
    let mark = format!("guildhall {}", hash(bytes));
    match name.rsplit('.').next() {
        Some("css" | "js") => format!("/* {mark} */\n"),
        Some("svg") => format!("<!-- {mark} -->\n"),
        _ => format!("{{# {mark} -#}}\n"),
    }
}

/// Copies a built-in file into the overlay folder, marked with what it was made from. An overlay that is there stays.
pub fn begin(folder: &Path, name: &str) -> io::Result<()> {
    let bytes = built_in(name).ok_or_else(|| unknown(name))?;
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    io::Write::write_all(&mut file, &[mark(name, &bytes).as_bytes(), &bytes].concat())?;
    keep(folder, name, &bytes)
}
