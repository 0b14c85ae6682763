//! A backup of a hub that serves, restored on another machine and on the other database.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Hub, wait_for};

fn post(n: usize, text: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: Post {n}\nMessage-ID: <post{n}@test>\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\n\n{text}\n"
    )
}

/// More than a backup reads at a time, and nothing that is packed into less.
fn large_file() -> String {
    let mut state = 2007_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{state:08x}")
    };
    (0..500_000).map(|_| next()).collect()
}

/// A hub with people, an issue with a large file, a list and a large post, whose bytes are files on SQLite.
fn village() -> Hub {
    let hub = Hub::start(None, "");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    assert!(hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n").status.success());
    let ann = hub.person("ann", true);
    ann.submit(
        "/issues/new",
        "/issues/new",
        &[("title", "Kept for ever"), ("message", "\u{17d}lut\u{fd} k\u{16f}\u{148}")],
    )
    .expect(200);
    ann.attach("/issues/1", "large.bin", large_file());
    let large = format!("{}\nthe end of it", "all work and no play\n".repeat(20_000));
    assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &post(0, &large))[0].starts_with("250"));
    wait_for("the large post", || (hub.stranger().get("/lists/dev/post0@test/").status == 200).then_some(()));
    hub
}

/// Every row in a backup, by table, and the names of its blobs: in an order of ours, since each database has its own.
fn content(file: &Path) -> BTreeMap<String, Vec<String>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(file).expect("the backup")));
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("its name").display().to_string();
        if let Some(blob) = name.strip_prefix("blobs/") {
            found.entry("the blobs".into()).or_default().push(blob.to_owned());
        }
        let Some(table) = name.strip_prefix("rows/").and_then(|rest| rest.split('/').next()) else { continue };
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("its text");
        let mut lines = text.lines();
        let columns: Vec<String> = serde_json::from_str(lines.next().expect("columns")).expect("columns");
        let rows = found.entry(table.to_owned()).or_default();
        rows.extend(lines.map(|line| {
            let values: Vec<Value> = serde_json::from_str(line).expect("a row");
            assert_eq!(values.len(), columns.len(), "{table}");
            let row: BTreeMap<&String, Value> = columns.iter().zip(values).collect();
            serde_json::to_string(&row).expect("a row")
        }));
    }
    found.values_mut().for_each(|rows| rows.sort());
    found
}

#[track_caller]
fn same(before: &Path, after: &Path) {
    let (before, after) = (content(before), content(after));
    for table in ["user", "tracker_issue", "tracker_message", "list_post", "journal", "the blobs"] {
        assert!(before.get(table).is_some_and(|rows| !rows.is_empty()), "{table} among {:?}", before.keys());
    }
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (table, rows) in &before {
        let others = &after[table];
        let lost = rows.iter().find(|row| others.binary_search(row).is_err());
        let new = others.iter().find(|row| rows.binary_search(row).is_err());
        assert!(lost.is_none() && new.is_none(), "{table}: {lost:?} is lost, {new:?} came");
        assert_eq!(rows.len(), others.len(), "{table}");
    }
}

#[track_caller]
fn refused(hub: &Hub, words: &[&str], sentence: &str) {
    let output = hub.try_cli(words, b"");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(sentence), "{said}");
}

fn backup(hub: &Hub, folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    hub.cli(&["backup", &file.display().to_string()]);
    file
}

/// What a restored hub must have.
fn look_around(hub: &mut Hub, sure: usize) {
    hub.run();
    let ann = hub.stranger();
    ann.sign_in("ann");
    ann.get("/admin").expect(200);
    assert!(ann.get("/issues/1").expect(200).text.contains("\u{17d}lut\u{fd} k\u{16f}\u{148}"));
    let file = ann.get("/issues/1").expect(200).attributes("a[href*='large.bin']", "href").remove(0);
    assert!(ann.get(&file).expect(200).text == large_file(), "the bytes of a large file");
    ann.get("/lists/dev/post0@test/").expect(200);
    assert!(hub.cli(&["lists", "export", "dev@hub.test"]).contains("the end of it"), "the bytes of a large post");
    for n in 1..=sure {
        // One that was acknowledged a moment before the backup is delivered by the hub that is restored.
        let page = format!("/lists/dev/post{n}@test/");
        wait_for(&page, || (ann.get(&page).status == 200).then_some(()));
    }
    // Numbering goes on, search is whole, mail comes in.
    assert!(ann.get("/search?q=Kept").expect(200).text.contains("Kept for ever"));
    ann.submit("/issues/new", "/issues/new", &[("title", "The next"), ("message", "Goes on.")]).expect(200);
    assert!(ann.get("/issues/2").expect(200).text.contains("The next"));
    assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &post(999_999, "Still here."))[0].starts_with("250"));
    wait_for("the post after", || (ann.get("/lists/dev/post999999@test/").status == 200).then_some(()));
}

#[test]
fn a_backup_under_load_is_restored_on_either_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = village();
    let (ends, taken) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (file, before) = std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1.. {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &post(n, "Meanwhile."))[0].starts_with("250"));
                taken.store(n, Ordering::SeqCst);
            }
        });
        wait_for("some load", || (taken.load(Ordering::SeqCst) >= 20).then_some(()));
        let before = taken.load(Ordering::SeqCst);
        let file = backup(&hub, folder.path(), "first.tar.gz");
        let after = taken.load(Ordering::SeqCst);
        wait_for("the load to go on", || (taken.load(Ordering::SeqCst) > after).then_some(()));
        ends.store(true, Ordering::SeqCst);
        (file, before)
    });

    // On SQLite, wherever it came from.
    let mut elsewhere = Hub::on_sqlite("");
    elsewhere.cli(&["restore", &file.display().to_string()]);
    let again = backup(&elsewhere, folder.path(), "second.tar.gz");
    same(&file, &again);
    look_around(&mut elsewhere, before);

    // On the database of this run, which is PostgreSQL or SQLite again.
    let mut back = Hub::configured(None, "");
    back.cli(&["restore", &again.display().to_string()]);
    let third = backup(&back, folder.path(), "third.tar.gz");
    same(&file, &third);
    look_around(&mut back, before);
}

#[test]
fn a_restore_refuses_what_it_would_destroy_and_what_is_not_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut hub = village();
    let file = backup(&hub, folder.path(), "whole.tar.gz");
    let name = file.display().to_string();
    refused(&hub, &["backup", &name], "is there already");
    refused(&hub, &["restore", &name], "There is a hub with people or mail in it already, and nothing was changed");
    // Not even when it may go, while it runs.
    refused(&hub, &["restore", "--replace", &name], "in use");
    hub.stranger().get("/issues/1").expect(200);

    let bytes = std::fs::read(&file).expect("the backup");
    let cut = folder.path().join("cut.tar.gz");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("half of it");
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0x55;
    let broken = folder.path().join("broken.tar.gz");
    std::fs::write(&broken, &changed).expect("a damaged one");
    let fresh = Hub::on_sqlite("");
    for damaged in [&cut, &broken] {
        let words = ["restore", &damaged.display().to_string()];
        refused(&fresh, &words, "is not restored from, and nothing was changed");
    }
    assert!(!fresh.data().join("guildhall.sqlite").exists(), "nothing was changed");
    refused(&fresh, &["restore", "/etc/passwd"], "not a backup of Guildhall");

    hub.stop();
    // What came after the backup goes with the hub that may go.
    std::thread::park_timeout(Duration::from_millis(100));
    hub.cli(&["restore", "--replace", &name]);
    look_around(&mut hub, 0);
}
