//! Two hubs with data directories of their own on one PostgreSQL: both serve, work is done once, and what one of them did
//! moves to the other when it is killed. Where the tests are given no PostgreSQL, each starts one of its own.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::harness::{Hub, IrcServer, Postgres, Sink, Talker, Visitor, query, wait_for};

/// How long work may stay with a hub that was killed.
const MOVES_WITHIN: Duration = Duration::from_secs(10);

/// Two hubs that run, the first started first, and the server that they may have for themselves.
fn pair(sink: &Sink, more: &str) -> Option<(Option<Postgres>, Hub, Hub)> {
    let (server, database) = Postgres::somewhere()?;
    let first = Hub::on(&database, Some(sink), more);
    let mut second = Hub::beside(&first, sink, more);
    second.run();
    Some((server, first, second))
}

/// The name by which a hub claims work: of what it drew, its machine and its place.
fn node(hub: &Hub) -> String {
    let drawn = std::fs::read_to_string(hub.data().join("node")).expect("a name");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let whole = format!("{} {} {}", drawn.trim(), host.trim(), hub.data().display());
    hex::encode(Sha256::digest(whole)).chars().take(16).collect()
}

/// How many sites the hubs have built in all, the manual not counted.
fn builds(hub: &Hub) -> usize {
    let sql =
        "SELECT count(*) FROM journal WHERE kind = 'SiteBuilt' AND payload::jsonb::text LIKE '%\"site\": \"site\"%'";
    query(&hub.database_url(), sql).parse().expect("a number")
}

/// A list that ann and these members are on.
fn list(hub: &Hub, members: &str) {
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let members = format!("ann@example.org\n{members}");
    assert!(hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], members.as_bytes()).status.success());
}

fn post(n: usize) -> String {
    format!(
        "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: Post {n}\nMessage-ID: <post{n}@test>\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nText {n}\n"
    )
}

/// Who got which post.
fn copies(sink: &Sink) -> Vec<(String, String)> {
    let posts = sink.mails().into_iter().filter(|mail| mail.header("message-id").starts_with("<post"));
    posts.flat_map(|mail| mail.rcpts.clone().into_iter().map(move |to| (to, mail.header("message-id")))).collect()
}

#[test]
fn two_hubs_share_sessions_and_forms_and_send_each_mail_once() {
    let sink = Sink::start();
    let Some((_server, first, second)) = pair(&sink, "") else { return };
    list(&first, "m1@example.net\nm2@example.net\n");
    let ann = first.person("ann", true);
    let there = ann.at(&second);
    there.get("/me").expect(200);
    // The token of a form comes from one hub, and the other takes the form.
    let token = ann.get("/issues/new").expect(200).attributes("input[name=csrf]", "value").remove(0);
    there.post("/issues/new", &[("title", "Across"), ("message", "Both know."), ("csrf", &token)]).expect(200);
    assert!(ann.get("/issues/1").expect(200).text.contains("Across"));
    for n in 0..40 {
        let hub = if n % 2 == 0 { &first } else { &second };
        assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &post(n))[0].starts_with("250"));
    }
    wait_for("a copy for each of three members", || (copies(&sink).len() >= 120).then_some(()));
    // A copy that goes twice goes when a claim ends.
    std::thread::park_timeout(Duration::from_secs(8));
    let all = copies(&sink);
    let each: HashSet<&(String, String)> = all.iter().collect();
    assert_eq!((all.len(), each.len()), (120, 120), "each member got each post once");
    // Whichever hub shows it, the archive has each post once.
    let archive = ann.at(&second).get("/lists/dev/").expect(200).text;
    assert_eq!(
        (0..40).map(|n| archive.matches(&format!(">Post {n}<")).count()).collect::<HashSet<_>>(),
        HashSet::from([1])
    );
}

#[test]
fn one_hub_holds_the_channel_and_the_other_takes_it_over() {
    let (sink, server) = (Sink::start(), IrcServer::start());
    let tom = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n",
        server.port
    );
    let Some((_server, mut first, mut second)) = pair(&sink, &more) else { return };
    tom.hear("JOIN");
    tom.send("NAMES #dev");
    let names = tom.hear(" 353 ");
    assert_eq!(names.matches("hub").count(), 1 + names.matches("hub.").count(), "one bot is there: {names}");
    take_over(&tom, &mut first, &second, "is anybody there");
    // The one that was killed comes back beside the other, which goes on; then that one is killed.
    first.run();
    take_over(&tom, &mut second, &first, "and now");
}

/// Kills the hub that holds the channel: the other one soon hears what is said there.
fn take_over(tom: &Talker, holder: &mut Hub, heir: &Hub, words: &str) {
    let held = "SELECT holder FROM lease WHERE name = 'chat/test'";
    assert_eq!(query(&heir.database_url(), held), node(holder));
    holder.kill();
    let killed = Instant::now();
    tom.hear("JOIN");
    assert!(killed.elapsed() < MOVES_WITHIN, "the bot came back after {:?}", killed.elapsed());
    assert_eq!(query(&heir.database_url(), held), node(heir));
    tom.say("#dev", words);
    let stranger = heir.stranger();
    let day = wait_for("the log", || stranger.get("/chat/test/dev/").attributes("td.title a", "href").first().cloned());
    wait_for("the line", || stranger.get(&day).text.contains(words).then_some(()));
}

#[test]
fn what_a_killed_hub_was_sending_is_sent_by_the_other() {
    let sink = Sink::start();
    let Some((_server, mut first, mut second)) = pair(&sink, "") else { return };
    let members: String = (0..300).map(|n| format!("m{n}@example.net\n")).collect();
    list(&first, &members);
    send_on(&sink, &mut first, &second, 0);
    first.run();
    send_on(&sink, &mut second, &first, 5);
}

/// Kills a hub while it sends five posts, from this one on, to 301 members.
fn send_on(sink: &Sink, sender: &mut Hub, heir: &Hub, from: usize) {
    let posts = from..from + 5;
    let before = sink.mails().len();
    for n in posts.clone() {
        assert!(sender.lmtp("ann@example.org", &["dev@hub.test"], &post(n))[0].starts_with("250"));
    }
    wait_for("the first copies", || (sink.mails().len() > before + 5).then_some(()));
    let works = format!(
        "SELECT count(*) FROM mail_out WHERE claimed_by = '{}' AND claimed_until IS NOT NULL AND due_at IS NOT NULL",
        node(sender)
    );
    let left = || query(&heir.database_url(), &works).parse::<usize>().expect("a number");
    wait_for("mails in the works", || (left() > 0).then_some(()));
    sender.kill();
    let killed = Instant::now();
    assert!(left() > 0, "it was killed while it sent");
    wait_for("the other hub to have them", || (left() == 0).then_some(()));
    assert!(killed.elapsed() < MOVES_WITHIN, "mails stayed with a killed hub for {:?}", killed.elapsed());
    // What was on its way at that moment may come twice, under the same Message-ID.
    let wanted: HashSet<String> = posts.map(|n| format!("<post{n}@test>")).collect();
    wait_for("every copy", || {
        let each: HashSet<(String, String)> = copies(sink).into_iter().filter(|(_, id)| wanted.contains(id)).collect();
        (each.len() == 5 * 301).then_some(())
    });
    heir.stranger().get(&format!("/lists/dev/post{from}@test/")).expect(200);
}

#[test]
fn a_site_is_built_once_for_each_change_and_by_the_other_hub_when_its_builder_is_killed() {
    let sink = Sink::start();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |text: &str| {
        // In one step: half a file would be another state of the site.
        let new = folder.path().join(".new");
        std::fs::write(&new, format!("# {text}\n")).expect("a page");
        std::fs::rename(new, folder.path().join("index.md")).expect("a page");
    };
    write("Edition 0");
    let more = format!("[site]\nsource = \"{}\"\n", folder.path().display());
    let Some((_server, mut first, mut second)) = pair(&sink, &more) else { return };
    let shown = |hub: &Hub, text: &str| hub.stranger().get("/site/").text.contains(text).then_some(());
    for edition in 0..4 {
        let text = format!("Edition {edition}");
        if edition > 0 {
            write(&text);
        }
        wait_for(&text, || shown(&first, &text).and(shown(&second, &text)));
        // Both have looked for changes once more.
        std::thread::park_timeout(Duration::from_secs(7));
        assert_eq!(builds(&first), edition + 1, "one build a change");
    }
    // A page that cannot be read to its end holds the next build up.
    let pipe = folder.path().join("pipe.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let building = "SELECT claimed_by FROM job WHERE name = 'RebuildSite' AND state = 'running'";
    let builder = wait_for("a build", || Some(query(&first.database_url(), building)).filter(|node| !node.is_empty()));
    let (builder, heir) = if builder == node(&first) { (&mut first, &second) } else { (&mut second, &first) };
    let before = builds(heir);
    builder.kill();
    let killed = Instant::now();
    std::fs::remove_file(&pipe).expect("no pipe");
    write("After the kill");
    wait_for("the build", || shown(heir, "After the kill"));
    assert!(killed.elapsed() < MOVES_WITHIN, "the build stood after {:?}", killed.elapsed());
    assert_eq!(builds(heir), before + 1);
}

/// What somebody got done at a hub, and what the hub did not take.
struct Busy {
    issues: usize,
    posts: Vec<usize>,
    refused: Vec<String>,
}

/// Files issues and posts to the list, three at least, until told to stop.
fn keep_busy(hub: &Hub, visitor: &Visitor, from: usize, stop: &AtomicBool) -> Busy {
    let mut busy = Busy { issues: 0, posts: vec![], refused: vec![] };
    let token = visitor.get("/issues/new").expect(200).attributes("input[name=csrf]", "value").remove(0);
    for n in from.. {
        if n >= from + 3 && stop.load(Ordering::Relaxed) {
            break;
        }
        let title = format!("Issue {n}.");
        match visitor.try_post("/issues/new", &[("title", &title), ("message", "Meanwhile."), ("csrf", &token)]) {
            Some(303) => busy.issues += 1,
            other => busy.refused.push(format!("issue {n}: {other:?}")),
        }
        for page in ["/issues/", "/lists/dev/", "/me"] {
            let status = visitor.get(page).status;
            if status != 200 {
                busy.refused.push(format!("{page}: {status}"));
            }
        }
        match &hub.lmtp("ann@example.org", &["dev@hub.test"], &post(n))[0] {
            reply if reply.starts_with("250") => busy.posts.push(n),
            reply => busy.refused.push(format!("post {n}: {reply}")),
        }
    }
    busy
}

/// The first hub is the older version: the program that `GUILDHALL_TEST_OLDER` names (that of the last release), or this
/// one, whose database has no step of the next version.
#[test]
fn an_older_hub_serves_on_while_a_newer_one_starts_migrates_and_takes_over() {
    let sink = Sink::start();
    let Some((_server, database)) = Postgres::somewhere() else { return };
    let mut first = Hub::configured_on(&database, Some(&sink), "");
    if let Some(program) = std::env::var_os("GUILDHALL_TEST_OLDER") {
        first.become_program(program.into());
    }
    first.run();
    list(&first, "m1@example.net\n");
    let ann = first.person("ann", true);
    let mut second = Hub::beside(&first, &sink, "");
    second.become_later();
    let (stop, stop_both) = (AtomicBool::new(false), AtomicBool::new(false));
    let work = std::thread::scope(|scope| {
        let old = scope.spawn(|| keep_busy(&first, &ann, 1000, &stop_both));
        let also = scope.spawn(|| keep_busy(&first, &ann, 2000, &stop));
        let wait = Duration::from_secs(1);
        std::thread::park_timeout(wait);
        second.run();
        stop.store(true, Ordering::Relaxed);
        // Both versions serve beside each other.
        let (later, there) = (&second, ann.at(&second));
        let both = &stop_both;
        let new = scope.spawn(move || keep_busy(later, &there, 3000, both));
        std::thread::park_timeout(3 * wait);
        stop_both.store(true, Ordering::Relaxed);
        [old, also, new].map(|thread| thread.join().expect("somebody busy"))
    });
    let refused: Vec<&String> = work.iter().flat_map(|busy| &busy.refused).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert!(work.iter().all(|busy| busy.issues > 2), "all three were busy");
    let steps = "SELECT count(*) FROM seaql_migrations WHERE version = 'm29991231_9999_trial'";
    assert_eq!(query(&database, steps), "1", "the second hub has migrated");
    let issues: usize = work.iter().map(|busy| busy.issues).sum();
    assert_eq!(query(&database, "SELECT count(*) FROM tracker_issue"), issues.to_string(), "each issue is there once");
    let posts: Vec<usize> = work.iter().flat_map(|busy| busy.posts.clone()).collect();
    wait_for("a copy for each of two members", || (copies(&sink).len() >= 2 * posts.len()).then_some(()));
    // The older one goes: it would not come back to a database that it does not know, as the newer one does.
    first.stop();
    let refused = first.try_cli(&["serve"], b"");
    assert!(!refused.status.success(), "an old program does not start on a newer database");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("newer guildhall"));
    let there = ann.at(&second);
    there.submit("/issues/new", "/issues/new", &[("title", "Afterwards"), ("message", "It works.")]).expect(200);
    first.become_program(env!("CARGO_BIN_EXE_guildhall").into());
    first.become_later();
    first.run();
    assert!(ann.get(&format!("/issues/{}", issues + 1)).expect(200).text.contains("Afterwards"));
    // A copy that goes twice goes when a claim ends.
    std::thread::park_timeout(Duration::from_secs(8));
    let all = copies(&sink);
    let each: HashSet<&(String, String)> = all.iter().collect();
    assert_eq!((all.len(), each.len()), (2 * posts.len(), 2 * posts.len()), "each member got each post once");
}

#[test]
fn two_hubs_that_start_at_once_on_an_empty_database_both_come_up() {
    let sink = Sink::start();
    for _ in 0..3 {
        let Some((_server, database)) = Postgres::somewhere() else { return };
        let mut first = Hub::configured_on(&database, Some(&sink), "");
        let mut second = Hub::beside(&first, &sink, "");
        first.launch();
        second.launch();
        first.until_it_answers();
        second.until_it_answers();
        let ann = first.person("ann", true);
        ann.submit("/issues/new", "/issues/new", &[("title", "First"), ("message", "Both are up.")]).expect(200);
        assert!(ann.at(&second).get("/issues/1").expect(200).text.contains("Both are up."));
        let manual = |hub: &Hub| (hub.stranger().get("/docs/").status == 200).then_some(());
        wait_for("the manual", || manual(&first).and(manual(&second)));
        let built = query(&database, "SELECT count(*) FROM journal WHERE kind = 'SiteBuilt'");
        assert_eq!(built, "1", "one of them built the manual");
    }
}
