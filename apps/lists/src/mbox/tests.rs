use proptest::prelude::*;

use super::*;

fn read(mbox: &[u8]) -> Vec<Mail> {
    let mut reader = Reader::new(mbox);
    std::iter::from_fn(|| reader.next_mail().expect("an mbox")).collect()
}

fn texts(mbox: &str) -> Vec<String> {
    read(mbox.as_bytes()).into_iter().map(|mail| String::from_utf8(mail.raw).expect("text")).collect()
}

const FROM: &str = "From a@b.c Thu Jan  1 00:00:00 1970\n";

#[test]
fn mails_are_told_apart_and_their_frames_taken_off() {
    let mbox = format!("{FROM}Subject: 1\n\nbody\n\n{FROM}Subject: 2\n\n\n");
    assert_eq!(texts(&mbox), ["Subject: 1\n\nbody\n", "Subject: 2\n\n"]);
    assert_eq!(read(mbox.as_bytes())[1].line, 6);
    assert_eq!(texts(""), Vec::<String>::new());
    assert!(Reader::new(&b"Subject: no mbox\n\n"[..]).next_mail().is_err());
}

#[test]
fn a_mail_that_never_ends_is_refused_and_those_before_it_are_read() {
    let first = format!("{FROM}Subject: 1\n\nx\n\n{FROM}Subject: 2\n\n");
    for endless in ["x", "y\n", "\n"] {
        let packed = std::iter::repeat(endless.as_bytes()).flatten().copied().take(3 << 20).collect::<Vec<u8>>();
        let mbox = [first.as_bytes(), &packed].concat();
        let mut unread = mbox.as_slice();
        let mut reader = Reader::new(&mut unread);
        reader.largest = 1 << 20;
        assert!(reader.next_mail().expect("a mail").is_some());
        let error = reader.next_mail().expect_err("too large").to_string();
        assert!(error.contains("line 6 is larger than 1 MB"), "{error}");
        assert!(unread.len() > 1 << 20, "what follows was not read");
    }
}

#[test]
fn quoted_lines_lose_one_mark_and_words_are_no_separator() {
    let mbox = format!("{FROM}Subject: 1\n\n>From one\n>>From two\n>from three\nFrom here on\n\nFrom me to you\n\n");
    assert_eq!(texts(&mbox), ["Subject: 1\n\nFrom one\n>From two\n>from three\nFrom here on\n\nFrom me to you\n"]);
}

#[test]
fn separators_of_many_programs_are_known() {
    let kinds = [
        "From a@b.c Thu Jan  1 00:00:00 1970",
        "From a at b.c  Thu Jan  1 00:00:00 1970",
        "From MAILER-DAEMON Sat Apr 27 08:15:14 2019",
        "From a@b.c Mon Sep 6 09:07:53 CEST 2004",
        "From a@b.c Tue Apr 27 08:15:14 2019 +0200",
        "From - Thu Jan 01 00:00:00 1970",
        "From a@b.c Thu Jan  1 00:00 1970",
        "From a b Thu Jan  1 00:00:00 1970 remote from x",
    ];
    for kind in kinds {
        // Also where no empty line stands before it.
        let mbox = format!("{FROM}Subject: 1\n\nx\n{kind}\nSubject: 2\n\ny\n");
        assert_eq!(texts(&mbox), ["Subject: 1\n\nx\n", "Subject: 2\n\ny\n"], "{kind}");
    }
}

#[test]
fn times_of_separators_are_read() {
    let time = |line: &str| read(format!("{line}\n\n").as_bytes())[0].at.map(|at| at.to_rfc3339());
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(time("From a Sat Apr 27 08:15:14 2019"), at("2019-04-27T08:15:14+00:00"));
    assert_eq!(time("From a Sat Apr 27 08:15:14 2019 +0200"), at("2019-04-27T06:15:14+00:00"));
    assert_eq!(time("From a Sat Apr 27 08:15:14 -0130 2019"), at("2019-04-27T09:45:14+00:00"));
    assert_eq!(time("From a whenever"), None);
}

#[test]
fn a_right_content_length_holds_separators() {
    let body = format!("x\n{FROM}>From y\n");
    let mbox = format!("{FROM}Content-Length: {}\n\n{body}\n{FROM}Subject: 2\n\nz\n\n", body.len());
    assert_eq!(texts(&mbox), [format!("Content-Length: {}\n\n{body}", body.len()), "Subject: 2\n\nz\n".into()]);
}

#[test]
fn a_wrong_content_length_swallows_nothing() {
    for length in [3, 40, 41, 60, 1_000, 1_000_000] {
        let mbox = format!("{FROM}Content-Length: {length}\n\nx\n\n{FROM}Subject: 2\n\ny\n\n{FROM}Subject: 3\n\nz\n\n");
        let found = texts(&mbox);
        assert_eq!(found.len(), 3, "{length}: {found:?}");
        assert_eq!(found[1..], ["Subject: 2\n\ny\n", "Subject: 3\n\nz\n"]);
        let lines: Vec<u64> = read(mbox.as_bytes()).iter().map(|mail| mail.line).collect();
        assert_eq!(lines, [1, 6, 11], "{length}");
    }
}

#[test]
fn line_ends_and_odd_bytes_stay() {
    let crlf = "From a@b.c Thu Jan  1 00:00:00 1970\r\nSubject: 1\r\n\r\nx\r\n\r\nFrom a@b.c Thu Jan  1 00:00:00 1970\r\n\r\ny\r\n";
    assert_eq!(texts(crlf), ["Subject: 1\r\n\r\nx\r\n", "\r\ny\r\n"]);
    let mut odd = FROM.as_bytes().to_vec();
    odd.extend_from_slice(b"Subject: \xff\n\n\0\xfe\r\n\n");
    assert_eq!(read(&odd)[0].raw, b"Subject: \xff\n\n\0\xfe\r\n");
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        Just(String::new()),
        Just(FROM.trim_end().to_owned()),
        ">{0,3}From [a-z ]{0,9}",
        "Content-Length: [0-9]{1,3}",
        Just("x\r".into()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(mails in proptest::collection::vec(proptest::collection::vec(line(), 1..12), 1..6)) {
        let mails: Vec<Vec<u8>> = mails.into_iter().map(|lines| (lines.join("\n") + "\n").into_bytes()).collect();
        let mut out = Vec::new();
        for mail in &mails {
            write(&mut out, mail, DateTime::UNIX_EPOCH);
        }
        let found: Vec<Vec<u8>> = read(&out).into_iter().map(|mail| mail.raw).collect();
        prop_assert_eq!(found, mails);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(lines in proptest::collection::vec(line(), 0..20)) {
        let mbox = format!("{FROM}{}", lines.join("\n"));
        let total: usize = read(mbox.as_bytes()).iter().map(|mail| mail.raw.len()).sum();
        prop_assert!(total <= mbox.len());
    }
}
