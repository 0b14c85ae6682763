use proptest::prelude::*;

use super::*;

#[test]
fn an_ordinary_mail_is_read() {
    let mail = Message::parse(
        b"From: =?utf-8?q?Ann_=C3=84?= <ann@x.org>\r\nTo: dev@hub.test, \"B, C\" <b@y.org>\r\n\
          Subject: =?utf-8?b?w6Q=?=\r\n =?utf-8?b?w7Y=?= plain\r\nMessage-ID: <1@x.org>\r\n\
          In-Reply-To: <0@x.org>\r\nReferences: <a@x.org>\r\n\t<0@x.org>\r\n\
          Date: Sat, 21 Nov 2026 10:00:00 +0100\r\n\r\nHello.\r\n",
    );
    assert_eq!(mail.from, Address::new("Ann Ä", "ann@x.org"));
    assert_eq!(mail.to[1], Address::new("B, C", "b@y.org"));
    assert_eq!(mail.subject, "äö plain");
    assert_eq!(mail.message_id, "1@x.org");
    assert_eq!(mail.in_reply_to, ["0@x.org"]);
    assert_eq!(mail.references, ["a@x.org", "0@x.org"]);
    assert_eq!(mail.date.unwrap().to_rfc3339(), "2026-11-21T09:00:00+00:00");
    assert_eq!(mail.text().trim_end(), "Hello.");
    assert_eq!(mail.html(), None);
    assert_eq!(mail.defects, []);
    assert!(!mail.is_automatic());
}

#[test]
fn a_missing_message_id_is_made_from_the_bytes() {
    let one = Message::parse(b"From: a@b.c\n\nx");
    assert_eq!(one.message_id, Message::parse(b"From: a@b.c\n\nx").message_id);
    assert_ne!(one.message_id, Message::parse(b"From: a@b.c\n\ny").message_id);
    assert!(one.defects.contains(&Defect::MissingMessageId) && one.defects.contains(&Defect::MissingDate));
}

#[test]
fn raw_eight_bit_headers_are_utf8_or_else_latin() {
    let utf8 = Message::parse("From: Jürgen <j@x.org>\r\nSubject: Grüße\r\n\r\n".as_bytes());
    assert_eq!((utf8.from.name.as_str(), utf8.subject.as_str()), ("Jürgen", "Grüße"));
    let latin = Message::parse(b"From: J\xfcrgen <j@x.org>\r\nSubject: Gr\xfc\xdfe\r\n\r\nGr\xfc\xdfe\r\n");
    assert_eq!((latin.from.name.as_str(), latin.subject.as_str()), ("Jürgen", "Grüße"));
    assert_eq!(latin.text().trim_end(), "Grüße");
    assert!(latin.defects.contains(&Defect::EightBitHeader));
}

#[test]
fn of_repeated_fields_the_first_counts() {
    let mail = Message::parse(b"Subject: one\r\nSubject: two\r\nFrom: a@b.c\r\nFrom: d@e.f\r\n\r\n");
    assert_eq!((mail.subject.as_str(), mail.from.address.as_str()), ("one", "a@b.c"));
    assert!(mail.defects.contains(&Defect::Repeated("Subject".into(), 2)));
    assert_eq!(mail.headers("subject").collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn text_html_and_attachments_are_told_apart() {
    let mail = Message::parse(
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
          Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nplain\r\n--i\r\n\
          Content-Type: text/html\r\n\r\n<p>rich</p>\r\n--i--\r\n--o\r\n\
          Content-Type: application/x-diff; name=old\r\nContent-Disposition: attachment;\r\n \
          filename*0*=UTF-8''..%2Fa%20; filename*1=b.diff\r\nContent-Transfer-Encoding: base64\r\n\r\n+/8=\r\n--o\r\n\
          Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nforwarded\r\n--o--\r\n",
    );
    assert_eq!(mail.text().trim_end(), "plain");
    assert_eq!(mail.html().unwrap().trim_end(), "<p>rich</p>");
    let [diff, inner] = &mail.attachments[..] else { panic!("{:?}", mail.attachments) };
    assert_eq!((diff.name.as_str(), diff.content_type.as_str()), ("a b.diff", "application/x-diff"));
    assert_eq!(diff.bytes, [0xfb, 0xff]);
    assert_eq!(inner.content_type, "message/rfc822");
    assert_eq!(Message::parse(&inner.bytes).subject, "inner");
}

#[test]
fn a_mail_in_html_only_has_a_text() {
    let mail = Message::parse(b"Content-Type: text/html\r\n\r\n<h1>Hi</h1><p>all &amp; sundry</p>");
    assert!(mail.text().contains("all & sundry"), "{}", mail.text());
    assert!(mail.html().is_some());
}

#[test]
fn robots_are_known() {
    for field in [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; x=y",
        "Precedence: bulk",
        "List-Id: <a.b>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "Return-Path: <>",
        "From: MAILER-DAEMON@x.org",
    ] {
        assert!(Message::parse(format!("{field}\r\n\r\nx").as_bytes()).is_automatic(), "{field}");
    }
    for field in ["Auto-Submitted: no", "Precedence: first-class", "From: a@b.c", "Return-Path: <a@b.c>"] {
        assert!(!Message::parse(format!("{field}\r\n\r\nx").as_bytes()).is_automatic(), "{field}");
    }
}

#[test]
fn broken_mime_is_still_a_message() {
    let open = Message::parse(b"From: a@b.c\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nno end");
    assert_eq!(open.text().trim_end(), "no end");
    let absent = Message::parse(b"From: a@b.c\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nno part at all");
    assert_eq!(absent.text().trim_end(), "no part at all");
    let only_text = Message::parse(b"just words");
    assert!(only_text.defects.contains(&Defect::MissingHeaders));
    assert_eq!(only_text.text().trim_end(), "just words");
    assert!(Message::parse(b"").text().is_empty());
}

#[test]
fn deep_nesting_does_no_harm() {
    let mut mails = Vec::new();
    for _ in 0..20_000 {
        mails.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\n");
    }
    assert!(Message::parse(&mails).defects.contains(&Defect::TooDeep));
    let mut parts = Vec::new();
    for n in 0..5_000 {
        parts.extend_from_slice(format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n").as_bytes());
    }
    parts.extend_from_slice(b"\r\nbottom");
    assert!(!Message::parse(&parts).message_id.is_empty());
}

#[test]
fn message_ids_are_found_among_words() {
    assert_eq!(ids("Your message of Tue <a@b> and \"x\" < c@d >"), ["a@b", "c@d"]);
    assert_eq!(ids("a@b c@d"), ["a@b", "c@d"]);
    assert_eq!(ids("nothing here"), Vec::<String>::new());
    assert_eq!(ids("<unclosed@x"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn any_bytes_are_a_message(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mail = Message::parse(&raw);
        prop_assert!(!mail.message_id.is_empty());
    }

    #[test]
    fn any_mail_like_text_is_a_message(
        lines in proptest::collection::vec(prop_oneof![
            Just("Content-Type: multipart/mixed; boundary=b".to_owned()), Just("--b".into()), Just("--b--".into()),
            Just("Content-Type: message/rfc822".into()), Just(String::new()), Just("Subject: =?utf-8?q?=ff?=".into()),
            Just("Content-Transfer-Encoding: base64".into()), Just(" folded".into()), "\\PC{0,30}",
            Just("To: a@b, \"c".into()), Just("Message-ID: <>".into()),
        ], 0..30),
    ) {
        prop_assert!(!Message::parse(lines.join("\r\n").as_bytes()).message_id.is_empty());
    }
}
