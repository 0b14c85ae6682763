//! What goes wrong is told in one clear sentence where the person is, and nothing acknowledged is lost.

use crate::harness::{Hub, Sink, wait_for};

#[test]
fn a_stale_form_a_huge_upload_and_a_wrong_address_are_told() {
    let hub = Hub::start(None, "");
    let ann = hub.person("ann", false);
    let stale = ann.post("/issues/new", &[("title", "x"), ("csrf", "old")]).expect(403);
    assert!(stale.text.contains("too old or comes from another place"), "{}", stale.text);
    let boundary = "xx";
    let token = ann.get("/issues/new").expect(200).attributes("input[name=csrf]", "value").remove(0);
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"files\"; filename=\"big\"\r\nContent-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.resize(body.len() + 100_000_000, b'x');
    body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    let large = ann.post_body("/issues/new", &format!("multipart/form-data; boundary={boundary}"), &body).expect(413);
    assert!(large.text.contains("larger than 50 MB"), "{}", large.text);
    assert!(ann.get("/nowhere").expect(404).text.contains("There is no such page"));
    assert_eq!(ann.get("/issues/999").expect(404).select("h1").len(), 1);
    let hook = hub.stranger().post_body("/hooks/nothing", "application/json", b"{}");
    assert!((400..500).contains(&hook.status), "{}", hook.status);
    let unknown = hub.lmtp("x@example.org", &["nobody@hub.test"], "Subject: x\n\nx\n");
    assert!(unknown[0].starts_with("550 5.1.1"), "{unknown:?}");
}

#[test]
fn every_fault_of_the_configuration_is_told_at_once() {
    let hub = Hub::configured(None, "[tracker]\nbananas = 3\n[lists]\n[mial]\n[chat]\nnetwork = \"x\"\n");
    let checked = hub.try_cli(&["check"], b"");
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(!checked.status.success());
    assert!(told.contains("[tracker] There is no key `bananas`") && told.contains("mial"), "{told}");
    assert!(told.contains("[chat] "), "{told}");
    assert!(told.lines().all(|line| line.contains("guildhall.toml:")), "each fault has its line: {told}");
}

#[test]
fn a_sound_configuration_is_told_with_its_file_and_its_database() {
    let hub = Hub::configured(None, "");
    let checked = hub.cli(&["check"]);
    assert!(checked.contains("guildhall.toml."), "{checked}");
    let database: &[&str] = match std::env::var("GUILDHALL_TEST_DATABASE") {
        Ok(_) => &["The database is postgres://", "guildhall_flow_"],
        Err(_) => &["The database is SQLite, ", "guildhall.sqlite"],
    };
    assert!(database.iter().all(|words| checked.contains(words)), "{checked}");
}

#[test]
fn a_dead_smarthost_delays_and_a_broken_mail_is_kept() {
    let sink = Sink::start();
    let port = sink.port;
    let mut hub = Hub::configured(Some(&sink), "");
    drop(sink);
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.cli(&["lists", "members", "add", "dev@hub.test", "ann@example.org", "bob@example.net"]);
    let broken = "From: ann@example.org\nTo: dev@hub.test\nSubject: =?bad?q?\nContent-Type: multipart/mixed; boundary=none\n\n\u{fffd}no parts\n";
    let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], broken);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    let queue = wait_for("the mail in the queue", || {
        let queue = hub.cli(&["mail", "queue", "--json"]);
        queue.contains("bob@example.net").then_some(queue)
    });
    assert!(queue.contains("waiting"), "{queue}");
    hub.kill();
    hub.run();
    assert!(hub.cli(&["mail", "queue", "--json"]).contains("bob@example.net"), "a kill loses nothing, port {port}");
    let archive = hub.stranger().get("/lists/dev/").expect(200);
    assert!(archive.text.contains("/lists/dev/"), "{}", archive.text);
}
