//! What happens while a page is open arrives on it: on an issue, a thread, the activity stream; never in the way of
//! somebody who types; only to those who may see it; from another hub on the same database too.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::harness::{Browser, Hub, wait_for};

fn status(browser: &Browser) -> String {
    let script = "return [...document.querySelectorAll('[role=status]')].map((one) => one.textContent).join(' ')";
    browser.script(script, json!([])).as_str().unwrap_or_default().to_owned()
}

/// Where the answer's field stands on the screen.
fn place(browser: &Browser) -> i64 {
    let script = "return Math.round(document.getElementById('f-message').getBoundingClientRect().top)";
    browser.script(script, json!([])).as_i64().expect("a number")
}

/// Waits until the page has its stream, or news of before would be shown by the page itself.
fn streams(browser: &Browser) {
    wait_for("the stream of the page", || {
        let script = "return performance.getEntriesByType('resource').some((one) => one.name.includes('/live'))";
        // A stream that goes on is no entry yet: the page is old enough then.
        let script = format!("return performance.now() > 1500 || (() => {{ {script} }})()");
        (browser.script(&script, json!([])) == json!(true)).then_some(())
    });
}

#[test]
fn news_arrives_on_open_pages_and_moves_nothing() {
    let hub = Hub::start(None, "");
    let (ann, bob) = (hub.person("ann", true), hub.person("bob", false));
    ann.submit("/issues/new", "/issues/new", &[("title", "The heron sleeps"), ("message", "It does not wake.")])
        .expect(200);
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let (reader, writer) = (Browser::start(&hub), Browser::start(&hub));
    for (browser, name) in [(&reader, "ann"), (&writer, "bob")] {
        browser.screen(1440, "light");
        browser.sign_in(name);
    }

    // Somebody who only reads sees the answer at its place, and hears of it.
    reader.go("/issues/1");
    streams(&reader);
    writer.go("/issues/1");
    writer.find("#f-message").write("Poke it with a fish.");
    writer.find("#reply button.primary").click();
    reader.wait_for_text("Poke it with a fish.");
    assert!(status(&reader).contains("1 new message"), "{}", status(&reader));

    // Somebody who types is not disturbed: the field stays where it is, the news waits behind a button.
    reader.find("#f-message").write("I was about to say");
    let before = place(&reader);
    bob.submit("/issues/1", "/issues/1", &[("message", "It woke."), ("title", "The heron sleeps")]).expect(200);
    let button = wait_for("the button", || reader.try_find("button.live-more"));
    assert_eq!(button.read("text"), json!("Show 1 new message"));
    assert_eq!(place(&reader), before, "nothing moved");
    assert!(!reader.text().contains("It woke."));
    button.click();
    reader.wait_for_text("It woke.");
    assert!(reader.focus().starts_with("article#msg3"), "{}", reader.focus());

    // The draft is kept in this browser, over a reload.
    wait_for("the draft to be kept", || {
        let kept = reader
            .script("return Object.keys(localStorage).some((key) => key.startsWith('guildhall:draft'))", json!([]));
        (kept == json!(true)).then_some(())
    });
    reader.go("/issues/1");
    let typed = reader.find("#f-message").read("property/value");
    assert_eq!(typed, json!("I was about to say"));

    // A thread of a list, and the activity stream.
    let post = |id: &str, more: &str, text: &str| {
        let mail = format!(
            "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: Tides\nMessage-ID: <{id}>\n{more}Date: Sat, 21 Nov 2026 12:00:00 +0000\n\n{text}\n"
        );
        assert!(hub.lmtp("ann@example.org", &["dev@hub.test"], &mail)[0].starts_with("250"));
    };
    let synced = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n");
    assert!(synced.status.success());
    post("one@test", "", "The tide is low.");
    wait_for("the thread", || (ann.get("/lists/dev/one@test/t/").status == 200).then_some(()));
    reader.go("/lists/dev/one@test/t/");
    writer.go("/activity");
    streams(&reader);
    streams(&writer);
    post("two@test", "In-Reply-To: <one@test>\n", "Now it is high.");
    reader.wait_for_text("Now it is high.");
    wait_for("the button of the stream", || writer.try_find("button.live-more")).click();
    writer.wait_for_text("answered on dev");
}

/// Reads a stream of events as a program does, and says which came within a time.
struct Ear(BufReader<TcpStream>);

impl Ear {
    fn open(port: u16, topic: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the hub answers");
        stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        write!(stream, "GET /live?on={topic}&after=1000000 HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\n\r\n")
            .expect("asked");
        let mut ear = Self(BufReader::new(stream));
        wait_for("the head of the stream", || {
            ear.line().filter(|line| line.starts_with("content-type: text/event-stream"))
        });
        ear
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).ok().filter(|count| *count > 0)?;
        Some(line.trim_end().to_lowercase())
    }
}

#[test]
fn a_stream_tells_what_its_reader_may_see() {
    let hub = Hub::start(None, "");
    let ann = hub.person("ann", true);
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let mut ear = Ear::open(hub.http, "everything");
    // What waits for a moderator is for administrators; the issue after it is for everybody.
    let post = "From: eve@example.net\nTo: dev@hub.test\nSubject: Hello\nMessage-ID: <eve@test>\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n\nHello\n";
    assert!(hub.lmtp("eve@example.net", &["dev@hub.test"], post)[0].starts_with("250"));
    let held = wait_for("the held post in the journal", || {
        let journal = ann.get("/admin/journal");
        journal.select("ol.stream > li").iter().any(|line| line.contains("waits for a moderator")).then_some(journal)
    });
    let number = |page: &crate::harness::Answer, words: &str| -> String {
        let ids = page.attributes("ol.stream > li", "id");
        let lines = page.select("ol.stream > li");
        let place = lines.iter().position(|line| line.contains(words)).expect("a line");
        ids[place].trim_start_matches('e').to_owned()
    };
    let held = number(&held, "waits for a moderator");
    ann.submit("/issues/new", "/issues/new", &[("title", "Rapids"), ("message", "Too fast.")]).expect(200);
    let filed = number(&ann.get("/admin/journal"), "filed #1 Rapids");
    let mut told = vec![];
    wait_for("the issue on the stream", || {
        told.extend(ear.line().filter(|line| line.starts_with("id:")).map(|line| line[3..].trim().to_owned()));
        told.contains(&filed).then_some(())
    });
    assert!(!told.contains(&held), "a stranger does not hear of entry {held}: {told:?}");
}

#[test]
fn a_stop_ends_the_streams() {
    let mut hub = Hub::start(None, "");
    // The manual is built at the first start: a stop waits for it, which is not what is looked at here.
    wait_for("the manual", || hub.log().contains("a site was built").then_some(()));
    let _ears: Vec<Ear> = (0..5).map(|_| Ear::open(hub.http, "everything")).collect();
    hub.stop();
    assert!(!hub.log().contains("still under way"), "{}", hub.log());
}

#[test]
fn a_page_of_another_hub_on_the_same_database_hears_of_it() {
    if std::env::var_os("GUILDHALL_TEST_DATABASE").is_none() {
        return;
    }
    let hub = Hub::start(None, "");
    let other = hub.twin();
    let ann = hub.person("ann", true);
    let mut ear = Ear::open(other.http, "/issues/1");
    ann.submit("/issues/new", "/issues/new", &[("title", "Rapids"), ("message", "Too fast.")]).expect(200);
    wait_for("the news on the other hub", || ear.line().filter(|line| line.starts_with("event: look")));
}
