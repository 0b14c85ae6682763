//! What the hub puts above a mail that it takes, and what it takes away.

use chrono::{DateTime, Utc};

/// Header fields named so often are a mail that goes in circles (RFC 5321 section 6.3).
const HOPS: usize = 100;

/// How a mail came, for its Received field.
pub(super) struct Hop<'a> {
    pub hello: &'a str,
    pub peer: std::net::IpAddr,
    pub domain: &'a str,
    /// `ESMTP`, `LMTPS` and their like (RFC 3848, RFC 6531).
    pub with: &'a str,
    /// The recipient, when it is one alone: several would tell each other (RFC 5321 section 7.2).
    pub only: Option<&'a str>,
    pub now: DateTime<Utc>,
}

/// The mail with its Received field on top, and without Authentication-Results that claim to be ours (RFC 8601
/// section 5).
pub(super) fn stamp(hop: &Hop<'_>, raw: &[u8]) -> Vec<u8> {
    let peer = match hop.peer {
        std::net::IpAddr::V4(v4) => format!("[{v4}]"),
        std::net::IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
    };
    let only = hop.only.map(|only| format!("\r\n\tfor <{only}>")).unwrap_or_default();
    let id = format!("{:012x}", rand::random::<u64>() >> 16);
    let received = format!(
        "Received: from {} ({peer})\r\n\tby {} (Guildhall) with {} id {id}{only};\r\n\t{}\r\n",
        hop.hello,
        hop.domain,
        hop.with,
        hop.now.format("%a, %d %b %Y %H:%M:%S +0000"),
    );
    let mut out = Vec::with_capacity(received.len() + raw.len());
    out.extend_from_slice(received.as_bytes());
    let mut rest = raw;
    while let Some(field) = first_field(rest) {
        if !claims_to_be_ours(field, hop.domain) {
            out.extend_from_slice(field);
        }
        rest = &rest[field.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Whether a mail has been handed on too often.
pub(super) fn circles(raw: &[u8]) -> bool {
    let mut rest = raw;
    let mut hops = 0;
    while let Some(field) = first_field(rest) {
        if field.len() > 9 && field[..9].eq_ignore_ascii_case(b"received:") {
            hops += 1;
        }
        rest = &rest[field.len()..];
    }
    hops > HOPS
}

/// The fields of a header, each with its folded lines.
#[cfg(feature = "fuzz")]
pub(super) fn fields(raw: &[u8]) -> Vec<&[u8]> {
    let (mut found, mut rest) = (vec![], raw);
    while let Some(field) = first_field(rest) {
        found.push(field);
        rest = &rest[field.len()..];
    }
    found
}

/// The first field with its folded lines, or nothing where the header ends.
fn first_field(rest: &[u8]) -> Option<&[u8]> {
    if rest.is_empty() || rest.starts_with(b"\r\n") || rest.starts_with(b"\n") {
        return None;
    }
    let mut at = 0;
    loop {
        at += rest[at..].iter().position(|byte| *byte == b'\n').map_or(rest.len() - at, |end| end + 1);
        if !matches!(rest.get(at), Some(b' ' | b'\t')) {
            return Some(&rest[..at]);
        }
    }
}

pub(super) fn claims_to_be_ours(field: &[u8], domain: &str) -> bool {
    const NAME: &[u8] = b"authentication-results";
    if field.len() <= NAME.len() || !field[..NAME.len()].eq_ignore_ascii_case(NAME) {
        return false;
    }
    let value = String::from_utf8_lossy(&field[NAME.len()..]);
    let Some((blank, value)) = value.split_once(':') else { return false };
    // The name may stand behind a comment and before a version.
    let mut value = value.trim_start();
    while let Some(comment) = value.strip_prefix('(') {
        value = comment.split_once(')').map_or("", |(_, rest)| rest).trim_start();
    }
    let name = value.split([';', ' ', '\t', '\r', '\n', '(']).next().unwrap_or_default();
    blank.trim().is_empty() && name.trim_matches('"').eq_ignore_ascii_case(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(raw: &[u8]) -> String {
        let hop = Hop {
            hello: "x.org",
            peer: [127, 0, 0, 1].into(),
            domain: "hub.test",
            with: "ESMTP",
            only: Some("a@hub.test"),
            now: DateTime::UNIX_EPOCH,
        };
        String::from_utf8(stamp(&hop, raw)).unwrap()
    }

    #[test]
    fn the_received_field_stands_on_top() {
        let mail = stamped(b"Subject: hi\r\n\r\nbody");
        assert!(mail.starts_with("Received: from x.org ([127.0.0.1])\r\n\tby hub.test (Guildhall) with ESMTP id "));
        assert!(
            mail.ends_with("\r\n\tfor <a@hub.test>;\r\n\tThu, 01 Jan 1970 00:00:00 +0000\r\nSubject: hi\r\n\r\nbody")
        );
    }

    #[test]
    fn only_our_own_authentication_results_go() {
        let mail = stamped(
            b"A: 1\r\nAuthentication-Results: HUB.test;\r\n dkim=pass\r\nauthentication-results : (c) \"hub.test\" 1; none\r\n\
              Authentication-Results: other.org; spf=pass\r\n\r\nAuthentication-Results: hub.test; body\r\n",
        );
        let rest = mail.split_once("+0000\r\n").unwrap().1;
        assert_eq!(
            rest,
            "A: 1\r\nAuthentication-Results: other.org; spf=pass\r\n\r\nAuthentication-Results: hub.test; body\r\n"
        );
    }

    #[test]
    fn circles_are_seen() {
        let header = "Received: from a\r\n\tby b\r\n";
        assert!(!circles(format!("{}\r\n{}", header.repeat(100), header).as_bytes()));
        assert!(circles(format!("{}\r\n", header.repeat(101)).as_bytes()));
    }
}
