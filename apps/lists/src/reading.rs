//! What the archive keeps of a mail besides its bytes.
//!
//! Pure: the same bytes and the same fallback time give the same reading.

use chrono::{DateTime, Datelike, Duration, Utc};
use mail::Message;
use sha1::{Digest, Sha1};

use crate::thread;

/// The longest text that is shown and searched, bytes; the rest stands in the raw form.
const BODY: usize = 256 * 1024;
/// The first year of a Date that is believed.
const FIRST: i32 = 1975;

/// A mail as the archive shows it.
#[derive(Clone, Debug)]
pub struct Reading {
    pub message_id: String,
    /// [`hash`] of the Message-ID.
    pub hash: String,
    /// What it answers, nearest last.
    pub refs: Vec<String>,
    /// The name of the author, never empty.
    pub author: String,
    /// The address of the author, lower case; empty when there is none.
    pub address: String,
    pub subject: String,
    pub body: String,
    pub has_html: bool,
    pub at: DateTime<Utc>,
    /// Name, type and size of each attachment.
    pub files: Vec<(String, String, usize)>,
}

/// The Message-ID-Hash: base32 of the SHA-1 of the Message-ID without brackets, 32 characters A-Z2-7 (as HyperKitty and
/// mail-archive.com write it).
pub fn hash(message_id: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha1::digest(message_id.as_bytes());
    let mut out = String::with_capacity(32);
    for five in digest.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        out.extend((0..8).rev().map(|n| char::from(ALPHABET[(bits >> (5 * n)) as usize & 31])));
    }
    out
}

/// Reads a mail; `fallback` is its time when it names none that can be (the arrival, or the separator of an mbox).
pub fn read(message: &Message, fallback: DateTime<Utc>, now: DateTime<Utc>) -> Reading {
    let message_id = clean(&message.message_id);
    let address = message.from.address.to_lowercase();
    let author = clean(message.from.shown());
    Reading {
        hash: hash(&message_id),
        refs: thread::refs(&message_id, &message.references, &message.in_reply_to).iter().map(|id| clean(id)).collect(),
        message_id,
        author: if author.trim().is_empty() { "unknown".into() } else { author },
        address: if people::participant::is_address(&address) { address } else { String::new() },
        subject: clean(&message.subject),
        body: body(message.text()),
        has_html: message.html().is_some(),
        at: time(message, fallback, now),
        files: message
            .attachments
            .iter()
            .map(|file| (clean(&file.name), clean(&file.content_type), file.bytes.len()))
            .collect(),
    }
}

/// Databases keep no U+0000.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn body(text: &str) -> String {
    let text = clean(text).replace("\r\n", "\n");
    let text = text.trim_end();
    if text.len() <= BODY {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(BODY);
    format!("{}\n\n[The rest of this message stands in its raw form.]", &text[..cut])
}

/// When it was written: its Date when that can be, else when the topmost Received says, else `fallback`.
pub fn time(message: &Message, fallback: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let arrived = message.headers("received").find_map(received_time).filter(|at| at.year() >= FIRST && *at <= now);
    let latest = arrived.unwrap_or(now) + Duration::days(2);
    let believed = |at: &DateTime<Utc>| at.year() >= FIRST && *at <= latest;
    message.date.filter(believed).or(arrived).unwrap_or(fallback)
}

/// The time behind the last semicolon of a Received field (RFC 5321 section 4.4).
fn received_time(field: &str) -> Option<DateTime<Utc>> {
    let (_, text) = field.rsplit_once(';')?;
    let text = text.split('(').next().unwrap_or_default().trim();
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

/// A subject without the `Re:` of any language and the prefix of the list: what a thread is called.
pub fn bare_subject(subject: &str) -> &str {
    let mut bare = subject.trim();
    while let Some((word, rest)) = bare.split_once([':', '：']) {
        let word = word.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '^' | '*'));
        let known = ["re", "aw", "antw", "sv", "vs", "ref", "rif", "odp", "回复", "答复", "回覆"];
        if !known.contains(&word.to_lowercase().as_str()) {
            break;
        }
        bare = rest.trim_start();
    }
    bare
}

/// `2026-11`.
pub fn month(at: DateTime<Utc>) -> String {
    at.format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn the_hash_is_the_one_that_others_compute() {
        // SHA-1 of the empty text is da39a3ee5e6b4b0d3255bfef95601890afd80709.
        assert_eq!(hash(""), "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
        assert_eq!(hash("a@b").len(), 32);
    }

    #[test]
    fn dates_fall_back_to_received_and_then_to_the_arrival() {
        let now = at("2026-11-21T12:00:00Z");
        let received = "Received: from a by b; Sat, 21 Nov 2020 10:00:00 +0100 (CET)\n";
        let table = [
            ("Date: Fri, 20 Nov 2020 10:00:00 +0000\n", true, "2020-11-20T10:00:00Z"),
            ("Date: Fri, 20 Nov 2099 10:00:00 +0000\n", true, "2020-11-21T09:00:00Z"),
            ("Date: nonsense\n", true, "2020-11-21T09:00:00Z"),
            ("Date: Thu, 01 Jan 1970 00:00:00 +0000\n", false, "2026-11-21T12:00:00Z"),
            ("", true, "2020-11-21T09:00:00Z"),
            ("", false, "2026-11-21T12:00:00Z"),
            ("Date: Fri, 20 Nov 2020 10:00:00 +0000\n", false, "2020-11-20T10:00:00Z"),
        ];
        for (date, has_received, expected) in table {
            let raw = format!("{}{date}Subject: x\n\n", if has_received { received } else { "" });
            assert_eq!(time(&Message::parse(raw.as_bytes()), now, now), at(expected), "{raw}");
        }
    }

    #[test]
    fn subjects_lose_what_says_answer() {
        let table = [
            ("Re: AW: Re[2]: crash", "crash"),
            ("RE : x", "x"),
            ("回复：x", "x"),
            ("Report: x", "Report: x"),
            ("re", "re"),
            ("", ""),
        ];
        for (subject, bare) in table {
            assert_eq!(bare_subject(subject), bare);
        }
    }

    #[test]
    fn nothing_that_databases_refuse_is_left() {
        let raw = b"Subject: a\0b\nFrom: x\0 <x@y.org>\nMessage-ID: <a\0@b>\n\nbody\0\r\nline\n";
        let reading = read(&Message::parse(raw), at("2026-11-21T12:00:00Z"), at("2026-11-21T12:00:00Z"));
        for text in [&reading.subject, &reading.author, &reading.message_id, &reading.body] {
            assert!(!text.contains('\0'), "{text:?}");
        }
        assert!(reading.body.ends_with("\nline"));
    }
}
