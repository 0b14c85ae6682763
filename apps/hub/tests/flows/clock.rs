//! The clock of the machine jumps while the hub runs: nothing is lost, nothing comes twice, and what was due is done.

use std::net::TcpStream;

use crate::harness::{Hub, Sink, Visitor, wait_for};

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
    let mut hub = Hub::configured(Some(&sink), "");
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
