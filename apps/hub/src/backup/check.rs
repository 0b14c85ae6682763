//! Reading a backup whole before anything is done with it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use store::copy::PIECE;

use super::manifest::{FORMAT, HEAD, Head, MANIFEST, Manifest};

/// Compares every entry of a backup with its manifest. The error says what is wrong and how to mend it.
pub fn check(path: &Path) -> anyhow::Result<(Head, Manifest)> {
    read_through(path).with_context(|| format!("{} is not restored from, and nothing was changed", path.display()))
}

fn read_through(path: &Path) -> anyhow::Result<(Head, Manifest)> {
    let mut reader = Reader::open(path)?;
    let mut seen = Seen::default();
    while let Some(entry) = reader.next()? {
        seen.take(entry)?;
    }
    seen.judge(reader.head)
}

const BROKEN: &str = "It is cut off or damaged. Copy it again from where it was made, or take an older backup";
const NONE: &str = "It is not a backup of Guildhall";
/// The most that the head of a backup may be, bytes.
const LARGEST_HEAD: u64 = 1 << 20;

/// The archive lives as long as the program that reads it: one a run of the command.
type Inner = BufReader<GzDecoder<File>>;

/// The entries of an archive behind its head, one after the other.
pub struct Reader {
    entries: tar::Entries<'static, Inner>,
    head: Head,
}

impl Reader {
    /// Opens an archive and judges its head.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let archive = Box::leak(Box::new(tar::Archive::new(BufReader::new(GzDecoder::new(file)))));
        let mut entries = archive.entries().map_err(|error| anyhow!(error).context(BROKEN))?;
        let first = match entries.next() {
            None => bail!(NONE),
            Some(Err(_)) => bail!("{NONE}, or it is damaged at its beginning"),
            Some(Ok(first)) => Entry::of(first)?,
        };
        ensure!(first.name == HEAD && first.size() <= LARGEST_HEAD, NONE);
        let head = judge_head(&first.whole()?)?;
        Ok(Self { entries, head })
    }

    /// The next entry; what is not read of it is passed over.
    pub fn next(&mut self) -> anyhow::Result<Option<Entry>> {
        match self.entries.next() {
            None => Ok(None),
            Some(entry) => Ok(Some(Entry::of(entry.map_err(|error| anyhow!(error).context(BROKEN))?)?)),
        }
    }
}

/// One entry, which is read as its bytes come.
pub struct Entry {
    pub name: String,
    bytes: tar::Entry<'static, Inner>,
}

impl Entry {
    fn of(bytes: tar::Entry<'static, Inner>) -> anyhow::Result<Self> {
        let name = bytes.path().map_err(|error| anyhow!(error).context(BROKEN))?.to_string_lossy().into_owned();
        Ok(Self { name, bytes })
    }

    pub fn size(&self) -> u64 {
        self.bytes.size()
    }

    /// All its bytes.
    pub fn whole(mut self) -> anyhow::Result<Vec<u8>> {
        let mut all = vec![];
        self.pour(|bytes| all.extend_from_slice(bytes))?;
        Ok(all)
    }

    /// Hands its bytes over in pieces.
    fn pour(&mut self, mut each: impl FnMut(&[u8])) -> anyhow::Result<()> {
        let (mut piece, mut read) = (vec![0; PIECE], 0);
        loop {
            match self.bytes.read(&mut piece).map_err(|error| anyhow!(error).context(BROKEN))? {
                0 => break,
                count => {
                    each(&piece[..count]);
                    read += count as u64;
                }
            }
        }
        ensure!(read == self.size(), BROKEN);
        Ok(())
    }
}

impl Read for Entry {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.bytes.read(buffer)
    }
}

fn judge_head(bytes: &[u8]) -> anyhow::Result<Head> {
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
    manifest: Option<Manifest>,
    hashes: BTreeMap<String, String>,
    rows: BTreeMap<String, u64>,
    blobs: u64,
}

impl Seen {
    fn take(&mut self, mut entry: Entry) -> anyhow::Result<()> {
        ensure!(self.manifest.is_none(), "There is something behind its manifest. {BROKEN}");
        if entry.name == MANIFEST {
            self.manifest = Some(serde_json::from_slice(&entry.whole()?).map_err(|_| anyhow!(BROKEN))?);
            return Ok(());
        }
        let (mut hash, mut lines) = (Sha256::new(), 0_u64);
        let is_rows = entry.name.starts_with("rows/");
        entry.pour(|bytes| {
            hash.update(bytes);
            if is_rows {
                lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            }
        })?;
        let (name, hash) = (entry.name, hex::encode(hash.finalize()));
        if let Some(blob) = name.strip_prefix("blobs/") {
            ensure!(blob.replace('/', "") == hash, "The bytes of {name} are not those of its name. {BROKEN}");
            self.blobs += 1;
            return Ok(());
        }
        if let Some(table) = name.strip_prefix("rows/").and_then(|rest| rest.split('/').next()) {
            *self.rows.entry(table.to_owned()).or_default() += lines.saturating_sub(1);
        }
        self.hashes.insert(name, hash);
        Ok(())
    }

    fn judge(self, head: Head) -> anyhow::Result<(Head, Manifest)> {
        let Some(manifest) = self.manifest else { bail!("Its end is missing. {BROKEN}") };
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
