//! An issue by form, mail to the nosy list, an answer by mail, and the page that shows it; by a browser too.

use crate::harness::{Browser, Hub, Sink, wait_for};

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
    for typed in ["b1%40example.org", "%3Cb1%40example.org%3E", "Message-ID%3A+%3Cb1%40example.org%3E"] {
        let found = ann.get(&format!("/search?q={typed}")).expect(200);
        assert_eq!(found.select("h1"), ["The heron sleeps #1"], "a Message-ID leads to its message");
    }
    assert_eq!(ann.get("/search?q=ann%40example.org").expect(200).select("h1"), ["Search"], "an address is no message");
    let person = ann.get("/people/bob").expect(200);
    assert!(person.text.contains("The heron sleeps"), "the person's page tells what bob did");
}

/// Files an issue by the form in a browser, has it answered by mail, and reads the answer on the page.
fn files_and_reads(browser: &Browser, hub: &Hub, number: u32, scripts: &str) {
    browser.go("/issues/new");
    browser.find("#f-title").write(&format!("Zürich <b>is</b> far {scripts}"));
    browser.find("#f-message").write("Very **far**, see #1.");
    browser.find("main form .actions button").click();
    let url = format!("/issues/{number}");
    wait_for("the issue", || (browser.here() == url).then_some(()));
    browser.wait_for_text(&format!("Zürich <b>is</b> far {scripts}"));
    browser.find("main .prose a[href='/issues/1']");

    let answer = format!(
        "From: bob@example.org\nTo: issues+{number}@hub.test\nSubject: Take the train\nMessage-ID: <{number}@example.org>\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nThe train goes there, {scripts}.\n"
    );
    let replies = hub.lmtp("bob@example.org", &[&format!("issues+{number}@hub.test")], &answer);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    wait_for("the answer on the page", || {
        browser.go(&url);
        browser.text().contains(&format!("The train goes there, {scripts}.")).then_some(())
    });
}

#[test]
fn a_browser_files_an_issue_with_and_without_scripts() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    hub.person("ann", false);
    hub.person("bob", false);
    let browser = Browser::start(&hub);
    browser.sign_in("ann");
    files_and_reads(&browser, &hub, 1, "with scripts");
    browser.scripts(false);
    files_and_reads(&browser, &hub, 2, "without scripts");
    // Who filed it hears of the answer.
    told(&sink, "ann@example.org", "The train goes there, with scripts.");
    told(&sink, "ann@example.org", "The train goes there, without scripts.");
}
