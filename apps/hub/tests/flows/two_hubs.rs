//! Two hubs with data directories of their own on one PostgreSQL: both serve, work is done once, and what one of them did
//! moves to the other when it is killed. Only where the tests have a PostgreSQL.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::harness::{Hub, IrcServer, Sink, Talker, wait_for};

/// How long work may stay with a hub that was killed.
const MOVES_WITHIN: Duration = Duration::from_secs(10);

/// The first hub runs; the second is configured on the same database.
fn pair(sink: &Sink, more: &str) -> Option<(Hub, Hub)> {
    if std::env::var_os("GUILDHALL_TEST_DATABASE").is_none() {
        eprintln!("two hubs need PostgreSQL (GUILDHALL_TEST_DATABASE); ops/test brings one");
        return None;
    }
    let first = Hub::start(Some(sink), more);
    let mut second = Hub::beside(&first, sink, more);
    second.run();
    Some((first, second))
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
    let Some((first, second)) = pair(&sink, "") else { return };
    first.cli(&["lists", "new", "dev@hub.test"]);
    let members = "ann@example.org\nm1@example.net\nm2@example.net\n";
    assert!(first.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], members.as_bytes()).status.success());
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
    let Some((mut first, second)) = pair(&sink, &more) else { return };
    tom.hear("JOIN");
    tom.send("NAMES #dev");
    let names = tom.hear(" 353 ");
    assert_eq!(names.matches("hub").count(), 1 + names.matches("hub.").count(), "one bot is there: {names}");
    first.kill();
    let killed = Instant::now();
    tom.hear("JOIN");
    assert!(killed.elapsed() < MOVES_WITHIN, "the bot came back after {:?}", killed.elapsed());
    tom.say("#dev", "who is there");
    let stranger = second.stranger();
    let day = wait_for("the log", || stranger.get("/chat/test/dev/").attributes("td.title a", "href").first().cloned());
    wait_for("the line", || stranger.get(&day).text.contains("who is there").then_some(()));
}

#[test]
fn what_a_killed_hub_was_sending_is_sent_by_the_other() {
    let sink = Sink::start();
    let Some((mut first, second)) = pair(&sink, "") else { return };
    first.cli(&["lists", "new", "dev@hub.test"]);
    let members: String = (0..300).map(|n| format!("m{n}@example.net\n")).collect();
    let members = format!("ann@example.org\n{members}");
    assert!(first.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], members.as_bytes()).status.success());
    for n in 0..5 {
        assert!(first.lmtp("ann@example.org", &["dev@hub.test"], &post(n))[0].starts_with("250"));
    }
    wait_for("the first copies", || (sink.mails().len() > 5).then_some(()));
    first.kill();
    // What was on its way at that moment may come twice, under the same Message-ID.
    wait_for("every copy", || {
        let each: HashSet<(String, String)> = copies(&sink).into_iter().collect();
        (each.len() == 5 * 301).then_some(())
    });
    second.stranger().get("/lists/dev/post4@test/").expect(200);
}

#[test]
fn an_old_hub_serves_on_while_a_newer_one_has_migrated() {
    let sink = Sink::start();
    let Some((first, mut second)) = pair(&sink, "") else { return };
    let ann = first.person("ann", true);
    // What a step of the next release does: it adds, and leaves its row.
    let sql = "ALTER TABLE tracker_issue ADD COLUMN later TEXT; ALTER TABLE mail_out ADD COLUMN later TEXT; \
               INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_9999_later', 0)";
    let done = std::process::Command::new("psql").args([&first.database_url(), "-qc", sql]).status();
    assert!(done.expect("psql runs").success());
    ann.submit("/issues/new", "/issues/new", &[("title", "Meanwhile"), ("message", "It works.")]).expect(200);
    ann.at(&second).get("/issues/1").expect(200);
    second.stop();
    let refused = second.try_cli(&["serve"], b"");
    assert!(!refused.status.success(), "an old program does not start on a newer database");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("newer guildhall"));
    ann.get("/issues/1").expect(200);
}
