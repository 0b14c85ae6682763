//! Backups that are killed while they are written.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::archive::{Archive, LIST};
use crate::harness::Hub;
use crate::load::pause;
use crate::luck::Luck;
use crate::rig::silent;

/// Whether a file is a backup from its first byte to its last.
pub fn is_whole(hub: &Hub, file: &Path) -> bool {
    hub.try_cli(&["restore", "--check", &file.display().to_string()], b"").status.success()
}

/// Where a backup is while it is written.
fn part(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.part", file.display()))
}

#[test]
fn a_backup_that_is_killed_leaves_no_half_under_its_name() {
    let mut luck = Luck::new(2611);
    let hub = Hub::start(None, "");
    hub.cli(&["lists", "new", LIST]);
    Archive::write(&hub, 1, 250).import(&hub);
    let folder = tempfile::tempdir().expect("a folder");
    let begun = Instant::now();
    hub.cli(&["backup", &folder.path().join("first.tar.gz").display().to_string()]);
    // Beyond its end, so that some are killed at the very end and some not at all.
    let longest = begun.elapsed().mul_f64(1.3).as_millis() as usize;
    let (mut halves, mut finished) = (vec![], 0);
    for number in 0..200 {
        let file = folder.path().join(format!("{number}.tar.gz"));
        let mut backup = silent(hub.command(&["backup", &file.display().to_string()]));
        std::thread::park_timeout(pause(&mut luck, 0, longest));
        backup.kill().expect("a killed backup");
        backup.wait().expect("an ended backup");
        if file.exists() {
            finished += 1;
            assert!(is_whole(&hub, &file), "backup {number} has its name and is not whole");
        } else if part(&file).exists() && !is_whole(&hub, &part(&file)) {
            halves.push(file);
        }
        if number >= 8 && finished > 0 && !halves.is_empty() {
            break;
        }
    }
    assert!(finished > 0 && !halves.is_empty(), "{finished} ended, {} were killed in the middle", halves.len());
    // The half of one is in nobody's way.
    let file = &halves[0];
    hub.cli(&["backup", &file.display().to_string()]);
    assert!(is_whole(&hub, file) && !part(file).exists(), "the backup after a killed one");
}
