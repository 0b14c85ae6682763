//! One connection's conversation with the server: registration, capabilities, SASL, channels.
//!
//! Pure: a line comes in ([`Session::hear`]), lines to send and things to keep come out. [`crate::bot`] has the network.

use std::collections::{BTreeMap, BTreeSet};

use crate::casemap::CaseMap;
use crate::config::Network;
use crate::line::{Heard, Kind, Source};
use crate::sasl;

/// What the bot asks for when the server offers it (IRCv3).
const WANTED: [&str; 8] =
    ["sasl", "server-time", "message-tags", "account-tag", "echo-message", "multi-prefix", "extended-join", "batch"];

/// What comes out of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To be sent at once.
    Send(String),
    /// To be kept in the log of a channel.
    Keep {
        channel: String,
        source: Source,
        kind: &'static str,
        text: String,
    },
    /// Somebody spoke to the channel or to the bot; it may answer there.
    Spoken {
        channel: String,
        source: Source,
        text: String,
    },
    /// The bot is on a channel now, or is not any more.
    Joined(String),
    Left {
        channel: String,
        why: String,
    },
    /// The server ends the connection.
    Closed(String),
}

/// The state of one connection.
pub struct Session {
    network: Network,
    password: Option<String>,
    nick: String,
    registered: bool,
    offered: BTreeSet<String>,
    casemap: CaseMap,
    echo: bool,
    /// Channels by folded name: how they are written, who is on them; absent while the bot is not there.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Names that are still being listed (RPL_NAMREPLY).
    naming: BTreeMap<String, BTreeSet<String>>,
}

impl Session {
    /// A new connection; `password` is that of the SASL account.
    pub fn new(network: Network, password: Option<String>) -> Self {
        let nick = network.nick.clone();
        Self {
            network,
            password,
            nick,
            registered: false,
            offered: BTreeSet::new(),
            casemap: CaseMap::default(),
            echo: false,
            members: BTreeMap::new(),
            naming: BTreeMap::new(),
        }
    }

    /// What is sent first.
    pub fn greeting(&self) -> Vec<String> {
        let nick = &self.nick;
        vec!["CAP LS 302".into(), format!("NICK {nick}"), format!("USER {nick} 0 * :{nick}, the project's bot")]
    }

    /// The bot's nick at this moment.
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// Whether the bot is on a channel, so that it may speak there.
    pub fn is_on(&self, channel: &str) -> bool {
        self.members.contains_key(&self.casemap.fold(channel))
    }

    /// Whether the server repeats what the bot says, so that it is logged from there.
    pub fn has_echo(&self) -> bool {
        self.echo
    }

    /// Channels that are configured and where the bot is not.
    pub fn missing(&self) -> Vec<String> {
        let there = |channel: &&String| !self.is_on(channel);
        if self.registered { self.network.channels.iter().filter(there).cloned().collect() } else { vec![] }
    }

    /// The bot's configured nick, when it has another one.
    pub fn wanted_nick(&self) -> Option<&str> {
        (self.registered && self.nick != self.network.nick).then_some(self.network.nick.as_str())
    }

    /// What a line brings.
    pub fn hear(&mut self, heard: Heard) -> Vec<Effect> {
        match heard {
            Heard::Ping(token) => vec![send(format!("PONG :{token}"))],
            Heard::Error(text) => vec![Effect::Closed(text)],
            Heard::Cap { word, more, list } => self.capabilities(&word, more, &list),
            Heard::Authenticate(word) if word == "+" => self.authenticate(),
            Heard::Reply { code, words } => self.reply(code, &words),
            Heard::Said { source, target, text, kind } => self.said(source, target, text, kind),
            Heard::Join { source, channel } => self.join(source, channel),
            Heard::Part { source, channel, reason } => self.part(source, channel, reason),
            Heard::Kick { source, channel, nick, reason } => self.kick(source, channel, &nick, &reason),
            Heard::Quit { source, reason } => self.quit(source, &reason),
            Heard::Nick { source, to } => self.rename(source, &to),
            Heard::Topic { source, channel, topic } => {
                vec![Effect::Keep { channel, source, kind: "topic", text: topic }]
            }
            Heard::Authenticate(_) | Heard::Pong | Heard::Other => vec![],
        }
    }

    fn capabilities(&mut self, word: &str, more: bool, list: &str) -> Vec<Effect> {
        let names = || list.split_whitespace().map(|name| name.split('=').next().unwrap_or(name).to_owned());
        match word {
            "LS" => {
                self.offered.extend(names());
                if more { vec![] } else { self.request() }
            }
            "ACK" => {
                self.echo |= names().any(|name| name == "echo-message");
                if names().any(|name| name == "sasl") && self.has_account() {
                    let mechanism = if self.by_certificate() { "EXTERNAL" } else { "PLAIN" };
                    vec![send(format!("AUTHENTICATE {mechanism}"))]
                } else {
                    self.end_of_capabilities()
                }
            }
            "NAK" => self.end_of_capabilities(),
            _ => vec![],
        }
    }

    fn request(&self) -> Vec<Effect> {
        let asked = |name: &&str| self.offered.contains(*name) && (*name != "sasl" || self.has_account());
        let wanted: Vec<&str> = WANTED.into_iter().filter(asked).collect();
        if wanted.is_empty() {
            self.end_of_capabilities()
        } else {
            vec![send(format!("CAP REQ :{}", wanted.join(" ")))]
        }
    }

    fn has_account(&self) -> bool {
        self.by_certificate() || !self.network.sasl_user.is_empty() && self.password.is_some()
    }

    fn by_certificate(&self) -> bool {
        self.password.is_none() && !self.network.tls_cert.is_empty()
    }

    fn end_of_capabilities(&self) -> Vec<Effect> {
        if self.registered { vec![] } else { vec![send("CAP END".into())] }
    }

    fn authenticate(&self) -> Vec<Effect> {
        let lines = match &self.password {
            Some(password) => sasl::plain(&self.network.sasl_user, password),
            None => sasl::external(&self.network.sasl_user),
        };
        lines.into_iter().map(send).collect()
    }

    fn reply(&mut self, code: u16, words: &[String]) -> Vec<Effect> {
        let word = |index: usize| words.get(index).map_or("", String::as_str);
        match code {
            1 => {
                self.registered = true;
                word(0).clone_into(&mut self.nick);
                self.join_all()
            }
            5 => {
                if let Some(map) = words.iter().find_map(|word| word.strip_prefix("CASEMAPPING=")) {
                    self.casemap = CaseMap::from_word(map);
                }
                vec![]
            }
            353 => {
                let names =
                    word(3).split_whitespace().map(|name| name.trim_start_matches(['@', '+', '%', '&', '~', '!']));
                let channel = self.casemap.fold(word(2));
                let folded: Vec<String> = names.map(|name| self.casemap.fold(name)).collect();
                self.naming.entry(channel).or_default().extend(folded);
                vec![]
            }
            366 => {
                let channel = self.casemap.fold(word(1));
                if let Some(names) = self.naming.remove(&channel) {
                    self.members.insert(channel, names);
                }
                vec![]
            }
            // SASL: 903 done, 904 to 907 not.
            903 | 907 => self.end_of_capabilities(),
            902 | 904 | 905 | 906 => {
                let account = match self.network.sasl_user.as_str() {
                    "" => "of the certificate",
                    user => user,
                };
                let why = format!("the account {account} was refused: {}", word(1));
                vec![send("QUIT".into()), Effect::Closed(why)]
            }
            // The network has banned the bot; ERROR follows, and says less.
            465 => vec![Effect::Closed(format!("the network has banned the bot: {}", word(1)))],
            // The nick is taken or not allowed.
            432 | 433 | 436 | 437 if !self.registered => {
                self.nick.push('_');
                vec![send(format!("NICK {}", self.nick))]
            }
            // The channel does not let the bot in; it is tried again later.
            403 | 405 | 437 | 471 | 473 | 474 | 475 | 476 | 477 => {
                vec![Effect::Left { channel: word(1).to_owned(), why: word(2).to_owned() }]
            }
            // A server without capabilities does not know CAP.
            _ => vec![],
        }
    }

    fn join_all(&self) -> Vec<Effect> {
        let mut lines = vec![];
        let mut line = String::new();
        for channel in &self.network.channels {
            if !line.is_empty() && line.len() + channel.len() > 400 {
                lines.push(send(format!("JOIN {line}")));
                line.clear();
            }
            if !line.is_empty() {
                line.push(',');
            }
            line.push_str(channel);
        }
        if !line.is_empty() {
            lines.push(send(format!("JOIN {line}")));
        }
        lines
    }

    fn said(&mut self, source: Source, target: String, text: String, kind: Kind) -> Vec<Effect> {
        if !self.is_on(&target) {
            return vec![];
        }
        let mine = self.is_me(&source.nick);
        let mark = match kind {
            Kind::Say => "say",
            Kind::Action => "action",
            Kind::Notice => "notice",
        };
        let mut effects =
            vec![Effect::Keep { channel: target.clone(), source: source.clone(), kind: mark, text: text.clone() }];
        // Notices, echoes and history are never answered, so that no two bots talk to each other.
        if !mine && kind == Kind::Say && source.batch.is_empty() {
            effects.push(Effect::Spoken { channel: target, source, text });
        }
        effects
    }

    fn is_me(&self, nick: &str) -> bool {
        self.casemap.fold(nick) == self.casemap.fold(&self.nick)
    }

    fn join(&mut self, source: Source, channel: String) -> Vec<Effect> {
        let folded = self.casemap.fold(&channel);
        let who = self.casemap.fold(&source.nick);
        let mut effects = vec![];
        if self.is_me(&source.nick) {
            self.members.insert(folded.clone(), BTreeSet::new());
            effects.push(Effect::Joined(channel.clone()));
        }
        self.members.entry(folded).or_default().insert(who);
        effects.push(Effect::Keep { channel, source, kind: "join", text: String::new() });
        effects
    }

    fn part(&mut self, source: Source, channel: String, reason: String) -> Vec<Effect> {
        let gone = self.gone(&channel, &source.nick, "the bot left");
        let mut effects = vec![Effect::Keep { channel, source, kind: "part", text: reason }];
        effects.extend(gone);
        effects
    }

    fn kick(&mut self, source: Source, channel: String, nick: &str, reason: &str) -> Vec<Effect> {
        let gone = self.gone(&channel, nick, &format!("kicked by {}: {reason}", source.nick));
        let text = format!("{nick} ({reason})");
        let mut effects = vec![Effect::Keep { channel, source, kind: "kick", text }];
        effects.extend(gone);
        effects
    }

    fn gone(&mut self, channel: &str, nick: &str, why: &str) -> Option<Effect> {
        let folded = self.casemap.fold(channel);
        if self.is_me(nick) {
            self.members.remove(&folded);
            return Some(Effect::Left { channel: channel.to_owned(), why: why.to_owned() });
        }
        let who = self.casemap.fold(nick);
        if let Some(names) = self.members.get_mut(&folded) {
            names.remove(&who);
        }
        None
    }

    fn quit(&mut self, source: Source, reason: &str) -> Vec<Effect> {
        let who = self.casemap.fold(&source.nick);
        let mut effects = vec![];
        for (channel, names) in &mut self.members {
            if names.remove(&who) {
                let (channel, text) = (channel.clone(), reason.to_owned());
                effects.push(Effect::Keep { channel, source: source.clone(), kind: "quit", text });
            }
        }
        effects
    }

    fn rename(&mut self, source: Source, to: &str) -> Vec<Effect> {
        let (from, new) = (self.casemap.fold(&source.nick), self.casemap.fold(to));
        if self.is_me(&source.nick) {
            to.clone_into(&mut self.nick);
        }
        let mut effects = vec![];
        for (channel, names) in &mut self.members {
            if names.remove(&from) {
                names.insert(new.clone());
                let (channel, text) = (channel.clone(), to.to_owned());
                effects.push(Effect::Keep { channel, source: source.clone(), kind: "nick", text });
            }
        }
        effects
    }
}

fn send(line: String) -> Effect {
    Effect::Send(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::parse;

    fn session(user: &str) -> Session {
        let network = Network {
            nick: "hub".into(),
            channels: vec!["#dev".into(), "#users".into()],
            sasl_user: user.into(),
            ..Network::default()
        };
        Session::new(network, Some("secret".into()))
    }

    fn sent(effects: Vec<Effect>) -> Vec<String> {
        effects
            .into_iter()
            .filter_map(|effect| if let Effect::Send(line) = effect { Some(line) } else { None })
            .collect()
    }

    #[test]
    fn the_account_is_shown_before_registration_ends() {
        let mut session = session("hub");
        assert_eq!(sent(session.hear(parse(":irc CAP * LS * :sasl=PLAIN server-time"))), Vec::<String>::new());
        assert_eq!(
            sent(session.hear(parse(":irc CAP * LS :echo-message foo"))),
            ["CAP REQ :sasl server-time echo-message"]
        );
        assert_eq!(sent(session.hear(parse(":irc CAP * ACK :sasl server-time echo-message"))), ["AUTHENTICATE PLAIN"]);
        assert_eq!(sent(session.hear(parse("AUTHENTICATE +"))).len(), 1);
        assert_eq!(sent(session.hear(parse(":irc 903 hub :done"))), ["CAP END"]);
        assert_eq!(sent(session.hear(parse(":irc 001 hub :Welcome"))), ["JOIN #dev,#users"]);
        assert!(session.has_echo());
    }

    #[test]
    fn a_refused_account_ends_the_connection() {
        let effects = session("hub").hear(parse(":irc 904 hub :SASL authentication failed"));
        assert!(matches!(effects.last(), Some(Effect::Closed(why)) if why.contains("refused")), "{effects:?}");
    }

    #[test]
    fn a_taken_nick_gets_a_tail_and_the_real_one_is_wanted_back() {
        let mut session = session("");
        assert_eq!(sent(session.hear(parse(":irc 433 * hub :in use"))), ["NICK hub_"]);
        session.hear(parse(":irc 001 hub_ :Welcome"));
        assert_eq!((session.nick(), session.wanted_nick()), ("hub_", Some("hub")));
    }

    #[test]
    fn a_quit_is_logged_where_the_person_was() {
        let mut session = session("");
        session.hear(parse(":irc 001 hub :Welcome"));
        for line in [
            ":hub!h@h JOIN #dev",
            ":irc 353 hub = #dev :hub @Ann +bob",
            ":irc 366 hub #dev :end",
            ":hub!h@h JOIN #users",
        ] {
            session.hear(parse(line));
        }
        let effects = session.hear(parse(":ann!a@h QUIT :bye"));
        assert_eq!(effects.len(), 1, "{effects:?}");
        assert!(matches!(&effects[0], Effect::Keep { channel, kind: "quit", .. } if channel == "#dev"));
    }

    #[test]
    fn what_is_said_in_private_or_as_a_notice_is_not_answered() {
        let mut session = session("");
        session.hear(parse(":irc 001 hub :Welcome"));
        session.hear(parse(":hub!h@h JOIN #dev"));
        assert!(session.hear(parse(":ann!a@h PRIVMSG hub :a secret")).is_empty());
        assert_eq!(session.hear(parse(":ann!a@h NOTICE #dev :#12")).len(), 1);
        assert_eq!(session.hear(parse(":ann!a@h PRIVMSG #dev :#12")).len(), 2);
        assert_eq!(session.hear(parse(":hub!h@h PRIVMSG #dev :#12")).len(), 1);
        assert_eq!(session.hear(parse("@batch=1 :ann!a@h PRIVMSG #dev :#12")).len(), 1);
    }

    #[test]
    fn a_kick_leaves_the_channel_to_be_joined_again() {
        let mut session = session("");
        session.hear(parse(":irc 001 hub :Welcome"));
        session.hear(parse(":hub!h@h JOIN #dev"));
        session.hear(parse(":op!o@h KICK #dev hub :out"));
        assert_eq!(session.missing(), ["#dev", "#users"]);
    }
}
