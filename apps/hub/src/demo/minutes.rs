//! The minutes of the meetings on the channels, as whoever led one sends them to the list.

use chrono::{DateTime, Utc};

use super::talk::Said;

/// A meeting that is over, put together from its lines.
pub struct Minutes {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Who led it, by name.
    pub chair: String,
    pub subject: String,
    pub text: String,
}

/// The minutes of every meeting, by the commands of MeetBot: `#topic`, `#agreed`, `#action` and the like.
pub fn all(lines: &[(DateTime<Utc>, Said)]) -> Vec<Minutes> {
    let mut done = vec![];
    for (place, (begun, said)) in lines.iter().enumerate() {
        let Some(title) = said.text.strip_prefix("#startmeeting ") else { continue };
        let here = lines[place..].iter().filter(|(_, other)| other.channel == said.channel);
        let talk: Vec<&(DateTime<Utc>, Said)> = here
            .scan(false, |over, line| (!std::mem::replace(over, line.1.text == "#endmeeting")).then_some(line))
            .collect();
        let Some((ended, _)) = talk.last() else { continue };
        done.push(Minutes {
            at: *ended,
            chair: said.nick.clone(),
            subject: format!("Minutes: {title}"),
            text: written(said.channel, *begun, *ended, &talk),
        });
    }
    done
}

fn written(channel: &str, begun: DateTime<Utc>, ended: DateTime<Utc>, talk: &[&(DateTime<Utc>, Said)]) -> String {
    let mut there: Vec<&str> = vec![];
    let (mut body, mut actions, mut items) = (String::new(), vec![], 0);
    for (_, said) in talk {
        if !there.contains(&said.nick.as_str()) {
            there.push(&said.nick);
        }
        let Some((word, rest)) = said.text.strip_prefix('#').and_then(|text| text.split_once(' ')) else { continue };
        match word {
            "topic" => {
                items += 1;
                body.push_str(&format!("\n{items}. {rest}\n\n"));
            }
            "action" => actions.push(rest),
            "info" | "agreed" | "accepted" | "rejected" | "idea" | "help" => {
                body.push_str(&format!("* {word}: {rest}\n"));
            }
            _ => {}
        }
    }
    let minutes = (ended - begun).num_minutes().max(1);
    let mut text = format!(
        "We met on {channel} on {} at {} UTC, for {minutes} minutes. There were\n{}.\n{body}",
        begun.format("%-d %B %Y"),
        begun.format("%H:%M"),
        there.join(", ")
    );
    if !actions.is_empty() {
        text.push_str("\nWho does what:\n\n");
        for action in actions {
            text.push_str(&format!("* {action}\n"));
        }
    }
    text + "\nEvery word is in the log of that day. Correct me where I misheard.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_gives_minutes() {
        let line = |second: i64, nick: &str, text: &str| {
            let at = DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
            (at, Said { channel: "#dev", kind: "say", nick: nick.into(), text: text.into() })
        };
        let talk = [
            line(0, "ann", "hello"),
            line(10, "ann", "#startmeeting The heron"),
            line(20, "bob", "here"),
            line(30, "ann", "#topic Fish"),
            line(40, "ann", "#agreed It gets some"),
            line(50, "ann", "#action bob buys fish"),
            line(400, "ann", "#endmeeting"),
            line(500, "tom", "too late"),
        ];
        let minutes = all(&talk);
        assert_eq!(minutes.len(), 1);
        assert_eq!((minutes[0].chair.as_str(), minutes[0].subject.as_str()), ("ann", "Minutes: The heron"));
        assert_eq!(
            minutes[0].text,
            "We met on #dev on 15 January 2027 at 08:00 UTC, for 6 minutes. There were\nann, bob.\n\n1. Fish\n\n\
             * agreed: It gets some\n\nWho does what:\n\n* bob buys fish\n\nEvery word is in the log of that day. \
             Correct me where I misheard.\n"
        );
    }
}
