//! Which hub this is, and that it runs once.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use store::BlobId;

/// The name of this hub among those on one database. It is drawn at the first start and kept in `<data>/node`; a copy of
/// the directory on another machine or in another place is another node.
pub fn identity(data: &Path) -> anyhow::Result<String> {
    let path = data.join("node");
    let drawn = match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => text,
        _ => {
            let drawn = format!("{}\n", uuid::Uuid::new_v4().simple());
            write_once(&path, drawn.as_bytes())?;
            drawn
        }
    };
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let place = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let whole = format!("{} {} {}", drawn.trim(), host.trim(), place.display());
    Ok(BlobId::of(whole.as_bytes()).0.chars().take(16).collect())
}

/// Writes a small file so that it is either whole and on the disk, or absent; its user alone may read it.
pub fn write_once(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = || -> std::io::Result<()> {
        let temporary = path.with_extension(format!("{}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    written().with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes sure that one service runs on a data directory: the lock is held until the process ends, however it ends.
pub fn lock(data: &Path) -> anyhow::Result<File> {
    let path = data.join("serving");
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = opened.with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            bail!(
                "Another guildhall serves {} already (process {}). Stop it first, or give this one a data directory of its own",
                data.display(),
                holder.trim()
            );
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("{} cannot be locked", path.display()));
        }
    }
    file.set_len(0)?;
    file.write_all(std::process::id().to_string().as_bytes())?;
    Ok(file)
}
