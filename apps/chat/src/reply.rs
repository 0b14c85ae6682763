//! What the bot answers on a channel: `!help`, `!log`, and the title of what somebody mentions (`#12`, `r77`).

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Hub;
use markup::autolink;
use people::Actor;
use store::StoreError;

/// How long the same thing is not told again on a channel.
const COOLDOWN: TimeDelta = TimeDelta::minutes(5);
/// The most things that are told for one line.
const MOST: usize = 3;

/// What was told where, and when.
#[derive(Debug, Default)]
pub struct Cooldown(HashMap<(String, String), DateTime<Utc>>);

impl Cooldown {
    /// Whether `key` may be told on `channel` now; it may not be again for a while.
    fn free(&mut self, channel: &str, key: &str, now: DateTime<Utc>) -> bool {
        self.0.retain(|_, at| now - *at < COOLDOWN);
        let place = (channel.to_owned(), key.to_owned());
        if self.0.contains_key(&place) {
            return false;
        }
        self.0.insert(place, now);
        true
    }
}

/// The answers to a line.
pub async fn to(
    hub: &Hub,
    network: &str,
    me: &str,
    channel: &str,
    nick: &str,
    text: &str,
    cooldown: &mut Cooldown,
) -> Result<Vec<String>, StoreError> {
    if let Some(command) = command(me, text) {
        return Ok(vec![format!("{nick}: {}", told(hub, network, channel, &command))]);
    }
    let mut answers = vec![];
    for reference in autolink::find(text).iter().filter(|reference| reference.key.contains(':')) {
        if answers.len() == MOST || !cooldown.free(channel, &reference.key, hub.now()) {
            continue;
        }
        let url = autolink::url_of(reference);
        if let Some(found) = search::at_url(&hub.store.read(), &Actor::Anonymous, &url).await? {
            answers.push(format!("{} {}", found.title, hub.url(&found.url)));
        }
    }
    Ok(answers)
}

/// The command in a line that is meant for the bot: `!help`, `guildhall: help`.
fn command(me: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let addressed = text.get(..me.len()).is_some_and(|start| start.eq_ignore_ascii_case(me));
    let word = match text.strip_prefix('!') {
        Some(rest) => rest,
        None if addressed => text[me.len()..].strip_prefix([':', ','])?.trim(),
        None => return None,
    };
    let word = word.split_whitespace().next()?.trim_end_matches('?').to_lowercase();
    ["help", "log"].contains(&word.as_str()).then_some(word)
}

fn told(hub: &Hub, network: &str, channel: &str, command: &str) -> String {
    match command {
        "log" => format!("the log is at {}", hub.url(&crate::web::url::channel(network, channel))),
        _ => "!help and !log are what I answer; I tell the title of #12 and r123 when you mention them. \
              This channel is logged in public: !log says where."
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bot_knows_when_it_is_spoken_to() {
        for (text, meant) in [
            ("!help", Some("help")),
            ("guildhall: log?", Some("log")),
            ("Guildhall, help me", Some("help")),
            ("guildhall help", None),
            ("!dance", None),
            ("we need help", None),
            ("", None),
        ] {
            assert_eq!(command("guildhall", text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn the_same_is_not_told_twice_in_five_minutes() {
        let mut cooldown = Cooldown::default();
        let now = DateTime::UNIX_EPOCH;
        assert!(cooldown.free("#dev", "issue:1", now));
        assert!(!cooldown.free("#dev", "issue:1", now + TimeDelta::minutes(4)));
        assert!(cooldown.free("#users", "issue:1", now));
        assert!(cooldown.free("#dev", "issue:1", now + TimeDelta::minutes(5)));
    }
}
