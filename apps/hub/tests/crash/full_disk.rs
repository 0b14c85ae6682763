//! A disk that is full, and has room again.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::faults::{got, list_of, post, smarthost};
use crate::harness::{Hub, run, wait_for};
use crate::judge::none;
use crate::load::{hand_in, said};
use crate::look::Look;
use crate::post_office::PostOffice;
use crate::repository::{Repository, TEAM, is_lost};
use crate::rig::settle;

/// A small disk of its own, gone with it.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let words = ["-t", "tmpfs", "-o", "size=40m", "tmpfs"];
        let mounted = Command::new("mount").args(words).arg(folder.path()).output().expect("mount runs");
        let said = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "root cannot mount a small disk, so a full one is not tried: {said}");
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Whether this process is root, or believes so.
fn is_root() -> bool {
    run(Path::new("/"), "id", &["-u"]).trim() == "0"
}

/// Runs the test of this name again as the root of a user namespace of its own.
fn again_as_root(name: &str) {
    let unshared = |words: &[&str]| Command::new("unshare").arg("-rm").args(words).output();
    if !unshared(&["true"]).is_ok_and(|output| output.status.success()) {
        // Past what the test runner swallows.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED {name}: a small disk needs root or a user namespace (unshare -rm)");
        return;
    }
    let own = std::env::current_exe().expect("this program").display().to_string();
    let output = unshared(&[&own, "--exact", name, "--nocapture"]).expect("unshare runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// Fills the disk to its last page.
fn fill_up(file: &mut File) {
    while file.write_all(&[0; 4096]).is_ok() {}
}

/// Pushes the next commits until one finds no room; how many were tried, and which the hook kept.
fn push_into(filler: &mut File, repository: &Repository, data: &Path) -> (usize, Vec<usize>) {
    let mut kept = vec![];
    for number in 1..repository.commits.len() - 1 {
        // A page may have become free since.
        fill_up(filler);
        if is_lost(&repository.push(number, data)) {
            return (number, kept);
        }
        kept.push(number);
    }
    panic!("a full disk has room for {} pushes", kept.len());
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    if !is_root() {
        return again_as_root("full_disk::a_full_disk_is_said_and_nothing_is_lost");
    }
    let disk = SmallDisk::mount();
    let office = PostOffice::open();
    // On PostgreSQL the database is on a disk of its own: what is tried here is SQLite, whatever the tests run on.
    let mut hub = Hub::on_sqlite(&smarthost(&office));
    hub.move_to(disk.0.path());
    hub.run();
    list_of(&hub, "dev@hub.test", "m1@example.net\n");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let repository = Repository::make(elsewhere.path(), 30, 0);
    let path = repository.path.display().to_string();
    hub.cli(&["commits", "add", "hall", &path, "--vcs", "git", "--list", TEAM]);
    let ann = hub.person("ann", true);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("before", "There is room.")));
    wait_for("the mail before", || (got(&office, "m1@example.net", "before") == 1).then_some(()));

    let filler = disk.0.path().join("filler");
    let mut file = File::create(&filler).expect("a file");
    fill_up(&mut file);
    let large = format!("{}\r\n", "y".repeat(70)).repeat(2_000);
    let mut kept = vec![];
    let mut refused = None;
    for n in 0..200 {
        let word = format!("full-{n}");
        let reply = said(hub.lmtp, "LHLO", "dev@hub.test", &post(&word, &large)).expect("an answer");
        if reply.starts_with("250") {
            kept.push(word);
        } else {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("a full disk refuses");
    assert!(refused.starts_with("452 4.3.1") && refused.contains("disk is full"), "{refused}");
    let status = ann.try_post("/issues/new", &[("title", "full"), ("message", &large), ("csrf", &token)]);
    assert!(matches!(status, Some(303 | 507)), "a form on a full disk was answered with {status:?}");
    assert_eq!(ann.get("/issues/").status, 200, "reading goes on");
    let (lost, pushed) = push_into(&mut file, &repository, disk.0.path());
    drop(file);
    std::fs::remove_file(&filler).expect("room again");
    wait_for("mail to be taken again", || {
        hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("after", "There is room again.")).then_some(())
    });
    for word in kept.iter().map(String::as_str).chain(["after"]) {
        wait_for(word, || (got(&office, "m1@example.net", word) == 1).then_some(()));
    }
    let said = repository.push(lost + 1, disk.0.path());
    assert_eq!(said, "", "a push with room again");
    let look = Look::open("sqlite", hub.data().to_owned());
    settle(&hub, &look);
    let commits = look.counts("SELECT commit_id, count(*) FROM revision GROUP BY commit_id");
    let times = |number: usize| commits.get(&repository.commits[number]).copied().unwrap_or(0);
    for number in pushed.into_iter().chain([lost + 1]) {
        assert_eq!(times(number), 1, "the push of commit {number} was kept");
    }
    assert!(times(lost) <= 1, "the push that the hook gave up is there {} times", times(lost));
    let issues = look.number("SELECT count(*) FROM tracker_issue WHERE title = 'full'");
    assert_eq!(issues, i64::from(status == Some(303)), "a form that was answered with {status:?}");
    let faults = [look.given_up(), look.blob_faults(), look.file_faults()].concat();
    none(&faults, "after a full disk", &hub.log());
}
