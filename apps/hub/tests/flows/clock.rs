//! The clock of the machine jumps while the hub runs: nothing is lost, nothing comes twice, and what was due is done.

use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Hub, IrcServer, Postgres, Sink, Talker, Visitor, wait_for};

/// A post and an issue, and all that follows from them.
fn talk(hub: &Hub, sink: &Sink, ann: &Visitor, word: &str) {
    wait_for("LMTP", || TcpStream::connect(("127.0.0.1", hub.lmtp)).ok());
    let mail = format!(
        "From: ann@example.org\nTo: dev@hub.test\nSubject: Post {word}\nMessage-ID: <{word}@example.org>\n\nText.\n"
    );
    let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], &mail);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    sink.wait("bob@example.net", |mail| mail.header("subject").contains(word));
    let title = format!("Issue {word}");
    ann.submit("/issues/new", "/issues/new", &[("title", &title), ("message", "It jumps.")]).expect(200);
    // A subscriber of the journal writes the index.
    wait_for("the index", || ann.get(&format!("/search?q={word}")).text.contains(&title).then_some(()));
}

fn jump(hub: &Hub, to: &str, said: &str) {
    let before = hub.log().matches(said).count();
    hub.set_clock(to);
    wait_for(said, || (hub.log().matches(said).count() > before).then_some(()));
}

#[test]
fn a_clock_that_jumps_loses_nothing_and_holds_nothing_up() {
    let sink = Sink::start();
    // On PostgreSQL the clock is that of the server, which the machine of the hub cannot set: see below.
    let mut hub = Hub::on_sqlite(&format!("smarthost = \"smtp://127.0.0.1:{}\"", sink.port));
    hub.set_clock("+0");
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.cli(&["lists", "members", "add", "dev@hub.test", "ann@example.org", "bob@example.net"]);
    let ann = hub.person("ann", true);
    talk(&hub, &sink, &ann, "calm");
    jump(&hub, "+3d", "the clock was set forward");
    talk(&hub, &sink, &ann, "forward");
    jump(&hub, "-2d", "the clock was set back");
    talk(&hub, &sink, &ann, "backward");
    // A session lives for thirty days, by whatever clock there is; another one is opened as usual.
    jump(&hub, "+40d", "the clock was set forward");
    assert!(ann.get("/me").text.contains("name=\"password\""), "the session has ended");
    ann.sign_in("ann");
    talk(&hub, &sink, &ann, "far");
    // Set back while the hub is stopped: its journal is later than the clock.
    hub.stop();
    hub.set_clock("+1h");
    hub.run();
    talk(&hub, &sink, &ann, "again");
    let words = ["calm", "forward", "backward", "far", "again"];
    let mails = sink.mails();
    for word in words {
        let to_bob = mails.iter().filter(|mail| {
            mail.header("subject").contains(&format!("Post {word}"))
                && mail.rcpts.iter().any(|to| to == "bob@example.net")
        });
        assert_eq!(to_bob.count(), 1, "{word}: {:?}", sink.subjects());
        assert!(ann.get("/lists/dev/").expect(200).text.contains(&format!("Post {word}")), "{word}");
        assert!(ann.get("/issues/?state=all").expect(200).text.contains(&format!("Issue {word}")), "{word}");
    }
    assert!(hub.cli(&["journal", "parked"]).trim().lines().count() <= 1, "{}", hub.cli(&["journal", "parked"]));
}

/// Posts through this hub's door, and their copies.
fn posts(hub: &Hub, sink: &Sink, words: &[&str]) {
    for word in words {
        let mail = format!(
            "From: ann@example.org\nTo: dev@hub.test\nSubject: Post {word}\nMessage-ID: <{word}@example.org>\n\nText.\n"
        );
        let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], &mail);
        assert!(replies[0].starts_with("250"), "{replies:?}");
    }
    for word in words {
        sink.wait("bob@example.net", |mail| mail.header("subject").contains(word));
    }
}

/// Whether each post came once to a member.
fn each_once(sink: &Sink, words: &[&str]) {
    // A copy that goes twice goes when a claim ends.
    std::thread::park_timeout(Duration::from_secs(8));
    for word in words {
        let copies = sink.mails().into_iter().filter(|mail| {
            mail.header("subject").contains(&format!("Post {word}"))
                && mail.rcpts.iter().any(|to| to == "bob@example.net")
        });
        assert_eq!(copies.count(), 1, "{word}: {:?}", sink.subjects());
    }
}

#[test]
fn hubs_whose_clocks_are_hours_apart_agree_on_the_time_of_their_database() {
    if std::env::var_os("GUILDHALL_TEST_DATABASE").is_none() {
        eprintln!("two hubs need PostgreSQL (GUILDHALL_TEST_DATABASE); ops/test brings one");
        return;
    }
    let (sink, server) = (Sink::start(), IrcServer::start());
    let tom = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n",
        server.port
    );
    let mut early = Hub::configured(Some(&sink), &more);
    early.set_clock("+5h");
    early.run();
    early.cli(&["lists", "new", "dev@hub.test"]);
    early.cli(&["lists", "members", "add", "dev@hub.test", "ann@example.org", "bob@example.net"]);
    tom.hear("JOIN");
    let mut late = Hub::beside(&early, &sink, &more);
    late.set_clock("-4h");
    late.run();
    posts(&early, &sink, &["one", "two"]);
    posts(&late, &sink, &["three", "four"]);
    // The clock of either jumps while both run, and nobody lets go of anything or takes it twice.
    early.set_clock("-30h");
    late.set_clock("+9d");
    posts(&late, &sink, &["five", "six"]);
    posts(&early, &sink, &["seven", "eight"]);
    tom.say("#dev", "is the bot still here");
    let day = wait_for("the log", || {
        late.stranger().get("/chat/test/dev/").attributes("td.title a", "href").first().cloned()
    });
    wait_for("the line", || late.stranger().get(&day).text.contains("is the bot still here").then_some(()));
    // What the one was at moves to the other at once, not when the hours between them have passed.
    wait_for("every fate to be written down", || (late.cli(&["mail", "queue", "--json"]).trim() == "[]").then_some(()));
    early.kill();
    tom.hear("JOIN");
    posts(&late, &sink, &["nine"]);
    each_once(&sink, &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]);
    let said = format!("{}{}", early.log(), late.log());
    assert!(!said.contains("the clock was set"), "{said}");
}

#[test]
fn a_database_server_whose_clock_jumps_lets_nothing_wait_and_nothing_come_twice() {
    let (sink, postgres) = (Sink::start(), Postgres::with_clock());
    let one = Hub::on(&postgres.url(), Some(&sink), "");
    let mut other = Hub::beside(&one, &sink, "");
    other.run();
    one.cli(&["lists", "new", "dev@hub.test"]);
    one.cli(&["lists", "members", "add", "dev@hub.test", "ann@example.org", "bob@example.net"]);
    posts(&one, &sink, &["one"]);
    let jumps =
        [("+5h", "the clock was set forward", ["two", "three"]), ("-3h", "the clock was set back", ["four", "five"])];
    for (to, said, [first, second]) in jumps {
        postgres.set_clock(to);
        wait_for(said, || (one.log().contains(said) && other.log().contains(said)).then_some(()));
        posts(&one, &sink, &[first]);
        posts(&other, &sink, &[second]);
    }
    each_once(&sink, &["one", "two", "three", "four", "five"]);
}
