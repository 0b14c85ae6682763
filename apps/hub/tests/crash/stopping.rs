//! A graceful stop in the middle of everything.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::archive::{Archive, LIST};
use crate::faults::{got, list_of, post, smarthost};
use crate::harness::{Hub, Visitor, wait_for};
use crate::judge::{none, taken, under_one_id};
use crate::load::{Deed, Way, hand_in};
use crate::look::Look;
use crate::post_office::{Mood, PostOffice};
use crate::repository::{Repository, TEAM, is_lost, word};
use crate::rig::settle;

#[test]
fn a_stop_in_the_middle_of_everything_ends_within_ten_seconds_and_keeps_its_word() {
    let office = PostOffice::open();
    office.mood(Mood::Slow(Duration::from_millis(200)));
    let folder = tempfile::tempdir().expect("a folder");
    // Pages enough that a build takes a while.
    let repository = Repository::make(folder.path(), 2_000, 150);
    let path = repository.path.display().to_string();
    let site = format!("[site]\nsource = \"{path}\"\nbranch = \"main\"\nrepository = \"hall\"\n");
    let mut hub = Hub::start(None, &format!("{}{site}", smarthost(&office)));
    list_of(&hub, "dev@hub.test", "m1@example.net\nm2@example.net\n");
    hub.cli(&["lists", "new", LIST]);
    hub.cli(&["commits", "add", "hall", &path, "--vcs", "git", "--list", TEAM]);
    let archive = Archive::write(&hub, 1, 5_000);
    let ann: Visitor = hub.person("ann", true);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let mut idle = idle_session(hub.smtp);
    let (ends, lmtp, data) = (AtomicBool::new(false), hub.lmtp, hub.data().to_owned());
    let (filed, posted, pushed, took) = std::thread::scope(|scope| {
        let forms = scope.spawn(|| {
            let mut filed = vec![];
            for n in 0.. {
                let word = format!("stop form {n}");
                let status = ann.try_post("/issues/new", &[("title", &word), ("message", "x"), ("csrf", &token)]);
                assert!(matches!(status, None | Some(303)), "a form was answered with {status:?}");
                filed.push(Deed { way: Way::Form, word, sure: status == Some(303) });
                if status.is_none() && ends.load(Ordering::SeqCst) {
                    return filed;
                }
            }
            filed
        });
        let posts = scope.spawn(|| {
            let mut posted = vec![];
            for n in 0.. {
                let word = format!("stop-post-{n}");
                let sure = hand_in(lmtp, "LHLO", "dev@hub.test", &post(&word, "Quick."));
                posted.push(Deed { way: Way::Post, word, sure });
                if !sure && ends.load(Ordering::SeqCst) {
                    return posted;
                }
            }
            posted
        });
        let pushes = scope.spawn(|| {
            let mut pushed = 0;
            while !ends.load(Ordering::SeqCst) {
                pushed += 1;
                let said = repository.push(pushed, &data);
                assert!(!is_lost(&said), "{said}");
            }
            pushed
        });
        let mut import = archive.begin(&hub);
        let archived = "SELECT count(*) FROM list_post WHERE subject LIKE 'Old 1 %'";
        wait_for("the import to be under way", || (look.number(archived) > 0).then_some(()));
        let building = "SELECT count(*) FROM job WHERE name = 'RebuildSite' AND state = 'running'";
        wait_for("a build to be under way", || (look.number(building) > 0).then_some(()));
        assert!(import.try_wait().expect("a child").is_none(), "the import is under way");
        let begun = Instant::now();
        hub.terminate();
        let took = wait_for("the hub to end", || hub.has_ended().then(|| begun.elapsed()));
        ends.store(true, Ordering::SeqCst);
        // It is a program of its own, which needs the database and not the hub.
        assert!(import.wait().expect("an ended import").success(), "the import ends well");
        (forms.join().expect("forms"), posts.join().expect("posts"), pushes.join().expect("pushes"), took)
    });
    assert!(took < Duration::from_secs(10), "the stop took {took:?}");
    let mut rest = String::new();
    while idle.read_line(&mut rest).is_ok_and(|count| count > 0) {}
    assert!(rest.contains("\r\n421 4.3.2"), "the idle session heard {rest:?}");
    hub.run();
    office.mood(Mood::Kind);
    settle(&hub, &look);
    assert!(filed.iter().any(|deed| deed.sure) && posted.iter().any(|deed| deed.sure), "there was load");
    let mut faults = [look.given_up(), look.blob_faults(), look.file_faults(), archive.faults(&look)].concat();
    faults.extend(lost(&look, &office, &[filed, posted].concat()));
    faults.extend(unheard(&look, &office, &repository, pushed));
    none(&faults, "after the stop", &hub.log());
    let front = format!("State {pushed:06}");
    wait_for("the site of the last push", || ann.get("/site/").text.contains(&front).then_some(()));
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
}

/// Forms and posts that were acknowledged and are not there once, or not with the members; others that are there twice.
fn lost(look: &Look, office: &PostOffice, deeds: &[Deed]) -> Vec<String> {
    let issues = look.counts("SELECT title, count(*) FROM tracker_issue GROUP BY title");
    let posts = look.counts("SELECT subject, count(*) FROM list_post GROUP BY subject");
    let found = |deed: &Deed| deed.fault(if deed.way == Way::Form { &issues } else { &posts });
    let mut faults: Vec<String> = deeds.iter().filter_map(found).collect();
    for Deed { word, .. } in deeds.iter().filter(|deed| deed.sure && deed.way == Way::Post) {
        let missing = ["m1@example.net", "m2@example.net"].into_iter().filter(|rcpt| got(office, rcpt, word) == 0);
        faults.extend(missing.map(|rcpt| format!("{word} did not reach {rcpt}")));
    }
    faults
}

/// Pushes that are not there once, or of which the team did not hear under one Message-ID.
fn unheard(look: &Look, office: &PostOffice, repository: &Repository, pushed: usize) -> Vec<String> {
    let commits = look.counts("SELECT commit_id, count(*) FROM revision GROUP BY commit_id");
    let taken = taken(office);
    let mut faults = vec![];
    for number in 1..=pushed {
        let commit = Deed { way: Way::Push, word: repository.commits[number].clone(), sure: true };
        faults.extend(commit.fault(&commits));
        faults.extend(under_one_id(&taken, &word(number), TEAM));
    }
    faults
}

/// A session of SMTP that says nothing after its greeting.
fn idle_session(port: u16) -> BufReader<TcpStream> {
    let mut idle = BufReader::new(TcpStream::connect(("127.0.0.1", port)).expect("SMTP answers"));
    let mut line = String::new();
    idle.read_line(&mut line).expect("a greeting");
    idle.get_mut().write_all(b"EHLO idle.test\r\n").expect("a sent line");
    idle
}
