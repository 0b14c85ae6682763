//! An issue by form, mail to the nosy list, an answer by mail, and the page that shows it; by a browser too.

use std::process::{Command, Stdio};

use crate::harness::{Hub, Sink, Visitor, free_port, wait_for};

fn told(sink: &Sink, rcpt: &str, words: &str) -> crate::harness::Taken {
    sink.wait(rcpt, |mail| mail.text.contains(words))
}

#[test]
fn an_answer_by_mail_stands_on_the_page_of_the_form() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    let (ann, bob) = (hub.person("ann", false), hub.person("bob", false));
    ann.submit("/issues/new", "/issues/new", &[("title", "The heron sleeps"), ("message", "It does not wake.")])
        .expect(200);
    bob.submit("/issues/1", "/issues/1/follow", &[]).expect(200);
    ann.submit("/issues/1", "/issues/1", &[("message", "Still asleep at noon.")]).expect(200);

    let mail = told(&sink, "bob@example.org", "Still asleep at noon.");
    assert_eq!(mail.header("subject"), "[issue1] The heron sleeps");
    assert!(mail.header("reply-to").contains("issues+1@hub.test"), "{}", mail.text);
    let id = mail.header("message-id");
    let answer = format!(
        "From: bob@example.org\nTo: issues+1@hub.test\nSubject: Re: [issue1] The heron sleeps\nMessage-ID: <b1@example.org>\nIn-Reply-To: {id}\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nPoke it with a fish.\n\n> Still asleep at noon.\n"
    );
    let replies = hub.lmtp("bob@example.org", &["issues+1@hub.test"], &answer);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    wait_for("the answer on the page", || ann.get("/issues/1").text.contains("Poke it with a fish.").then_some(()));
    let back = told(&sink, "ann@example.org", "Poke it with a fish.");
    assert!(
        back.header("references").contains("b1@example.org") || back.header("message-id").contains("b1@example.org"),
        "{}",
        back.text
    );
    let person = ann.get("/people/bob").expect(200);
    assert!(person.text.contains("The heron sleeps"), "the person's page tells what bob did");
}

/// What a headless Chromium makes of a page.
fn rendered(folder: &std::path::Path, url: &str) -> String {
    let profile = folder.join(free_port().to_string());
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url)
        .stderr(Stdio::null())
        .output()
        .expect("chromium runs; ops/test installs it");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_browser_shows_the_issue_with_its_scripts_running() {
    let hub = Hub::start(None, "");
    let ann: Visitor = hub.person("ann", false);
    ann.submit(
        "/issues/new",
        "/issues/new",
        &[("title", "Zürich <b>is</b> far"), ("message", "Very **far**, see #1.")],
    )
    .expect(200);
    let folder = tempfile::tempdir().expect("a folder");
    let page = rendered(folder.path(), &format!("http://127.0.0.1:{}/issues/1", hub.http));
    assert!(page.contains("Zürich &lt;b&gt;is&lt;/b&gt; far"), "{page}");
    assert!(page.contains("href=\"/issues/1\""), "{page}");
}
