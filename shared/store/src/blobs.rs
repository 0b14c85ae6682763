//! Bytes kept by content: raw mails, attachments, diffs.
//!
//! A blob is named by its SHA-256. Small ones stand in the database; on SQLite large ones are synced files under
//! `<data>/blobs/ab/cdef…`, written before the row that names them, so that no row dangles. On PostgreSQL all stand
//! in the database, so that several hubs see them.

use std::io::Read;
use std::path::{Path, PathBuf};

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait};
use sha2::{Digest, Sha256};

use crate::entity::blob;
use crate::{Store, StoreError, Tx};

/// From this size on (bytes) a blob is a file where the database is SQLite.
pub const FILE_FROM: usize = 256 * 1024;

/// The name of a blob: lower-case hexadecimal SHA-256 of its bytes.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType,
)]
#[serde(transparent)]
pub struct BlobId(pub String);

impl BlobId {
    /// The name that `bytes` have.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
}

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Keeps `bytes` and gives their name; keeping the same bytes twice costs nothing.
pub async fn put(tx: &Tx, bytes: &[u8]) -> Result<BlobId, StoreError> {
    let ids = put_many(tx, &[bytes]).await?;
    Ok(ids.into_iter().next().unwrap_or_else(|| BlobId::of(bytes)))
}

/// Keeps several blobs with one statement; the names come back in the same order.
pub async fn put_many(tx: &Tx, bodies: &[&[u8]]) -> Result<Vec<BlobId>, StoreError> {
    let ids: Vec<BlobId> = bodies.iter().map(|body| BlobId::of(body)).collect();
    let mut rows = Vec::with_capacity(bodies.len());
    for (id, body) in ids.iter().zip(bodies) {
        let in_file = body.len() >= FILE_FROM && tx.get_database_backend() == DbBackend::Sqlite;
        if in_file {
            write_file(&path(tx.store().data(), id), body)?;
        }
        rows.push(blob::ActiveModel {
            hash: Set(id.0.clone()),
            size: Set(body.len() as i64),
            body: Set((!in_file).then(|| body.to_vec())),
        });
    }
    if !rows.is_empty() {
        let insert = blob::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(blob::Column::Hash).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await;
        match insert {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ids)
}

/// The bytes of a blob.
pub async fn get(store: &Store, conn: &impl ConnectionTrait, id: &BlobId) -> Result<Vec<u8>, StoreError> {
    let row = blob::Entity::find_by_id(id.0.clone()).one(conn).await?;
    match row {
        Some(blob::Model { body: Some(body), .. }) => Ok(body),
        Some(_) => std::fs::read(path(store.data(), id)).map_err(|_| StoreError::Damaged(id.0.clone())),
        None => Err(StoreError::Damaged(id.0.clone())),
    }
}

pub(crate) fn path(data: &Path, id: &BlobId) -> PathBuf {
    data.join("blobs").join(&id.0[..2]).join(&id.0[2..])
}

/// Writes a file so that it is either whole and on the disk, or absent.
pub(crate) fn write_file(path: &Path, mut bytes: &[u8]) -> Result<(), StoreError> {
    write_file_from(path, bytes.len() as u64, &mut bytes)
}

/// The same with `size` bytes that are read one after the other.
pub(crate) fn write_file_from(path: &Path, size: u64, from: &mut impl Read) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".{}.new", uuid::Uuid::new_v4()));
    let mut file = std::fs::File::create(&temporary)?;
    let written = std::io::copy(from, &mut file).and_then(|written| {
        let whole = written == size;
        if whole { file.sync_all() } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    });
    if let Err(error) = written {
        let _ = std::fs::remove_file(&temporary);
        return Err(error.into());
    }
    std::fs::rename(&temporary, path)?;
    std::fs::File::open(folder)?.sync_all()?;
    if let Some(above) = folder.parent() {
        std::fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}
