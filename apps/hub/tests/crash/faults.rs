//! A smarthost that is slow, choosy, rude or gone.

use std::collections::HashMap;
use std::time::Duration;

use crate::harness::{Hub, wait_for};
use crate::load::hand_in;
use crate::look::Look;
use crate::post_office::{Mood, PostOffice};

/// What a hub is told of its smarthost.
pub fn smarthost(office: &PostOffice) -> String {
    format!("smarthost = \"smtp://127.0.0.1:{}\"\n", office.port)
}

/// A list of ann and these members, one a line.
pub fn list_of(hub: &Hub, name: &str, members: &str) {
    hub.cli(&["lists", "new", name]);
    let roster = format!("ann@example.org\n{members}");
    let synced = hub.try_cli(&["lists", "members", "sync", name, "-"], roster.as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
}

pub fn post(word: &str, text: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: dev@hub.test\r\nSubject: {word}\r\nMessage-ID: <{word}@test>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n{text}\r\n"
    )
}

/// How often a mail came to somebody.
pub fn got(office: &PostOffice, rcpt: &str, word: &str) -> usize {
    let is =
        |mail: &&crate::harness::Taken| mail.rcpts.iter().any(|to| to == rcpt) && mail.header("subject").contains(word);
    office.mails().iter().filter(is).count()
}

#[test]
fn a_smarthost_that_is_choosy_rude_or_gone_costs_nobody_else_their_mail() {
    let office = PostOffice::open();
    let hub = Hub::start(None, &smarthost(&office));
    list_of(&hub, "dev@hub.test", "m1@example.net\nno1@example.net\nlater1@example.net\n");
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let state = |rcpt: &str, word: &str| {
        look.texts(&format!(
            "SELECT r.state FROM mail_out_rcpt r JOIN mail_out m ON m.id = r.mail_id WHERE r.address = '{rcpt}' AND m.message_id = '{word}@test'"
        ))
    };
    office.mood(Mood::Choosy);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("choosy", "One takes it, one does not, one is busy.")));
    wait_for("the one who takes it", || (got(&office, "m1@example.net", "choosy") == 1).then_some(()));
    wait_for("the refusal to be noted", || (state("no1@example.net", "choosy") == ["failed"]).then_some(()));
    wait_for("the other to be put off", || (state("later1@example.net", "choosy") == ["waiting"]).then_some(()));

    // It took the mail and said nothing: it must get it again, under the same Message-ID.
    office.mood(Mood::Rude);
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("rude", "Taken, and not acknowledged.")));
    wait_for("the mail to be put off", || {
        let asked =
            "SELECT count(*) FROM mail_out_rcpt WHERE state = 'waiting' AND tries > 0 AND address = 'm1@example.net'";
        (look.number(asked) == 1).then_some(())
    });
    office.mood(Mood::Kind);
    office.close();
    assert!(hand_in(hub.lmtp, "LHLO", "dev@hub.test", &post("gone", "Nobody is there.")));
    wait_for("the mail to wait", || (state("m1@example.net", "gone") == ["waiting"]).then_some(()));
    office.reopen();
    // The hub leaves a smarthost alone for a while when it was not there.
    let hurry = || {
        look.execute("UPDATE mail_out_rcpt SET due_at = created.created_at FROM mail_out AS created WHERE created.id = mail_out_rcpt.mail_id AND state = 'waiting'");
        look.execute("UPDATE mail_out SET due_at = created_at WHERE due_at IS NOT NULL");
    };
    for (rcpt, word) in [("m1", "rude"), ("m1", "gone"), ("later1", "choosy")] {
        wait_for(word, || {
            hurry();
            (got(&office, &format!("{rcpt}@example.net"), word) == 1).then_some(())
        });
    }
}

/// Members of the large list.
const CROWD: usize = 500;

#[test]
fn a_slow_smarthost_gets_each_mail_once_and_a_small_list_has_its_turn_amid_a_large_one() {
    let office = PostOffice::open();
    let hub = Hub::start(None, &smarthost(&office));
    let crowd: String = (0..CROWD).map(|n| format!("crowd{n}@example.net\n")).collect();
    list_of(&hub, "dev@hub.test", &crowd);
    list_of(&hub, "small@hub.test", "few@example.net\n");
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let claim = |word: &str| {
        let sql = "SELECT CAST(claimed_until AS TEXT) FROM mail_out WHERE claimed_until IS NOT NULL AND message_id";
        look.texts(&format!("{sql} = '{word}@test'"))
    };
    // It takes connections and says nothing, until both posts are on their way to it.
    office.mood(Mood::Slow(Duration::from_secs(200)));
    for (list, word) in [("dev@hub.test", "crowd"), ("small@hub.test", "few")] {
        let raw = post(word, "Slowly.").replace("dev@hub.test", list);
        assert!(hand_in(hub.lmtp, "LHLO", list, &raw));
        wait_for(word, || (claim(word).len() == 1).then_some(()));
    }
    // Longer than a claim holds that nobody renews.
    let mut held = claim("crowd");
    for _ in 0..6 {
        held = wait_for("a claim that is renewed", || Some(claim("crowd")).filter(|now| *now != held));
    }
    assert_eq!(office.mails().len(), 0, "it was slow");
    office.mood(Mood::Slow(Duration::from_millis(5)));
    wait_for("every mail", || (office.mails().len() > CROWD).then_some(()));
    let waits = "SELECT count(*) FROM mail_out_rcpt WHERE state = 'waiting'";
    wait_for("the queue to be empty", || (look.number(waits) == 0).then_some(()));

    let mut times = HashMap::<(String, String), usize>::new();
    let mails = office.mails();
    for (mail, rcpt) in mails.iter().flat_map(|mail| mail.rcpts.iter().map(move |rcpt| (mail, rcpt))) {
        *times.entry((mail.header("subject"), rcpt.clone())).or_default() += 1;
    }
    let again: Vec<_> = times.iter().filter(|(_, count)| **count != 1).collect();
    assert!(again.is_empty(), "came more often than once: {again:?}");
    // Ann is on both lists.
    assert_eq!(times.len(), CROWD + 3, "everybody has it");
    // It came second. What was handed to the connections before it goes first, the rest of the large one does not.
    let place = mails.iter().position(|mail| mail.rcpts == ["few@example.net"]).expect("the small one");
    assert!(place < CROWD / 2, "the small list waited for {place} mails of the large one");
}
