//! Writing a backup while the hub serves.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::Hub;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::copy::{Part, Snapshot, Table};

use super::manifest::{FORMAT, HEAD, Head, MANIFEST, Manifest, NOTE, Note};
use super::progress::Progress;
use super::{check, files};

/// Rows go into parts of about this many bytes, and larger files are read in pieces, so that memory stays bounded.
const PART: usize = 8 << 20;

/// Writes a backup of the hub to `path`, reads it back, and gives what is in it. `config` is the configuration file in use.
pub async fn write(hub: &Hub, path: &Path, config: Option<&Path>) -> anyhow::Result<Manifest> {
    anyhow::ensure!(!path.exists(), "{} is there already. Name a new file, or move the old one away", path.display());
    let part = PathBuf::from(format!("{}.part", path.display()));
    let made_at = hub.now();
    let manifest = async {
        let mut archive = Archive::create(&part)?;
        archive.json(HEAD, &Head { format: FORMAT, version: env!("CARGO_PKG_VERSION").into(), made_at })?;
        // Before the moment of the database: a record of the spool that is taken meanwhile is in the rows.
        archive.files(&hub.settings.data, &std::path::absolute(&part)?, config)?;
        let snapshot = Snapshot::take(&hub.store).await?;
        archive.manifest.steps = snapshot.steps().to_vec();
        archive.manifest.numbers = snapshot.numbers().await?;
        for table in snapshot.tables() {
            archive.table(&snapshot, table).await?;
        }
        archive.blobs(&snapshot).await?;
        archive.finish()
    };
    let written = manifest.await.and_then(|manifest| check(&part).map(|_| manifest));
    let manifest = match written {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, path).with_context(|| format!("{} cannot be written", path.display()))?;
    let note = Note { made_at, file: std::path::absolute(path)?.display().to_string() };
    std::fs::write(hub.settings.data.join(NOTE), serde_json::to_vec(&note)?)?;
    Ok(manifest)
}

fn header(size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(mode);
    header
}

struct Archive {
    tar: tar::Builder<GzEncoder<File>>,
    manifest: Manifest,
    progress: Progress,
}

impl Archive {
    /// A new file that only its user may read: it holds the hub's secret.
    fn create(path: &Path) -> anyhow::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
        let tar = tar::Builder::new(GzEncoder::new(file, Compression::new(3)));
        Ok(Self { tar, manifest: Manifest::default(), progress: Progress::new() })
    }

    fn entry(&mut self, name: &str, bytes: &[u8], mode: u32) -> std::io::Result<()> {
        self.tar.append_data(&mut header(bytes.len() as u64, mode), name, bytes)
    }

    fn hashed(&mut self, name: &str, bytes: &[u8], mode: u32) -> std::io::Result<()> {
        self.manifest.hashes.insert(name.to_owned(), hex::encode(Sha256::digest(bytes)));
        self.entry(name, bytes, mode)
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        Ok(self.entry(name, &serde_json::to_vec_pretty(value)?, 0o600)?)
    }

    /// A file: a small one whole, as it is in this moment; a large one as it is read, up to where it ends now.
    fn file(&mut self, name: &str, path: &Path) -> std::io::Result<()> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        if size < PART as u64 {
            let mut bytes = vec![];
            file.read_to_end(&mut bytes)?;
            return self.hashed(name, &bytes, mode(path));
        }
        let mut through = Through { from: file.take(size), hash: Sha256::new(), count: 0 };
        self.tar.append_data(&mut header(size, mode(path)), name, &mut through)?;
        if through.count != size {
            return Err(std::io::Error::other("it became shorter meanwhile; try again"));
        }
        self.manifest.hashes.insert(name.to_owned(), hex::encode(through.hash.finalize()));
        Ok(())
    }

    fn files(&mut self, data: &Path, leave: &Path, config: Option<&Path>) -> anyhow::Result<()> {
        let found = files::of(data, leave)?;
        for path in &found {
            let place = data.join(path);
            match self.file(&format!("files/{}", path.display()), &place) {
                // A record that was taken out of the spool since; its rows are in the moment that follows.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                done => done.with_context(|| format!("{} cannot be read", place.display()))?,
            }
        }
        let own = Path::new("guildhall.toml");
        if let Some(config) = config.filter(|_| !found.iter().any(|path| path == own)) {
            let bytes = std::fs::read(config).with_context(|| format!("{} cannot be read", config.display()))?;
            self.hashed("files/guildhall.toml", &bytes, mode(config))?;
        }
        Ok(())
    }

    async fn table(&mut self, snapshot: &Snapshot, table: &Table) -> anyhow::Result<()> {
        let of = snapshot.count(&table.name).await?;
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let mut head = serde_json::to_vec(&columns)?;
        head.push(b'\n');
        let (mut part, mut number, mut rows) = (head.clone(), 0_u32, 0_u64);
        snapshot
            .rows::<anyhow::Error>(table, |row| {
                serde_json::to_writer(&mut part, &row)?;
                part.push(b'\n');
                rows += 1;
                self.progress.at(&table.name, rows, of);
                if part.len() >= PART {
                    number += 1;
                    self.hashed(&format!("rows/{}/{number:06}.jsonl", table.name), &part, 0o600)?;
                    part.clone_from(&head);
                }
                Ok(())
            })
            .await?;
        if part.len() > head.len() {
            self.hashed(&format!("rows/{}/{:06}.jsonl", table.name, number + 1), &part, 0o600)?;
        }
        self.manifest.tables.insert(table.name.clone(), rows);
        Ok(())
    }

    async fn blobs(&mut self, snapshot: &Snapshot) -> anyhow::Result<()> {
        let of = snapshot.count_blobs().await?;
        let (mut count, mut written, mut hash) = (0, 0, Sha256::new());
        snapshot
            .blobs::<anyhow::Error>(|part| {
                // An entry that is written as its bytes come: head, bytes, and zeros up to the next block.
                match part {
                    Part::Begins(id, size) => {
                        let mut header = header(size, 0o600);
                        header.set_path(format!("blobs/{}/{}", &id.0[..2], &id.0[2..]))?;
                        header.set_cksum();
                        self.tar.get_mut().write_all(header.as_bytes())?;
                        (written, hash) = (0, Sha256::new());
                    }
                    Part::Piece(bytes) => {
                        hash.update(bytes);
                        written += bytes.len();
                        self.tar.get_mut().write_all(bytes)?;
                    }
                    Part::Ends(id) => {
                        let sound = hex::encode(hash.finalize_reset()) == id.0;
                        anyhow::ensure!(sound, "The stored bytes {id} are damaged; take them from an older backup");
                        let block = [0; 512];
                        self.tar.get_mut().write_all(&block[..written.next_multiple_of(512) - written])?;
                        count += 1;
                        self.progress.at("blobs", count, of);
                    }
                }
                Ok(())
            })
            .await?;
        self.manifest.blobs = count;
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<Manifest> {
        self.progress.end();
        let manifest = std::mem::take(&mut self.manifest);
        self.json(MANIFEST, &manifest)?;
        let mut file = self.tar.into_inner()?.finish()?;
        file.flush()?;
        file.sync_all()?;
        Ok(manifest)
    }
}

/// Hashes and counts what is read through it.
struct Through<R> {
    from: R,
    hash: Sha256,
    count: u64,
}

impl<R: Read> Read for Through<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.count += count as u64;
        Ok(count)
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map_or(0o600, |data| data.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0o600
}
