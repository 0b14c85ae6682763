//! What is said on the two channels.

use chrono::{DateTime, Duration, Utc};

use super::luck::Luck;
use super::marks::{self, fill};
use super::year::Names;

/// The channels with their topics.
pub const CHANNELS: [(&str, &str, &str); 2] = [
    ("#papermoth", "Questions and company. Logged. Release 2.6.1 is out", include_str!("text/chat/papermoth.txt")),
    (
        "#papermoth-dev",
        "Work on trunk. Meetings are announced on the list",
        include_str!("text/chat/papermoth-dev.txt"),
    ),
];

/// A line on a channel.
pub struct Said {
    pub channel: &'static str,
    pub kind: &'static str,
    pub nick: String,
    pub text: String,
}

/// Every line, each some seconds after the one before, as long as it takes to type.
pub fn all(names: &Names<'_>, luck: &mut Luck) -> anyhow::Result<Vec<(DateTime<Utc>, Said)>> {
    let mut lines = vec![];
    for (channel, _, text) in CHANNELS {
        for mark in marks::marks(text) {
            let mut at = names.at(mark.word, mark.rest)?;
            for line in mark.body.lines().filter(|line| !line.trim().is_empty()) {
                let line = fill(line, "issue", |key| names.issue(key).map(|number| format!("#{number}")))?;
                let (kind, nick, text) = match line.strip_prefix("* ") {
                    Some(action) => action.split_once(' ').map(|(nick, text)| ("action", nick, text)),
                    None => line.split_once(": ").map(|(nick, text)| ("say", nick, text)),
                }
                .ok_or_else(|| anyhow::anyhow!("Nobody says this line of the demo's talk: {line}"))?;
                names.person(nick)?;
                lines.push((at, Said { channel, kind, nick: nick.to_owned(), text: text.to_owned() }));
                let millis = 4_000 + text.len() as i64 * 150 + luck.below(20_000) as i64;
                at += Duration::milliseconds(millis);
            }
        }
    }
    Ok(lines)
}
