//! Writing a backup into a place: another database, another machine, or the same one again.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;
use store::BlobId;
use store::copy::{Body, Filling, Table, Target};

use super::check::{Reader, check};
use super::files;
use super::manifest::Manifest;
use super::progress::Progress;
use crate::config::Config;

/// Bytes of small blobs that are handed over at a time.
const BATCH: u64 = 4 << 20;

/// What a restore did.
pub struct Restored {
    pub manifest: Manifest,
    /// The old database, kept beside the new one.
    pub kept: Option<PathBuf>,
    /// Where the configuration of the backup was laid down.
    pub config: Option<PathBuf>,
}

/// Restores the backup at `path` into the hub that `config` describes; `replace` says that what stands there may go.
pub async fn restore(config: &Config, path: &Path, replace: Replace) -> anyhow::Result<Restored> {
    let (_, manifest) = check(path)?;
    let data = std::path::absolute(&config.hub.data)?;
    let filled = Target::is_filled(&config.hub.database, &data).await?;
    ensure!(
        matches!(replace, Replace::Yes) || !filled,
        "There is a hub with people or mail in it already, and nothing was changed. Say --replace if it may go, or name \
         another place with --data or --config"
    );
    let target = Target::open(&config.hub.database, &data).await?;
    let mut progress = Progress::new();
    let filled = fill(&target, path, &manifest, &mut progress).await;
    progress.end();
    if let Err(error) = filled {
        target.give_up().await;
        return Err(error.context("The backup could not be restored, and nothing was changed"));
    }
    let kept = target.put_in_place().await?;
    let config = lay_files(path, &data).context("The database is restored, but not all files beside it")?;
    Ok(Restored { manifest, kept, config })
}

/// Whether a hub with people or mail may be replaced.
#[derive(Clone, Copy, Debug)]
pub enum Replace {
    Yes,
    No,
}

async fn fill(target: &Target, path: &Path, manifest: &Manifest, progress: &mut Progress) -> anyhow::Result<()> {
    let mut filling = target.begin().await?;
    migrations::up_to(filling.migrating(), &manifest.steps).await?;
    let tables = filling.prepare().await?;
    let mut reader = Reader::open(path)?;
    let (mut blobs, mut size) = (vec![], 0);
    let (mut done, of) = (0, manifest.rows() + manifest.blobs);
    while let Some(mut entry) = reader.next()? {
        let name = entry.name.clone();
        if let Some(blob) = name.strip_prefix("blobs/") {
            let id = BlobId(blob.replace('/', ""));
            done += 1;
            if entry.size() >= store::blobs::FILE_FROM as u64 {
                filling.large_blob(&id, entry.size(), &mut entry).await?;
            } else {
                size += entry.size();
                blobs.push(Body { id, bytes: entry.whole()? });
            }
            if size >= BATCH {
                filling.blobs(&blobs).await?;
                blobs.clear();
                size = 0;
            }
        } else if let Some(table) = name.strip_prefix("rows/").and_then(|rest| rest.split('/').next()) {
            done += rows(&filling, &tables, table, &entry.whole()?).await?;
        }
        progress.at("restoring", done, of);
    }
    filling.blobs(&blobs).await?;
    filling.finish(&manifest.numbers).await?;
    Ok(filling.commit().await?)
}

async fn rows(filling: &Filling, tables: &[Table], name: &str, bytes: &[u8]) -> anyhow::Result<u64> {
    let table = tables.iter().find(|table| table.name == name);
    let table = table.with_context(|| format!("The database has no table {name}"))?;
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let columns: Vec<String> = serde_json::from_slice(lines.next().unwrap_or(b"[]"))?;
    let rows: Vec<Vec<Value>> = lines.map(serde_json::from_slice).collect::<Result<_, _>>()?;
    filling.rows(table, &columns, &rows).await?;
    Ok(rows.len() as u64)
}

/// Lays the files of the data directory down; gives where the configuration went when it is not the one in place.
fn lay_files(path: &Path, data: &Path) -> anyhow::Result<Option<PathBuf>> {
    let mut reader = Reader::open(path)?;
    let mut aside = None;
    while let Some(mut entry) = reader.next()? {
        let name = entry.name.clone();
        let Some(name) = name.strip_prefix("files/") else { continue };
        let Some(name) = files::inside(Path::new(name)) else { continue };
        if name == Path::new("guildhall.toml") {
            // It says which database to use, and may mean the one that the backup came from.
            let bytes = entry.whole()?;
            if !std::fs::read(data.join(name)).is_ok_and(|there| there == bytes) {
                let place = data.join("guildhall.toml.from-backup");
                lay(&place, &mut bytes.as_slice())?;
                aside = Some(place);
            }
            continue;
        }
        lay(&data.join(name), &mut entry)?;
    }
    Ok(aside)
}

fn lay(place: &Path, from: &mut impl Read) -> anyhow::Result<()> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let beside = place.with_extension("restoring");
    let mut file = options.open(&beside).with_context(|| format!("{} cannot be written", place.display()))?;
    std::io::copy(from, &mut file).with_context(|| format!("{} cannot be written", place.display()))?;
    file.sync_all()?;
    Ok(std::fs::rename(&beside, place)?)
}
