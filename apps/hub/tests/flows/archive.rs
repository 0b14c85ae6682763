//! A real archive is imported without a lost byte, and a second import adds nothing.
//!
//! The archive is not part of this repository: it lies beside it, or where `GUILDHALL_TEST_ARCHIVE` says; without one
//! the flow is played on an archive that is written here. What is compared is read by a reader of this file's own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::harness::{Hub, workspace};

fn archive(folder: &Path) -> PathBuf {
    let named = std::env::var_os("GUILDHALL_TEST_ARCHIVE").map(PathBuf::from);
    let beside = workspace().join("../shared/data/list-archive.mbox.gz");
    if let Some(real) = named.or_else(|| beside.exists().then_some(beside)) {
        return real;
    }
    let mails: Vec<Vec<u8>> = (0..300)
        .map(|n| {
            let parent = if n % 10 == 0 { String::new() } else { format!("In-Reply-To: <m{}@test>\n", n - n % 10) };
            format!(
                "From: ann@example.org\nSubject: Thread {}\nMessage-ID: <m{n}@test>\n{parent}Date: Sat, 21 Nov 2026 12:{:02}:00 +0000\n\n\
                 Message {n}\nFrom the start.\n",
                n / 10,
                n % 60
            )
            .into_bytes()
        })
        .collect();
    let path = folder.join("archive.mbox");
    std::fs::write(&path, written(&mails)).expect("an archive");
    path
}

/// Mails that went through many hands.
fn hard_cases() -> Vec<Vec<u8>> {
    let mails: Vec<&[u8]> = vec![
        b"From: a@x.org\nSubject: quoting\nMessage-ID: <quoting@x>\n\nFrom the start\n>From one\n>>From two\n> From three\n>from four\nFrom: five\n",
        b"From: a@x.org\r\nSubject: crlf\r\nMessage-ID: <crlf@x>\r\n\r\nFrom here on\r\nevery line has both\r\n",
        b"From: a@x.org\r\nSubject: both kinds\nMessage-ID: <mix@x>\r\n\nline feed\nboth\r\nlone \r return\n\r\n",
        b"From: J\xf6rg <j@x.org>\nSubject: raw Z\xfcrich \xe2\x82\xac\nMessage-ID: <eight@x>\nContent-Type: text/plain; charset=iso-8859-1\n\n\xe4\xf6\xfc \xff\xfe \x00 \x1b[1m\n",
        b"From: a@x.org\nSubject: no id\nDate: Thu, 1 Jan 2015 10:00:00 +0000\n\nwho am I\n",
        b"From: b@x.org\nSubject: twice\nMessage-ID: <twice@x>\n\nthe first\n",
        b"From: c@x.org\nSubject: twice\nMessage-ID: <twice@x>\n\nthe second, with other bytes\n",
        b"Subject: no body at all\nMessage-ID: <headless@x>\n",
        b"\nno header at all\n",
        b"From: a@x.org\nSubject: many ends\nMessage-ID: <ends@x>\n\nx\n\n\n\n",
        b"From: a@x.org\nSubject: a length that lies\nMessage-ID: <lies@x>\nContent-Length: 100000\n\nshort\n",
        b"From: a@x.org\nSubject: folded\n and\n\tfolded again \nMessage-ID:\n <folded@x>\nSubject: a second one\n\nx \t \n",
        b"From: a@x.org\nSubject: broken parts\nMessage-ID: <parts@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n!!!\n--b",
    ];
    let mut mails: Vec<Vec<u8>> = mails.into_iter().map(<[u8]>::to_vec).collect();
    // All but the last have a line end, or an mbox could not hold them.
    let last = mails.pop().expect("a mail");
    mails.push(
        [b"From: a@x.org\nSubject: long line\nMessage-ID: <long@x>\n\n".to_vec(), vec![b'x'; 100_000], b"\n".to_vec()]
            .concat(),
    );
    mails.push(last);
    mails
}

/// An mbox as mboxrd has it: every line of a mail that is `From ` behind any number of `>` gets one more.
fn written(mails: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, mail) in mails.iter().enumerate() {
        out.extend_from_slice(b"From ann@example.org Sat Nov 21 12:00:00 2015\n");
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            if is_from(line) {
                out.push(b'>');
            }
            out.extend_from_slice(line);
        }
        if number + 1 < mails.len() {
            out.push(b'\n');
        }
    }
    out
}

fn is_from(line: &[u8]) -> bool {
    line[line.iter().take_while(|byte| **byte == b'>').count()..].starts_with(b"From ")
}

/// The mails of an mbox, each of whose separators stands at its begin or behind an empty line and ends with a year.
fn mails(mbox: &[u8]) -> Vec<Vec<u8>> {
    let (mut mails, mut last_is_empty) = (Vec::<Vec<u8>>::new(), true);
    for line in mbox.split_inclusive(|byte| *byte == b'\n') {
        let year = line.trim_ascii_end().rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        let has_year = year.len() == 4 && year.iter().all(u8::is_ascii_digit);
        let has_time = line.iter().filter(|byte| **byte == b':').count() == 2;
        if line.starts_with(b"From ") && last_is_empty && has_year && has_time {
            mails.push(Vec::new());
        } else if let Some(mail) = mails.last_mut() {
            let quoted = line.starts_with(b">") && is_from(line);
            mail.extend_from_slice(if quoted { &line[1..] } else { line });
        }
        last_is_empty = matches!(line, b"\n" | b"\r\n");
    }
    for mail in &mut mails {
        // The empty line before the next separator is the mbox's.
        if mail.ends_with(b"\n\n") || mail.ends_with(b"\n\r\n") || mail == b"\n" {
            mail.truncate(mail.len() - if mail.ends_with(b"\r\n") { 2 } else { 1 });
        }
    }
    mails
}

/// Each mail once, in the order in which they came first.
fn once(mails: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen = std::collections::HashSet::new();
    mails.into_iter().filter(|mail| seen.insert(mail.clone())).collect()
}

fn gzip(words: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new("gzip").args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("gzip ends");
    writing.join().expect("a thread").expect("all of it is read");
    assert!(output.status.success(), "gzip {words:?}");
    output.stdout
}

fn export(hub: &Hub, list: &str) -> Vec<u8> {
    let exported = hub.try_cli(&["lists", "export", list], b"");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    exported.stdout
}

/// Two rows of mails are the same, byte for byte; the first that differs is shown.
fn assert_same(out: &[Vec<u8>], expected: &[Vec<u8>]) {
    for (number, (out, expected)) in out.iter().zip(expected).enumerate() {
        let shown = |mail: &[u8]| String::from_utf8_lossy(&mail[..mail.len().min(2_000)]).into_owned();
        assert!(out == expected, "mail {number}:\n{:?}\nis not\n{:?}", shown(out), shown(expected));
    }
    assert_eq!(out.len(), expected.len(), "as many mails come out as went in");
}

#[test]
fn an_archive_is_imported_whole_and_only_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = archive(folder.path());
    let bytes = std::fs::read(&path).expect("the archive");
    let plain = if bytes.starts_with(&[0x1f, 0x8b]) { gzip(&["-dc"], &bytes) } else { bytes };
    let expected = once(mails(&plain));
    let hub = Hub::start(None, "");
    hub.cli(&["lists", "new", "old@hub.test"]);
    let path = path.display().to_string();
    let first = hub.cli(&["lists", "import", "old@hub.test", &path]);
    let exported = export(&hub, "old@hub.test");
    assert_same(&mails(&exported), &expected);
    assert!(first.contains(&expected.len().to_string()), "the report names {}: {first}", expected.len());
    hub.cli(&["lists", "import", "old@hub.test", &path]);
    assert!(exported == export(&hub, "old@hub.test"), "a second import changes nothing");
    let list = hub.stranger().get("/lists/old/").expect(200);
    assert!(!list.attributes("a[href*='/t/'], a[href*='/lists/old/']", "href").is_empty());
}

#[test]
fn mails_that_went_through_many_hands_keep_every_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = hard_cases();
    let mut twice = cases.clone();
    // The very same bytes again are one mail.
    twice.insert(3, cases[0].clone());
    let packed = folder.path().join("hard.mbox.gz");
    std::fs::write(&packed, gzip(&["-c"], &written(&twice))).expect("an archive");
    let hub = Hub::start(None, "");
    let reader = hub.person("ann", false);
    hub.cli(&["lists", "new", "hard@hub.test"]);
    let (packed, report) = (packed.display().to_string(), folder.path().join("report.tsv"));
    let told = hub.cli(&["lists", "import", "hard", &packed, "--report", &report.display().to_string()]);
    assert!(told.contains(&format!("{} added, 1 were here already", cases.len())), "{told}");
    let report = std::fs::read_to_string(report).expect("a report");
    let rows: Vec<Vec<&str>> = report.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), twice.len(), "{report}");
    // What the archive hands out of each is what went in.
    for (row, mail) in rows.iter().zip(&twice) {
        let (page, copy) =
            row[3].split_once('?').map_or((row[3], String::new()), |(page, rest)| (page, format!("?{rest}")));
        assert!(
            reader.bytes(&format!("{page}raw{copy}")) == *mail,
            "{row:?} is not {:?}",
            String::from_utf8_lossy(mail)
        );
        reader.get(row[3]).expect(200);
    }
    // So is the mbox, where every mail ends with a line end; and what is exported can be imported.
    let mut expected = cases.clone();
    expected.last_mut().expect("a mail").push(b'\n');
    let exported = export(&hub, "hard");
    assert_same(&mails(&exported), &expected);
    hub.cli(&["lists", "new", "again@hub.test"]);
    let plain = folder.path().join("again.mbox");
    std::fs::write(&plain, &exported).expect("an archive");
    hub.cli(&["lists", "import", "again", &plain.display().to_string()]);
    assert_same(&mails(&export(&hub, "again")), &expected);
}

#[test]
fn an_export_ends_quietly_with_its_reader_and_an_import_needs_a_list() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = Hub::start(None, "");
    hub.cli(&["lists", "new", "old@hub.test"]);
    let long: Vec<Vec<u8>> = (0..200)
        .map(|n| {
            format!("From: a@x.org\nSubject: {n}\nMessage-ID: <{n}@x>\n\n{}\n", "heron ".repeat(2_000)).into_bytes()
        })
        .collect();
    let path = folder.path().join("long.mbox");
    std::fs::write(&path, written(&long)).expect("an archive");
    hub.cli(&["lists", "import", "old", &path.display().to_string()]);
    for words in [&["lists", "export", "old"][..], &["completions", "bash"], &["lists", "--help"]] {
        let mut child = hub.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
    let refused = hub.try_cli(&["lists", "import", "nolist", "/no/such/file"], b"");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    assert!(said.contains("There is no list called nolist") && !said.contains("/no/such/file"), "{said}");
}
