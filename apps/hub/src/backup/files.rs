//! The files of a data directory that are data: the secret, the theme, the spool, keys and whatever else lies there.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use super::manifest::{HEAD, NOTE};

/// The paths below `data` that a backup holds, by name. `leave` is the backup that is being written.
pub fn of(data: &Path, leave: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = vec![];
    walk(data, Path::new(""), leave, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(data: &Path, below: &Path, leave: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(data.join(below))? {
        let entry = entry?;
        let (path, kind) = (below.join(entry.file_name()), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        let top = below.as_os_str().is_empty();
        let left = top && (name == "blobs" || name == NOTE || name.starts_with("guildhall.sqlite"));
        // What a spool is still writing begins with a dot.
        let unfinished = name.starts_with('.') && below.starts_with("spool");
        if left || unfinished || entry.path() == leave {
            continue;
        }
        if kind.is_dir() {
            walk(data, &path, leave, found)?;
        } else if kind.is_file() && !(top && is_backup(&entry.path())) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file is a backup itself; those of yesterday do not go into the one of today.
fn is_backup(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut head = [0_u8; 512];
    let read = GzDecoder::new(file).read_exact(&mut head);
    read.is_ok() && head.starts_with(HEAD.as_bytes())
}

/// A path of an archive as one below the data directory; `None` when it leads anywhere else.
pub fn inside(path: &Path) -> Option<&Path> {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && path.components().next().is_some()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_blobs_and_unfinished_records_stay_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "secret",
            "guildhall.sqlite",
            "guildhall.sqlite-wal",
            "blobs/ab/cd",
            "spool/hooks/1.json",
            "spool/hooks/.2.json",
            "theme/base.html",
            "last-backup.json",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, name).expect("a file");
        }
        let found = of(folder.path(), Path::new("")).expect("a list");
        let found: Vec<String> = found.iter().map(|path| path.display().to_string()).collect();
        assert_eq!(found, ["secret", "spool/hooks/1.json", "theme/base.html"]);
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for path in ["../secret", "/etc/passwd", "a/../../b", ""] {
            assert_eq!(inside(Path::new(path)), None, "{path}");
        }
        assert!(inside(Path::new("theme/base.html")).is_some());
    }
}
