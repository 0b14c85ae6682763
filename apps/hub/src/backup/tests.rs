//! What a hub holds goes through a backup in pieces, whatever its size.

use std::collections::BTreeMap;
use std::io::Read;

use sha2::{Digest, Sha256};
use store::BlobId;
use store::copy::{PIECE, Part, Snapshot};
use testkit::TestHub;

use super::check::Reader;

/// Bytes that are not compressed to nothing, the same in each run.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 2007_u32;
    let next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

/// A hub with blobs of all sizes around those at which something changes.
async fn hub() -> (TestHub, BTreeMap<String, usize>) {
    let hub = TestHub::with([]).await;
    let sizes =
        [0, 1, 511, 512, store::blobs::FILE_FROM - 1, store::blobs::FILE_FROM, PIECE, PIECE + 1, 5 * PIECE + 777];
    let mut kept = BTreeMap::new();
    for size in sizes {
        let tx = hub.hub.store.write().await.expect("a transaction");
        let id = store::blobs::put(&tx, &noise(size)).await.expect("a blob");
        tx.commit().await.expect("a commit");
        kept.insert(id.0, size);
    }
    (hub, kept)
}

#[tokio::test]
async fn blobs_come_out_in_pieces_and_whole() {
    let (hub, kept) = hub().await;
    let snapshot = Snapshot::take(&hub.hub.store).await.expect("a moment");
    let (mut found, mut hash, mut size) = (BTreeMap::new(), Sha256::new(), 0);
    snapshot
        .blobs::<store::StoreError>(|part| {
            match part {
                Part::Begins(id, told) => {
                    assert_eq!(kept.get(&id.0).map(|size| *size as u64), Some(told));
                    size = 0;
                }
                Part::Piece(bytes) => {
                    assert!(bytes.len() <= PIECE, "{} bytes at a time", bytes.len());
                    hash.update(bytes);
                    size += bytes.len();
                }
                Part::Ends(id) => {
                    assert_eq!(hex::encode(hash.finalize_reset()), id.0);
                    found.insert(id.0.clone(), size);
                }
            }
            Ok(())
        })
        .await
        .expect("all blobs");
    assert_eq!(found, kept);
}

#[tokio::test]
async fn an_archive_holds_every_blob_and_every_large_file() {
    let (hub, kept) = hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    // A file that somebody left in the data directory, larger than what is read at once.
    let left = noise(9 << 20);
    std::fs::write(hub.hub.settings.data.join("left.bin"), &left).expect("a file");
    let path = folder.path().join("backup.tar.gz");
    let manifest = super::write(&hub.hub, &path, None).await.expect("a backup, read back and compared");
    assert_eq!(manifest.blobs, kept.len() as u64);
    assert_eq!(manifest.hashes.get("files/left.bin"), Some(&BlobId::of(&left).0));
    let mut reader = Reader::open(&path).expect("an archive");
    let mut found = BTreeMap::new();
    while let Some(mut entry) = reader.next().expect("an entry") {
        let mut bytes = vec![];
        if let Some(blob) = entry.name.strip_prefix("blobs/").map(|name| name.replace('/', "")) {
            entry.read_to_end(&mut bytes).expect("its bytes");
            assert_eq!(BlobId::of(&bytes).0, blob);
            found.insert(blob, bytes.len());
        }
    }
    assert_eq!(found, kept);
}

#[tokio::test]
async fn a_blob_that_is_not_what_its_name_says_is_told() {
    let (hub, kept) = hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    let large = kept.iter().find(|(_, size)| **size > 5 * PIECE).expect("a large one").0;
    let file = hub.hub.settings.data.join("blobs").join(&large[..2]).join(&large[2..]);
    if file.exists() {
        std::fs::write(&file, vec![b'x'; kept[large]]).expect("a damaged file");
    } else {
        use sea_orm::ConnectionTrait;
        let tx = hub.hub.store.write().await.expect("a transaction");
        let turned = format!("UPDATE blob SET body = substr(body, 2) || substr(body, 1, 1) WHERE hash = '{large}'");
        tx.execute_unprepared(&turned).await.expect("damaged bytes");
        tx.commit().await.expect("a commit");
    }
    let path = folder.path().join("backup.tar.gz");
    let error = super::write(&hub.hub, &path, None).await.expect_err("it is damaged").to_string();
    assert!(error.contains(large) && error.contains("take them from an older backup"), "{error}");
    assert!(!path.exists(), "nothing is left that looks like a backup");
}
