//! A real archive is imported without a lost message, and a second import adds nothing.
//!
//! The archive is not part of this repository: it lies beside it, or where `GUILDHALL_TEST_ARCHIVE` says; without one
//! the flow is played on an archive that is written here.

use std::path::PathBuf;

use crate::harness::{Hub, workspace};

fn archive(folder: &std::path::Path) -> (PathBuf, Option<usize>) {
    let named = std::env::var_os("GUILDHALL_TEST_ARCHIVE").map(PathBuf::from);
    let beside = workspace().join("../shared/data/list-archive.mbox.gz");
    if let Some(real) = named.or_else(|| beside.exists().then_some(beside)) {
        return (real, None);
    }
    let mut text = String::new();
    for n in 0..300 {
        let parent = if n % 10 == 0 { String::new() } else { format!("In-Reply-To: <m{}@test>\n", n - n % 10) };
        text.push_str(&format!(
            "From ann@example.org Sat Nov 21 12:00:00 2026\nFrom: ann@example.org\nSubject: Thread {}\nMessage-ID: <m{n}@test>\n{parent}\
             Date: Sat, 21 Nov 2026 12:{:02}:00 +0000\n\nMessage {n}\n>From the start.\n\n", n / 10, n % 60
        ));
    }
    let path = folder.join("archive.mbox");
    std::fs::write(&path, text).expect("an archive");
    (path, Some(300))
}

#[test]
fn an_archive_is_imported_whole_and_only_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, count) = archive(folder.path());
    let hub = Hub::start(None, "");
    hub.cli(&["lists", "new", "old@hub.test"]);
    let path = path.display().to_string();
    let first = hub.cli(&["lists", "import", "old@hub.test", &path]);
    let exported = hub.try_cli(&["lists", "export", "old@hub.test"], b"");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let messages = |mbox: &[u8]| mbox.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"From ")).count();
    let out = messages(&exported.stdout);
    if let Some(count) = count {
        assert_eq!(out, count, "{first}");
    }
    assert!(out > 0 && first.contains(&out.to_string()), "the report names {out}: {first}");
    hub.cli(&["lists", "import", "old@hub.test", &path]);
    let again = hub.try_cli(&["lists", "export", "old@hub.test"], b"");
    assert!(exported.stdout == again.stdout, "a second import changes nothing");
    let list = hub.stranger().get("/lists/old/").expect(200);
    assert!(!list.attributes("a[href*='/t/'], a[href*='/lists/old/']", "href").is_empty());
}
