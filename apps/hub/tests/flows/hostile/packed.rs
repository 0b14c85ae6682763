//! Files that are small as they come and huge unpacked: they are kept as they came.

use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::*;

/// What each piece of a bomb unpacks to, bytes.
const PIECE: usize = 16 << 20;

/// So many members of gzip, each of 16 MB of the same byte.
fn gzip_bomb(byte: u8, members: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(vec![], Compression::default());
    packer.write_all(&vec![byte; PIECE]).expect("packed");
    packer.finish().expect("packed").repeat(members)
}

/// A zip of which so many entries are the same few bytes, each of which unpacks to 16 MB.
fn zip_bomb(entries: u16) -> Vec<u8> {
    let zeros = vec![0; PIECE];
    let mut packer = DeflateEncoder::new(vec![], Compression::default());
    packer.write_all(&zeros).expect("packed");
    let packed = packer.finish().expect("packed");
    let mut sum = flate2::Crc::new();
    sum.update(&zeros);
    // Version, flags, method (deflate), time, date, sum, sizes, lengths of the name and of what is more.
    let mut entry = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    for number in [sum.sum(), packed.len() as u32, PIECE as u32] {
        entry.extend(number.to_le_bytes());
    }
    entry.extend([1, 0, 0, 0]);
    let mut zip = [b"PK\x03\x04", entry.as_slice(), b"a", &packed].concat();
    let start = zip.len() as u32;
    for _ in 0..entries {
        zip.extend([b"PK\x01\x02\x14\0", entry.as_slice(), &[0; 14], b"a"].concat());
    }
    let size = zip.len() as u32 - start;
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([entries.to_le_bytes(), entries.to_le_bytes()].concat());
    zip.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    zip.extend([0, 0]);
    zip
}

/// Bytes as the body of a part of a mail.
fn base64(bytes: &[u8]) -> String {
    let mut child = Command::new("base64").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("base64 runs");
    let mut input = child.stdin.take().expect("its input");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(bytes).expect("written"));
        child.wait_with_output().expect("it ends")
    });
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn what_unpacks_to_gigabytes_is_kept_as_it_came() {
    let (hub, ann) = guarded("");
    let files = [("bomb.gz", gzip_bomb(0, 40)), ("bomb.zip", zip_bomb(2_000))];
    let before = memory(&hub, "VmHWM");
    for (name, bytes) in &files {
        let link = ann.attach("/issues/1", name, bytes);
        assert!(ann.bytes(&link) == *bytes, "{name} of the issue");
        let mail = format!(
            "From: ann@example.org\nTo: dev@hub.test\nSubject: {name}\nMessage-ID: <{name}@example.org>\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nLook.\n--b\n\
             Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\
             Content-Disposition: attachment; filename=\"{name}\"\n\n{}--b--\n",
            base64(bytes)
        );
        let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], &mail);
        assert!(replies[0].starts_with("250"), "{replies:?}");
        let page = format!("/lists/dev/{name}@example.org/");
        let link = wait_for("the post", || ann.get(&page).attributes(".files a", "href").into_iter().next());
        assert!(ann.bytes(&link) == *bytes, "{name} of the mail");
        assert_eq!(ann.get(&format!("/search?q={name}")).status, 200);
    }
    honest(&hub, &ann, "after");
    let more = memory(&hub, "VmHWM").saturating_sub(before) / 1024;
    println!("{more} MB more");
    assert!(more < 100, "{more} MB more");
}

#[test]
fn an_archive_that_unpacks_to_one_endless_mail_is_refused() {
    let (hub, ann) = guarded("");
    let mut packer = GzEncoder::new(vec![], Compression::default());
    let from = "From a@b.c Thu Jan  1 00:00:00 1970\n";
    let mails = format!("{from}Subject: Kept\nMessage-ID: <kept@example.org>\n\nText.\n\n{from}Subject: endless\n\n");
    packer.write_all(mails.as_bytes()).expect("packed");
    let mbox = [packer.finish().expect("packed"), gzip_bomb(b'x', 64)].concat();
    let path = hub.data().join("bomb.mbox.gz");
    std::fs::write(&path, mbox).expect("a file");
    let path = path.display().to_string();
    let mut importing = hub
        .command(&["lists", "import", "dev", &path])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut most = 0;
    while importing.try_wait().expect("a child").is_none() {
        most = most.max(memory_of(importing.id(), "VmHWM").unwrap_or(0) / 1024);
        std::thread::park_timeout(Duration::from_millis(10));
    }
    let ended = importing.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    println!("{most} MB at most");
    assert!(!ended.status.success() && said.contains("line 7 is larger than 128 MB"), "{said}");
    assert!(said.contains("What came before is kept"), "{said}");
    assert!(ann.get("/lists/dev/kept@example.org/").expect(200).text.contains("Kept"));
    assert!(most < 500, "{most} MB at most");
}
