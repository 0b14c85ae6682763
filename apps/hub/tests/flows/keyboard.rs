//! By the keyboard alone: file an issue, answer it, moderate a held post; the focus is seen at every step.

use serde_json::json;

use crate::harness::{Browser, ENTER, ESCAPE, Hub, SPACE, TAB, wait_for};

/// Goes on with Tab until the focus is on something that has these words, and looks at the focus on the way.
#[track_caller]
fn tab_to(browser: &Browser, words: &str) {
    let mut way = vec![];
    for _ in 0..120 {
        browser.press(TAB);
        let at = browser.focus();
        assert!(is_seen(browser), "the focus on {at} at {} cannot be seen", browser.here());
        if at.contains(words) {
            return;
        }
        way.push(at);
    }
    panic!("no {words:?} on the way of Tab at {}: {way:#?}", browser.here());
}

/// Whether what has the focus is on the screen and marked.
fn is_seen(browser: &Browser) -> bool {
    let script = "const at = document.activeElement; if (!at || at === document.body) return true;
        const box = at.getBoundingClientRect(), style = getComputedStyle(at);
        const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
        return marked && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;";
    browser.script(script, json!([])) == json!(true)
}

#[test]
fn the_keyboard_alone_files_answers_and_moderates() {
    let hub = Hub::start(None, "");
    hub.person("ann", true);
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let browser = Browser::start(&hub);
    browser.screen(1440, "light");
    browser.sign_in("ann");

    // The first stop of Tab leads past the shell; the front door leads to the form.
    browser.go("/");
    browser.press(TAB);
    assert!(browser.focus().contains("Skip to the content"), "{}", browser.focus());
    browser.press(ENTER);
    tab_to(&browser, "File an issue");
    browser.press(ENTER);
    wait_for("the form", || (browser.here() == "/issues/new").then_some(()));
    tab_to(&browser, "#f-title");
    browser.press("The heron sleeps");
    tab_to(&browser, "#f-message");
    browser.press("It does not wake.");
    tab_to(&browser, "File issue");
    browser.press(ENTER);
    wait_for("the issue", || (browser.here() == "/issues/1").then_some(()));
    browser.wait_for_text("It does not wake.");

    // `r` leads to the answer, Escape out of it, `?` shows the keys.
    browser.press("r");
    assert!(browser.focus().contains("#f-message"), "{}", browser.focus());
    browser.press("Poke it with a fish.");
    browser.press(ESCAPE);
    browser.press("?");
    browser.find("dialog[open]");
    browser.press(ESCAPE);
    browser.press("r");
    tab_to(&browser, "Send");
    browser.press(ENTER);
    browser.wait_for_text("Poke it with a fish.");

    // `/` leads to the search box, which leads to what is named.
    browser.press("/");
    assert!(browser.focus().contains("#find"), "{}", browser.focus());
    browser.press("#1");
    browser.press(ENTER);
    wait_for("the issue again", || (browser.here() == "/issues/1").then_some(()));

    // `j` and Enter open a row of a table.
    browser.go("/issues/");
    browser.press("j");
    assert!(is_seen(&browser), "the row at hand is marked");
    browser.press(ENTER);
    wait_for("the issue from its row", || (browser.here() == "/issues/1").then_some(()));

    // A post that is held: `j` finds its row, `x` selects it, Tab leads to the button.
    let post = "From: Eve <eve@example.net>\nTo: dev@hub.test\nSubject: Hello\nMessage-ID: <eve@test>\n\
                Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nMay I come in?\n";
    assert!(hub.lmtp("eve@example.net", &["dev@hub.test"], post)[0].starts_with("250"));
    wait_for("the post to be held", || {
        browser.go("/lists/dev/queue");
        browser.text().contains("Hello").then_some(())
    });
    browser.press("j");
    browser.press("x");
    wait_for("a selected row", || browser.try_find("td.select input:checked"));
    tab_to(&browser, "Accept");
    browser.press(SPACE);
    wait_for("an empty queue", || browser.text().contains("Nothing waits").then_some(()));
    wait_for("the post in the archive", || {
        browser.go("/lists/dev/");
        browser.text().contains("Hello").then_some(())
    });
}
