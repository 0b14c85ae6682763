//! What a bounce says: who cannot be reached, and whether for good.
//!
//! Pure. Reports of RFC 3464 are read by `mail::report`; this knows the common ones that follow no standard, and which
//! failures say nothing of the member.

use std::sync::LazyLock;

use mail::{Message, report};
use regex::Regex;

/// Bytes of a body in which addresses are looked for.
const LOOKED_AT: usize = 20_000;

/// Somebody who could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Lower case; empty when the report names nobody, and only the return path tells.
    pub address: String,
    /// RFC 3463, `5.1.1`; empty when unknown.
    pub status: String,
    pub reason: String,
    pub is_permanent: bool,
}

impl Failed {
    /// Whether it speaks against the member: a lasting failure that is not about policy. A status 5.7.x is about what
    /// was sent or by whom (RFC 3463 section 3.8), often the author's DMARC policy, so the member is not to blame.
    pub fn scores(&self) -> bool {
        self.is_permanent && !self.status.starts_with("5.7.") && !is_policy(&self.reason)
    }
}

/// Words with which servers refuse the author or the text, and not the recipient.
fn is_policy(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    let words = ["dmarc", "spf", "dkim", "spam", "blocked using", "blacklist", "blocklist", "policy", "5.7.", "virus"];
    words.iter().any(|word| reason.contains(word))
}

/// Sentences of servers that write no report, each with whether it is about a lasting failure.
const SENTENCES: [(&str, bool); 16] = [
    ("permanent fatal errors", true),
    ("could not be delivered", true),
    ("couldn't be delivered", true),
    ("could not deliver", true),
    ("wasn't able to deliver", true),
    ("permanent error", true),
    ("undeliverable", true),
    ("delivery to the following recipient failed permanently", true),
    ("delivery has failed", true),
    ("user unknown", true),
    ("no such user", true),
    ("mailbox unavailable", true),
    ("does not exist", true),
    ("account has been disabled", true),
    ("will keep trying", false),
    ("delivery is delayed", false),
];

#[allow(clippy::expect_used, reason = "the pattern is constant and covered by tests")]
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").expect("a pattern")
});
#[allow(clippy::expect_used, reason = "the pattern is constant and covered by tests")]
static STATUS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[45]\.\d{1,3}\.\d{1,3}\b").expect("a pattern"));

/// Everybody whom a mail to the bounce address tells of as unreachable; empty when it is no bounce (a vacation notice).
pub fn read(message: &Message) -> Vec<Failed> {
    let reports = report::read(message);
    if !reports.is_empty() {
        let failed = reports.into_iter().filter(|report| report.action == report::Action::Failed);
        return failed
            .map(|report| Failed {
                is_permanent: report.is_permanent() && report.status.starts_with('5') || report.status.is_empty(),
                address: report.recipient.to_lowercase(),
                status: report.status,
                reason: report.diagnostic,
            })
            .collect();
    }
    without_report(message)
}

/// A bounce in plain words: it must come from a mail system and say that delivery failed.
fn without_report(message: &Message) -> Vec<Failed> {
    let body = message.text();
    let body = &body[..body.floor_char_boundary(LOOKED_AT)];
    // Below this the original is quoted, whose addresses say nothing.
    let cut =
        ["--- Below this line", "Original message", "----- Original", "--- The original", "Return-Path:", "Received:"];
    let own = cut.iter().filter_map(|mark| body.find(mark)).min().map_or(body, |end| &body[..end]);
    let said = format!("{} {own}", message.subject).to_ascii_lowercase();
    let kind = SENTENCES.iter().find(|(sentence, _)| said.contains(sentence));
    let Some((_, is_permanent)) = kind.filter(|_| is_from_a_system(message)) else { return vec![] };
    let status = STATUS.find(own).map(|found| found.as_str().to_owned()).unwrap_or_default();
    let reason: String =
        own.lines().find(|line| STATUS.is_match(line) || line.contains("550")).unwrap_or_default().trim().into();
    let is_permanent = if status.is_empty() { *is_permanent } else { status.starts_with('5') };
    let mut addresses: Vec<String> = message.header("x-failed-recipients").map(addresses_in).unwrap_or_default();
    if addresses.is_empty() {
        addresses = addresses_in(own);
        addresses.retain(|address| *address != message.from.address.to_lowercase());
    }
    if addresses.is_empty() {
        addresses.push(String::new());
    }
    let failed = |address| Failed { address, status: status.clone(), reason: reason.clone(), is_permanent };
    addresses.into_iter().map(failed).collect()
}

fn addresses_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = ADDRESS.find_iter(text).map(|found| found.as_str().to_lowercase()).collect();
    found.sort();
    found.dedup();
    found
}

fn is_from_a_system(message: &Message) -> bool {
    let local = message.from.address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    message.header("x-failed-recipients").is_some()
        || ["mailer-daemon", "postmaster", "mailer_daemon", "mail-daemon", "mmdf", "mdaemon"].contains(&local.as_str())
        || message.header("return-path").is_some_and(|path| path.trim() == "<>")
}

#[cfg(test)]
mod tests;
