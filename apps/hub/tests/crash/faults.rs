//! What breaks around a hub: the smarthost, the disk, and a stop in the middle of everything.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{Hub, Visitor, wait_for};
use crate::load::{hand_in, said};
use crate::look::Look;
use crate::post_office::{Mood, PostOffice};

fn hub_with(office: &PostOffice, members: &str) -> Hub {
    let hub = Hub::start(None, &format!("smarthost = \"smtp://127.0.0.1:{}\"\n", office.port));
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let roster = format!("ann@example.org\n{members}");
    let synced = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], roster.as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    hub
}

fn post(word: &str, text: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: dev@hub.test\r\nSubject: {word}\r\nMessage-ID: <{word}@test>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n{text}\r\n"
    )
}

fn got(office: &PostOffice, rcpt: &str, word: &str) -> usize {
    let is =
        |mail: &&crate::harness::Taken| mail.rcpts.iter().any(|to| to == rcpt) && mail.header("subject").contains(word);
    office.mails().iter().filter(is).count()
}

#[test]
fn a_smarthost_that_is_choosy_rude_or_gone_costs_nobody_else_their_mail() {
    let office = PostOffice::open();
    let hub = hub_with(&office, "m1@example.net\nno1@example.net\nlater1@example.net\n");
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let state = |rcpt: &str, word: &str| {
        look.texts(&format!(
            "SELECT r.state FROM mail_out_rcpt r JOIN mail_out m ON m.id = r.mail_id WHERE r.address = '{rcpt}' AND m.message_id = '{word}@test'"
        ))
    };
    office.mood(Mood::Choosy);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("choosy", "One takes it, one does not, one is busy.")));
    wait_for("the one who takes it", || (got(&office, "m1@example.net", "choosy") == 1).then_some(()));
    wait_for("the refusal to be noted", || (state("no1@example.net", "choosy") == ["failed"]).then_some(()));
    wait_for("the other to be put off", || (state("later1@example.net", "choosy") == ["waiting"]).then_some(()));

    // It took the mail and said nothing: it must get it again, under the same Message-ID.
    office.mood(Mood::Rude);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("rude", "Taken, and not acknowledged.")));
    wait_for("the mail to be put off", || {
        let asked =
            "SELECT count(*) FROM mail_out_rcpt WHERE state = 'waiting' AND tries > 0 AND address = 'm1@example.net'";
        (look.number(asked) == 1).then_some(())
    });
    office.mood(Mood::Kind);
    office.close();
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("gone", "Nobody is there.")));
    wait_for("the mail to wait", || (state("m1@example.net", "gone") == ["waiting"]).then_some(()));
    office.reopen();
    // The hub leaves a smarthost alone for a while when it was not there.
    let hurry = || {
        look.execute("UPDATE mail_out_rcpt SET due_at = created.created_at FROM mail_out AS created WHERE created.id = mail_out_rcpt.mail_id AND state = 'waiting'");
        look.execute("UPDATE mail_out SET due_at = created_at WHERE due_at IS NOT NULL");
    };
    for (rcpt, word) in [("m1", "rude"), ("m1", "gone"), ("later1", "choosy")] {
        wait_for(word, || {
            hurry();
            (got(&office, &format!("{rcpt}@example.net"), word) == 1).then_some(())
        });
    }
}

#[test]
fn a_stop_in_the_middle_of_everything_ends_within_ten_seconds_and_keeps_its_word() {
    let office = PostOffice::open();
    office.mood(Mood::Slow(Duration::from_millis(200)));
    let mut hub = hub_with(&office, "m1@example.net\nm2@example.net\n");
    let ann: Visitor = hub.person("ann", true);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let idle = TcpStream::connect(("127.0.0.1", hub.smtp)).expect("SMTP answers");
    let mut idle = BufReader::new(idle);
    let mut line = String::new();
    idle.read_line(&mut line).expect("a greeting");
    idle.get_mut().write_all(b"EHLO idle.test\r\n").expect("a sent line");
    let (ends, lmtp) = (AtomicBool::new(false), hub.lmtp);
    let (filed, posted, took) = std::thread::scope(|scope| {
        let forms = scope.spawn(|| {
            let mut filed = vec![];
            for n in 0.. {
                let title = format!("stop form {n}");
                match ann.try_post("/issues/new", &[("title", &title), ("message", "x"), ("csrf", &token)]) {
                    Some(303) => filed.push(title),
                    None if ends.load(Ordering::SeqCst) => return filed,
                    None => {}
                    Some(status) => panic!("a form was answered with {status}"),
                }
            }
            filed
        });
        let posts = scope.spawn(|| {
            let mut posted = vec![];
            for n in 0.. {
                let word = format!("stop-post-{n}");
                if hand_in(lmtp, "LHLO", "dev@hub.test", &post(&word, "Quick.")) {
                    posted.push(word);
                } else if ends.load(Ordering::SeqCst) {
                    return posted;
                }
            }
            posted
        });
        std::thread::park_timeout(Duration::from_millis(1500));
        let begun = Instant::now();
        hub.terminate();
        let took = wait_for("the hub to end", || hub.has_ended().then(|| begun.elapsed()));
        ends.store(true, Ordering::SeqCst);
        (forms.join().expect("forms"), posts.join().expect("posts"), took)
    });
    assert!(took < Duration::from_secs(10), "the stop took {took:?}");
    let mut rest = String::new();
    while idle.read_line(&mut rest).is_ok_and(|count| count > 0) {}
    assert!(rest.contains("\r\n421 4.3.2"), "the idle session heard {rest:?}");
    hub.run();
    office.mood(Mood::Kind);
    assert!(!filed.is_empty() && !posted.is_empty(), "there was load");
    let issues = look.counts("SELECT title, count(*) FROM tracker_issue GROUP BY title");
    for title in &filed {
        assert_eq!(issues.get(title), Some(&1), "{title}");
    }
    for word in &posted {
        for rcpt in ["m1@example.net", "m2@example.net"] {
            wait_for(word, || (got(&office, rcpt, word) > 0).then_some(()));
        }
    }
    assert_eq!(look.number("SELECT count(*) FROM journal_parked"), 0);
    assert_eq!(look.number("SELECT count(*) FROM job WHERE state = 'failed'"), 0);
}

/// A small disk of its own, gone with it.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let words = ["-t", "tmpfs", "-o", "size=40m", "tmpfs"];
        let mounted = Command::new("mount").args(words).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("a small disk needs root; this is tried where the tests run as root");
        return;
    };
    let office = PostOffice::open();
    let more = format!("smarthost = \"smtp://127.0.0.1:{}\"\n", office.port);
    let mut hub = Hub::configured(None, &more);
    if hub.database_url() != "sqlite" {
        return;
    }
    hub.move_to(disk.0.path());
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\nm1@example.net\n");
    let ann = hub.person("ann", true);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("before", "There is room.")));
    wait_for("the mail before", || (got(&office, "m1@example.net", "before") == 1).then_some(()));

    let filler = disk.0.path().join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file");
    while file.write_all(&[0; 4096]).is_ok() {}
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
    drop(file);
    std::fs::remove_file(&filler).expect("room again");
    wait_for("mail to be taken again", || {
        hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("after", "There is room again.")).then_some(())
    });
    for word in kept.iter().map(String::as_str).chain(["after"]) {
        wait_for(word, || (got(&office, "m1@example.net", word) == 1).then_some(()));
    }
    let look = Look::open("sqlite", hub.data().to_owned());
    assert_eq!(look.number("SELECT count(*) FROM journal_parked"), 0, "{}", hub.log());
    assert_eq!(look.number("SELECT count(*) FROM job WHERE state = 'failed'"), 0, "{}", hub.log());
    assert_eq!(look.blob_faults(), Vec::<String>::new());
    assert_eq!(look.file_faults(), Vec::<String>::new());
}
