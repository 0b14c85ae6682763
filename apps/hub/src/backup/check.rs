//! Reading a backup whole before anything is done with it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use super::manifest::{FORMAT, HEAD, Head, MANIFEST, Manifest};

/// Compares every entry of a backup with its manifest. The error says what is wrong and how to mend it.
pub fn check(path: &Path) -> anyhow::Result<(Head, Manifest)> {
    let mut seen = Seen::default();
    each(path, |name, bytes| seen.take(name, bytes)).with_context(|| refused(path))?;
    seen.judge().with_context(|| refused(path))
}

fn refused(path: &Path) -> String {
    format!("{} is not restored from, and nothing was changed", path.display())
}

/// Hands over every entry of an archive, in order, after the head was judged.
pub fn each(path: &Path, mut entry: impl FnMut(&str, &[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut reader = Reader::open(path)?;
    while let Some((name, bytes)) = reader.next()? {
        entry(&name, &bytes)?;
    }
    Ok(())
}

const BROKEN: &str = "It is cut off or damaged. Copy it again from where it was made, or take an older backup";

/// The entries of an archive, one after the other.
pub struct Reader {
    entries: tar::Entries<'static, BufReader<GzDecoder<File>>>,
    begun: bool,
}

impl Reader {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        // The archive lives as long as the program that reads it: one a run of the command.
        let archive = Box::leak(Box::new(tar::Archive::new(BufReader::new(GzDecoder::new(file)))));
        let entries = archive.entries().map_err(|error| anyhow!(error).context(BROKEN))?;
        Ok(Self { entries, begun: false })
    }

    /// The next entry, whole; the first one is judged.
    pub fn next(&mut self) -> anyhow::Result<Option<(String, Vec<u8>)>> {
        let entry = match self.entries.next() {
            None if self.begun => return Ok(None),
            None => bail!("It is not a backup of Guildhall"),
            Some(Err(_)) if !self.begun => bail!("It is not a backup of Guildhall, or it is damaged at its beginning"),
            Some(entry) => entry,
        };
        let mut entry = entry.map_err(|error| anyhow!(error).context(BROKEN))?;
        let name = entry.path().map_err(|error| anyhow!(error).context(BROKEN))?.to_string_lossy().into_owned();
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes).map_err(|error| anyhow!(error).context(BROKEN))?;
        ensure!(bytes.len() as u64 == entry.size(), BROKEN);
        if !self.begun {
            judge_head(&name, &bytes)?;
            self.begun = true;
        }
        Ok(Some((name, bytes)))
    }
}

fn judge_head(name: &str, bytes: &[u8]) -> anyhow::Result<Head> {
    ensure!(name == HEAD, "It is not a backup of Guildhall");
    let head: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| anyhow!(BROKEN))?;
    let format = head.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let version = head.get("version").and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned();
    ensure!(
        format <= u64::from(FORMAT),
        "It is in format {format}, written by Guildhall {version}, and this is {}, which reads up to format {FORMAT}. \
         Restore it with Guildhall {version} or later",
        env!("CARGO_PKG_VERSION")
    );
    ensure!(format > 0, "Its format is not told. {BROKEN}");
    serde_json::from_value(head).map_err(|_| anyhow!(BROKEN))
}

#[derive(Default)]
struct Seen {
    head: Option<Head>,
    manifest: Option<Manifest>,
    hashes: BTreeMap<String, String>,
    rows: BTreeMap<String, u64>,
    blobs: u64,
}

impl Seen {
    fn take(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        ensure!(self.manifest.is_none(), "There is something behind its manifest. {BROKEN}");
        let hash = hex::encode(Sha256::digest(bytes));
        if name == HEAD {
            self.head = Some(judge_head(name, bytes)?);
        } else if name == MANIFEST {
            self.manifest = Some(serde_json::from_slice(bytes).map_err(|_| anyhow!(BROKEN))?);
        } else if let Some(blob) = name.strip_prefix("blobs/") {
            ensure!(blob.replace('/', "") == hash, "The bytes of {name} are not those of its name. {BROKEN}");
            self.blobs += 1;
        } else {
            if let Some(table) = name.strip_prefix("rows/").and_then(|rest| rest.split('/').next()) {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                *self.rows.entry(table.to_owned()).or_default() += lines.saturating_sub(1);
            }
            self.hashes.insert(name.to_owned(), hash);
        }
        Ok(())
    }

    fn judge(self) -> anyhow::Result<(Head, Manifest)> {
        let (Some(head), Some(manifest)) = (self.head, self.manifest) else { bail!("Its end is missing. {BROKEN}") };
        let differs = manifest.hashes.iter().find(|(name, hash)| self.hashes.get(*name) != Some(*hash));
        if let Some((name, _)) = differs {
            bail!("{name} in it is missing or not what was written. {BROKEN}");
        }
        ensure!(self.hashes.len() == manifest.hashes.len(), "It holds more than its manifest says. {BROKEN}");
        ensure!(self.blobs == manifest.blobs, "It holds {} blobs of {}. {BROKEN}", self.blobs, manifest.blobs);
        let full = manifest.tables.iter().all(|(table, rows)| self.rows.get(table).copied().unwrap_or(0) == *rows);
        ensure!(full, "It holds fewer rows than its manifest says. {BROKEN}");
        let known = migrations::known();
        let unknown: Vec<&str> =
            manifest.steps.iter().filter(|step| !known.contains(step)).map(String::as_str).collect();
        ensure!(
            unknown.is_empty(),
            "It was written by Guildhall {}, whose database has steps that this version ({}) does not know ({}). Restore \
             it with Guildhall {} or later",
            head.version,
            env!("CARGO_PKG_VERSION"),
            unknown.join(", "),
            head.version
        );
        Ok((head, manifest))
    }
}
