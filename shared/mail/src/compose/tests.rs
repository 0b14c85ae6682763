use proptest::prelude::*;

use super::*;
use crate::Message;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn mail() -> Outgoing {
    Outgoing {
        from: Address::new("Hub, the", "issues@hub.test"),
        to: vec![Address::new("Ann Ä", "ann@x.org")],
        subject: "Crash — ünïcode".into(),
        text: "Hello\nworld".into(),
        ..Outgoing::default()
    }
}

fn read(mail: &Outgoing) -> (String, Message) {
    let raw = compose(mail, now()).unwrap().raw;
    (String::from_utf8_lossy(&raw).into_owned(), Message::parse(&raw))
}

#[test]
fn what_is_written_is_what_is_read() {
    let mut mail = mail();
    mail.in_reply_to = Some("a@x".into());
    mail.references = vec!["r@x".into(), "a@x".into()];
    mail.headers = vec![("List-Id".into(), "Issues <issues.hub.test>".into())];
    mail.auto = true;
    let (raw, read) = read(&mail);
    assert_eq!(read.from, mail.from);
    assert_eq!(read.to, mail.to);
    assert_eq!(read.subject, mail.subject);
    assert_eq!(read.references, mail.references);
    assert_eq!(read.in_reply_to, ["a@x"]);
    assert_eq!(read.date, Some(now()));
    assert_eq!(read.header("list-id"), Some("Issues <issues.hub.test>"));
    assert_eq!(read.text().trim_end(), "Hello\r\nworld");
    assert!(read.is_automatic());
    assert!(read.message_id.ends_with("@hub.test") && read.defects.is_empty());
    assert!(raw.is_ascii() && raw.contains("format=flowed"));
    assert!(raw.split_inclusive('\n').all(|line| line.ends_with("\r\n") && line.len() <= 80), "{raw}");
}

#[test]
fn nothing_written_can_bring_a_field_of_its_own() {
    let evil = "x\r\nBcc: victim@y.org\r\n\r\nbody";
    let mut mail = mail();
    mail.subject = evil.into();
    mail.from.name = evil.into();
    mail.to[0].name = evil.into();
    mail.in_reply_to = Some(evil.into());
    mail.message_id = Some(evil.into());
    mail.headers = vec![("X-Note".into(), evil.into())];
    mail.attachments = vec![Attachment { name: evil.into(), content_type: evil.into(), bytes: vec![1] }];
    let (_, read) = read(&mail);
    assert_eq!(read.header("bcc"), None);
    assert_eq!(read.text().trim_end(), "Hello\r\nworld");
    mail.headers = vec![("X-Evil: 1\r\nBcc".into(), "victim@y.org".into())];
    assert!(matches!(compose(&mail, now()), Err(ComposeError::BadHeader(_))));
    mail.headers.clear();
    mail.to[0].address = "a@b.c>\r\nBcc: <v@y.org".into();
    assert!(matches!(compose(&mail, now()), Err(ComposeError::BadAddress(_))));
}

#[test]
fn html_and_attachments_arrive() {
    let mut mail = mail();
    mail.html = Some("<p>Hello</p>".into());
    let inner = b"From: a@b.c\r\nSubject: inner\r\n\r\n8-bit \xc3\xa4\r\n".to_vec();
    mail.attachments = vec![
        Attachment { name: "Änderung.diff".into(), content_type: "text/x-diff".into(), bytes: b"+a\n".to_vec() },
        Attachment { name: "log.bin".into(), content_type: "nonsense".into(), bytes: vec![0, 255] },
        Attachment { name: String::new(), content_type: "message/rfc822".into(), bytes: inner },
    ];
    let (_, read) = read(&mail);
    assert_eq!(read.html().map(str::trim_end), Some("<p>Hello</p>"));
    assert_eq!(read.text().trim_end(), "Hello\r\nworld");
    assert_eq!(read.attachments[0].name, "Änderung.diff");
    assert_eq!(read.attachments[1].bytes, [0, 255]);
    assert_eq!(read.attachments[1].content_type, "application/octet-stream");
    assert_eq!(Message::parse(&read.attachments[2].bytes).subject, "inner");
}

#[test]
fn a_verbatim_text_keeps_every_line_and_blank() {
    let mut mail = mail();
    mail.verbatim = true;
    let long = "x".repeat(2_000);
    mail.text = format!("--- a/é\n+++ b/é\n@@ -1 +1 @@\n-old  \n+{long}\n >  \nFrom here\n.\n-- \nfoot\n");
    let (raw, read) = read(&mail);
    assert_eq!(read.text().replace("\r\n", "\n").trim_end_matches("\n"), mail.text.trim_end_matches("\n"));
    assert!(!raw.contains("flowed") && raw.lines().all(|line| line.len() <= 998));
}

#[test]
fn blanks_between_words_beyond_ascii_stay() {
    let mut mail = mail();
    mail.subject = "\u{e4}  \u{f6} a  \u{fc}".into();
    assert_eq!(read(&mail).1.subject, "\u{e4} \u{f6} a \u{fc}");
}

#[test]
fn long_threads_keep_their_root() {
    let mut mail = mail();
    mail.references = (0..500).map(|n| format!("{n}@x.org")).collect();
    let (_, read) = read(&mail);
    assert_eq!(read.references.len(), REFERENCES);
    assert_eq!((read.references[0].as_str(), read.references[59].as_str()), ("0@x.org", "499@x.org"));
}

proptest! {
    #[test]
    fn any_words_survive(subject in "\\PC{0,200}", name in "\\PC{0,60}", text in "\\PC{0,300}") {
        let mut mail = mail();
        mail.subject = subject.clone();
        mail.from.name = name;
        mail.text = text;
        let (raw, read) = read(&mail);
        prop_assert!(raw.is_ascii());
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(words(&read.subject), words(&one_line(&subject)));
    }
}
