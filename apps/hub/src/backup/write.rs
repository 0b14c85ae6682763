//! Writing a backup while the hub serves.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::Hub;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::copy::{Snapshot, Table};

use super::manifest::{FORMAT, HEAD, Head, MANIFEST, Manifest, NOTE, Note};
use super::progress::Progress;
use super::{check, files};

/// Rows go into parts of about this many bytes, so that memory stays bounded.
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
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        self.tar.append_data(&mut header, name, bytes)
    }

    fn hashed(&mut self, name: &str, bytes: &[u8], mode: u32) -> std::io::Result<()> {
        self.manifest.hashes.insert(name.to_owned(), hex::encode(Sha256::digest(bytes)));
        self.entry(name, bytes, mode)
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        Ok(self.entry(name, &serde_json::to_vec_pretty(value)?, 0o600)?)
    }

    fn files(&mut self, data: &Path, leave: &Path, config: Option<&Path>) -> anyhow::Result<()> {
        let found = files::of(data, leave)?;
        for path in &found {
            let bytes = match std::fs::read(data.join(path)) {
                Ok(bytes) => bytes,
                // A record that was taken out of the spool since; its rows are in the moment that follows.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let place = data.join(path).display().to_string();
                    return Err(error).with_context(|| format!("{place} cannot be read"));
                }
            };
            self.hashed(&format!("files/{}", path.display()), &bytes, mode(&data.join(path)))?;
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
        let mut count = 0;
        snapshot
            .blobs::<anyhow::Error>(|body| {
                let sound = store::BlobId::of(&body.bytes) == body.id;
                anyhow::ensure!(sound, "The stored bytes {} are damaged; take them from an older backup", body.id);
                count += 1;
                self.progress.at("blobs", count, of);
                Ok(self.entry(&format!("blobs/{}/{}", &body.id.0[..2], &body.id.0[2..]), &body.bytes, 0o600)?)
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

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map_or(0o600, |data| data.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0o600
}
