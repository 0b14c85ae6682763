//! One line of IRC: bytes to text, text to what it means (RFC 2812 section 2.3, IRCv3 message tags).

use chrono::{DateTime, Utc};
use irc_proto::{Command, Message, Prefix, Response};

/// The longest line that is read: 8,191 bytes of tags and 512 of the rest (IRCv3 message-tags).
pub const LONGEST: usize = 8191 + 512;

/// The bytes of a line as text: UTF-8, else Windows-1252, which loses nothing that people type.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Who said it, when, under which account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub nick: String,
    pub account: String,
    /// The server's time (IRCv3 server-time), when it gives one.
    pub at: Option<DateTime<Utc>>,
    /// The server's name for the batch that it is part of, such as history that is played again; empty: none.
    pub batch: String,
}

/// What a line means to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Ping(String),
    Pong,
    Error(String),
    /// Subcommand, whether more lines follow, the words.
    Cap {
        word: String,
        more: bool,
        list: String,
    },
    Authenticate(String),
    /// A reply of the server by its number, with its parameters.
    Reply {
        code: u16,
        words: Vec<String>,
    },
    Said {
        source: Source,
        target: String,
        text: String,
        kind: Kind,
    },
    Join {
        source: Source,
        channel: String,
    },
    Part {
        source: Source,
        channel: String,
        reason: String,
    },
    Quit {
        source: Source,
        reason: String,
    },
    Nick {
        source: Source,
        to: String,
    },
    Kick {
        source: Source,
        channel: String,
        nick: String,
        reason: String,
    },
    Topic {
        source: Source,
        channel: String,
        topic: String,
    },
    Other,
}

/// The ways of saying something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Say,
    Action,
    Notice,
}

/// Reads a line; one that makes no sense is [`Heard::Other`], never an error.
pub fn parse(line: &str) -> Heard {
    let line = line.trim_end_matches(['\r', '\n']);
    // Some servers take a lone CR for the end of a line: no text may carry one on.
    let clean: String =
        line.chars().filter(|c| *c != '\0').map(|c| if matches!(c, '\r' | '\n') { ' ' } else { c }).collect();
    let Ok(message) = format!("{clean}\r\n").parse::<Message>() else { return Heard::Other };
    let source = source(&message);
    meaning(message.command, source)
}

fn source(message: &Message) -> Source {
    let tag = |name: &str| {
        let tags = message.tags.iter().flatten();
        tags.filter(|tag| tag.0 == name).find_map(|tag| tag.1.clone())
    };
    let nick = match &message.prefix {
        Some(Prefix::Nickname(nick, _, _)) => nick.clone(),
        Some(Prefix::ServerName(name)) => name.clone(),
        None => String::new(),
    };
    let at = tag("time").and_then(|time| DateTime::parse_from_rfc3339(&time).ok()).map(|at| at.to_utc());
    Source { nick, account: tag("account").unwrap_or_default(), at, batch: tag("batch").unwrap_or_default() }
}

fn meaning(command: Command, source: Source) -> Heard {
    match command {
        Command::PING(token, _) => Heard::Ping(token),
        Command::PONG(..) => Heard::Pong,
        Command::ERROR(text) => Heard::Error(text),
        Command::AUTHENTICATE(word) => Heard::Authenticate(word),
        Command::CAP(_, word, third, fourth) => {
            let more = third.as_deref() == Some("*") && fourth.is_some();
            let list = fourth.or(third).unwrap_or_default();
            Heard::Cap { word: word.to_str().to_owned(), more, list }
        }
        Command::PRIVMSG(target, text) => said(source, target, text),
        Command::NOTICE(target, text) => Heard::Said { source, target, text, kind: Kind::Notice },
        Command::JOIN(channel, ..) => Heard::Join { source, channel },
        Command::PART(channel, reason) => Heard::Part { source, channel, reason: reason.unwrap_or_default() },
        Command::QUIT(reason) => Heard::Quit { source, reason: reason.unwrap_or_default() },
        Command::NICK(to) => Heard::Nick { source, to },
        Command::KICK(channel, nick, reason) => {
            Heard::Kick { source, channel, nick, reason: reason.unwrap_or_default() }
        }
        Command::TOPIC(channel, topic) => Heard::Topic { source, channel, topic: topic.unwrap_or_default() },
        Command::Response(response, words) => Heard::Reply { code: code(response), words },
        Command::Raw(word, words) => match word.parse() {
            Ok(code) => Heard::Reply { code, words },
            Err(_) => Heard::Other,
        },
        _ => Heard::Other,
    }
}

fn code(response: Response) -> u16 {
    response as u16
}

fn said(source: Source, target: String, text: String) -> Heard {
    match text.strip_prefix('\u{1}') {
        None => Heard::Said { source, target, text, kind: Kind::Say },
        Some(rest) => match rest.trim_end_matches('\u{1}').strip_prefix("ACTION ") {
            Some(action) => Heard::Said { source, target, text: action.to_owned(), kind: Kind::Action },
            // Other CTCP asks the client for something; the bot does not answer.
            None => Heard::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_read_with_its_tags() {
        let line = "@time=2026-11-21T14:03:22.500Z;account=ann :ann!a@h PRIVMSG #dev :it crashes";
        let Heard::Said { source, target, text, kind } = parse(line) else { panic!("not said") };
        assert_eq!((source.nick.as_str(), source.account.as_str()), ("ann", "ann"));
        assert_eq!(source.at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-21T14:03:22.500+00:00"));
        assert_eq!((target.as_str(), text.as_str(), kind), ("#dev", "it crashes", Kind::Say));
    }

    #[test]
    fn actions_capabilities_and_replies_are_told_apart() {
        let action = parse(":bob!b@h PRIVMSG #dev :\u{1}ACTION waves\u{1}");
        assert!(matches!(action, Heard::Said { kind: Kind::Action, ref text, .. } if text == "waves"), "{action:?}");
        let carried = parse("PING one\rQUIT");
        assert_eq!(carried, Heard::Ping("one".into()), "no line within a line");
        let more = parse(":irc CAP * LS * :sasl server-time");
        assert_eq!(more, Heard::Cap { word: "LS".into(), more: true, list: "sasl server-time".into() });
        let last = parse(":irc CAP nick ACK :sasl");
        assert_eq!(last, Heard::Cap { word: "ACK".into(), more: false, list: "sasl".into() });
        let welcome = parse(":irc 001 guildhall :Welcome");
        assert_eq!(welcome, Heard::Reply { code: 1, words: vec!["guildhall".into(), "Welcome".into()] });
        assert!(matches!(parse(":irc 437 * #dev :unavailable"), Heard::Reply { code: 437, .. }));
    }

    #[test]
    fn text_that_is_not_utf8_is_kept_readable() {
        assert_eq!(decode(b"caf\xe9"), "café");
        assert_eq!(decode("café".as_bytes()), "café");
    }

    proptest! {
        #[test]
        fn no_line_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            parse(&decode(&bytes));
        }

        #[test]
        fn lines_that_look_like_irc_do_not_either(line in "[@:]?[a-z!@;= *:]{0,40} (CAP|JOIN|KICK|433|PRIVMSG|BATCH|MODE)[ :#a-z\u{1}*]{0,60}") {
            parse(&line);
        }
    }
}
