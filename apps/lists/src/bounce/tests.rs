use proptest::prelude::*;

use super::*;

fn failed(raw: &str) -> Vec<(String, String, bool)> {
    let found = read(&Message::parse(raw.as_bytes()));
    found.into_iter().map(|failed| (failed.address.clone(), failed.status.clone(), failed.scores())).collect()
}

fn report(groups: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n{groups}\n--b--\n"
    )
}

fn entry(address: &str, status: &str, scores: bool) -> (String, String, bool) {
    (address.into(), status.into(), scores)
}

#[test]
fn lasting_failures_score_and_others_do_not() {
    let table = [
        ("failed", "5.1.1", "550 no such user", true),
        ("failed", "5.2.2", "552 mailbox full", true),
        ("failed", "4.4.7", "timed out", false),
        ("failed", "5.7.1", "550 rejected", false),
        ("failed", "5.7.26", "unauthenticated", false),
        ("failed", "5.0.0", "550 rejected due to the DMARC policy of x.org", false),
        ("failed", "5.1.0", "550 5.7.1 spam", false),
    ];
    for (action, status, reason, scores) in table {
        let raw = report(&format!(
            "Final-Recipient: rfc822; Ann@X.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {reason}\n"
        ));
        assert_eq!(failed(&raw), [entry("ann@x.org", status, scores)], "{status} {reason}");
    }
    assert_eq!(failed(&report("Final-Recipient: rfc822; a@x.org\nAction: delayed\nStatus: 4.4.1\n")), []);
}

#[test]
fn a_report_of_several_names_each() {
    let group = |who: &str| format!("Original-Recipient: rfc822; {who}\nAction: failed\nStatus: 5.1.1\n\n");
    let raw = report(&(group("a@x.org") + &group("b@x.org")));
    assert_eq!(failed(&raw), [entry("a@x.org", "5.1.1", true), entry("b@x.org", "5.1.1", true)]);
}

#[test]
fn bounces_in_plain_words_are_known() {
    let qmail = "From: MAILER-DAEMON@mx.test\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.test.\n\
                 I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@x.org>:\n\
                 Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nFrom: bob@y.org\n";
    assert_eq!(failed(qmail), [entry("ann@x.org", "5.1.1", true)]);
    let exim = "From: Mail Delivery System <Mailer-Daemon@mx.test>\nX-Failed-Recipients: ann@x.org\n\
                Subject: Mail delivery failed\n\nA message that you sent could not be delivered. c@d.org\n";
    assert_eq!(failed(exim), [entry("ann@x.org", "", true)]);
    let nameless = "From: postmaster@mx.test\nSubject: Undeliverable: hello\n\nThe mailbox is gone.\n";
    assert_eq!(failed(nameless), [entry("", "", true)]);
    let warning = "From: postmaster@mx.test\n\nWe will keep trying to reach ann@x.org.\n";
    assert_eq!(failed(warning), [entry("ann@x.org", "", false)]);
}

#[test]
fn answers_of_people_and_robots_are_no_bounces() {
    for raw in [
        "From: ann@x.org\nSubject: away\nAuto-Submitted: auto-replied\n\nI am away; bob@x.org could not be delivered from.\n",
        "From: postmaster@x.org\nSubject: hello\n\nWe moved.\n",
        "From: ann@x.org\nSubject: Re: test\n\nYour user unknown patch is fine.\n",
        "",
    ] {
        assert_eq!(failed(raw), [], "{raw}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(?s).{0,400}") {
        read(&Message::parse(text.as_bytes()));
        read(&Message::parse(report(&text).as_bytes()));
    }
}
