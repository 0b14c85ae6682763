//! The bot: one task owns one connection, from the first line to the reconnect.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use jobs::{Stop, Task};
use kernel::Hub;
use rand::RngExt;
use tokio::io::{AsyncWriteExt, BufReader, ReadHalf, WriteHalf};
use tokio::time::Instant;

use crate::config::Network;
use crate::connect::{Wire, connect, read_line};
use crate::desk::{Question, Tray, desk};
use crate::keep::{Equals, Keeper, Note};
use crate::line::{Source, decode, parse};
use crate::log::Line;
use crate::session::{Effect, Session};
use crate::split;
use crate::throttle::Throttle;

/// How long a server may take to be reached.
const CONNECTING: Duration = Duration::from_secs(30);
/// Silence after which the server is asked whether it lives, and after which it counts as dead.
const QUIET: Duration = Duration::from_secs(120);
const DEAD: Duration = Duration::from_secs(180);
/// How often missing channels and the nick are tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// How long the end of a connection is listened to.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long a stop waits for the database to take the last lines.
const CLOSING: Duration = Duration::from_secs(4);
/// Room for text in a line of 512 bytes, after `:nick!user@host PRIVMSG #channel :` and the line end.
const ROOM: usize = 400;

/// The bot on one network.
pub struct Bot {
    pub network: Network,
}

#[async_trait]
impl Task for Bot {
    fn name(&self) -> String {
        format!("chat/{}", self.network.name)
    }

    /// A bot that left whenever the database is away would miss what is said meanwhile.
    fn outlasts_the_database(&self) -> bool {
        true
    }

    async fn run(&self, hub: &Hub, stop: Stop) {
        let (mut desk, mut tray, questions) = desk(hub, &self.network.name);
        let (mut keeper, writing) = Keeper::start(hub.clone(), self.network.name.clone(), questions);
        tokio::select! {
            () = self.connections(hub, &stop, &mut keeper, &mut tray) => {}
            () = desk.run() => {}
        }
        drop(keeper);
        let closing = async {
            let _ = writing.await;
            if let Err(error) = desk.note_said().await {
                tracing::warn!(%error, "what was said last may be said again");
            }
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::error!(network = self.network.name, "the database did not take the last lines in time");
        }
    }
}

/// 5 s, 10 s, 20 s ... 10 min, each with some luck, twice as long when the server says that we are too fast, and no
/// shorter than the longest when it has banned us.
fn pause(failures: u32, why: &str) -> Duration {
    let why = why.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    let seconds = (5 << failures.saturating_sub(1).min(7)).min(600);
    let seconds = match () {
        () if says(&["banned", "k-line", "k:line", "g-line", "g:line"]) => 600,
        () if says(&["throttl", "too fast", "flood", "z-line", "z:line"]) => seconds * 2,
        () => seconds,
    };
    Duration::from_secs(seconds) + Duration::from_millis(rand::rng().random_range(0..1000))
}

/// One connection while it lasts.
struct Connection<'a> {
    hub: &'a Hub,
    session: Session,
    writer: WriteHalf<Box<dyn Wire>>,
    keeper: &'a mut Keeper,
    tray: &'a mut Tray,
    equals: Equals,
    throttle: Throttle,
}

/// Where lines come from, with what was read of the next one.
struct Ear {
    reader: BufReader<ReadHalf<Box<dyn Wire>>>,
    kept: Vec<u8>,
}

impl Ear {
    async fn line(&mut self) -> Result<Vec<u8>, String> {
        match read_line(&mut self.reader, &mut self.kept).await {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err("the server closed the connection".into()),
            Err(error) => Err(format!("the connection broke: {error}")),
        }
    }
}

impl Bot {
    /// Connects, talks, and comes back, until the hub stops.
    async fn connections(&self, hub: &Hub, stop: &Stop, keeper: &mut Keeper, tray: &mut Tray) {
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            let began = hub.now();
            let why = self.once(hub, stop, keeper, tray).await;
            if stop.is_cancelled() {
                break;
            }
            let lived = hub.now() - began > TimeDelta::minutes(5);
            failures = if lived { 0 } else { failures + 1 };
            let pause = pause(failures, &why);
            tracing::warn!(network = self.network.name, %why, seconds = pause.as_secs(), "the bot is off and comes back");
            for channel in &self.network.channels {
                keeper.note(Note::State { channel: channel.clone(), state: why.clone(), at: hub.now() });
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Connects and talks until the connection ends; why it did.
    async fn once(&self, hub: &Hub, stop: &Stop, keeper: &mut Keeper, tray: &mut Tray) -> String {
        let password = match self.password() {
            Ok(password) => password,
            Err(why) => return why,
        };
        let wire = tokio::select! {
            wire = tokio::time::timeout(CONNECTING, connect(&self.network)) => wire,
            () = stop.cancelled() => return "stopped".into(),
        };
        let wire = match wire {
            Ok(Ok(wire)) => wire,
            Ok(Err(why)) => return why,
            Err(_) => return format!("{} does not answer", self.network.server),
        };
        let (reader, writer) = tokio::io::split(wire);
        let mut ear = Ear { reader: BufReader::new(reader), kept: vec![] };
        let mut connection = Connection {
            hub,
            session: Session::new(self.network.clone(), password),
            writer,
            keeper,
            tray,
            equals: Equals::default(),
            throttle: Throttle::new(self.network.burst, self.network.pace, hub.now()),
        };
        let ended = connection.talk(&mut ear, stop).await;
        connection.hear_out(&mut ear).await;
        ended
    }

    fn password(&self) -> Result<Option<String>, String> {
        let file = &self.network.sasl_password_file;
        if file.is_empty() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(file);
        text.map(|text| Some(text.trim_end().to_owned())).map_err(|error| format!("{file} cannot be read: {error}"))
    }
}

impl Connection<'_> {
    async fn talk(&mut self, ear: &mut Ear, stop: &Stop) -> String {
        for line in self.session.greeting() {
            if let Err(why) = self.send(&line).await {
                return why;
            }
        }
        let mut again = tokio::time::interval_at(Instant::now() + AGAIN, AGAIN);
        let mut heard_at = Instant::now();
        let mut asked = false;
        let mut next_say = Instant::now();
        let mut offered = self.tray.offered.clone();
        loop {
            let step = tokio::select! {
                line = ear.line() => {
                    heard_at = Instant::now();
                    asked = false;
                    // What came in may let the bot speak: it joined a channel.
                    next_say = next_say.min(heard_at);
                    match line {
                        Ok(line) => self.hear(&line).await,
                        Err(why) => Err(why),
                    }
                }
                _ = offered.changed() => { next_say = Instant::now(); Ok(()) }
                () = tokio::time::sleep_until(next_say) => {
                    let wait = self.say_next().await;
                    wait.map(|wait| next_say = Instant::now() + wait)
                }
                _ = again.tick() => self.try_again().await,
                () = tokio::time::sleep_until(heard_at + if asked { DEAD } else { QUIET }) => {
                    if asked { Err("the server fell silent".into()) } else { asked = true; self.send("PING :guildhall").await }
                }
                () = stop.cancelled() => {
                    let _ = tokio::time::timeout(LAST_WORDS, self.send("QUIT :the hub stops")).await;
                    return "stopped".into();
                }
            };
            if let Err(why) = step {
                return why;
            }
        }
    }

    /// Keeps what the server had sent before the end.
    async fn hear_out(&mut self, ear: &mut Ear) {
        let end = Instant::now() + LAST_WORDS;
        while let Ok(Ok(line)) = tokio::time::timeout_at(end, ear.line()).await {
            self.take(&line);
        }
    }

    async fn send(&mut self, line: &str) -> Result<(), String> {
        let line = format!("{}\r\n", line.replace(['\r', '\n', '\0'], " "));
        match tokio::time::timeout(Duration::from_secs(30), self.writer.write_all(line.as_bytes())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("the connection broke: {error}")),
            Err(_) => Err("the server takes nothing more".into()),
        }
    }

    /// Keeps what a line brings, and sends what it asks for.
    async fn hear(&mut self, bytes: &[u8]) -> Result<(), String> {
        for effect in self.take(bytes) {
            match effect {
                Effect::Send(line) => self.send(&line).await?,
                Effect::Closed(why) => return Err(why),
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps what a line brings; what is left is to be sent.
    fn take(&mut self, bytes: &[u8]) -> Vec<Effect> {
        let text = decode(bytes);
        let raw = (text.as_bytes() != bytes).then(|| bytes.to_vec());
        let mut left = vec![];
        for effect in self.session.hear(parse(&text)) {
            match effect {
                Effect::Keep { channel, source, kind, text } => self.keep(channel, source, kind, text, raw.clone()),
                Effect::Spoken { channel, source, text } => {
                    let me = self.session.nick().to_owned();
                    self.keeper.note(Note::Asked(Question { me, channel, nick: source.nick, text }));
                }
                Effect::Joined(channel) => self.note_state(channel, "on".into()),
                Effect::Left { channel, why } => self.note_state(channel, why),
                Effect::Send(_) | Effect::Closed(_) => left.push(effect),
            }
        }
        left
    }

    fn keep(&mut self, channel: String, source: Source, kind: &'static str, text: String, raw: Option<Vec<u8>>) {
        let at: DateTime<Utc> = source.at.unwrap_or_else(|| self.hub.now());
        let line = Line { at, kind, nick: source.nick, account: source.account, text, raw };
        let nth = self.equals.before(&channel, &source.batch, &line);
        self.keeper.note(Note::Line { channel, line, nth });
    }

    fn note_state(&mut self, channel: String, state: String) {
        self.keeper.note(Note::State { channel, state, at: self.hub.now() });
    }

    /// Says the next line that waits, if the throttle lets it; when to look again.
    async fn say_next(&mut self) -> Result<Duration, String> {
        let session = &self.session;
        let Some(saying) = self.tray.next(|channel| session.is_on(channel)) else {
            return Ok(AGAIN);
        };
        let text = split::shorten(&saying.text, ROOM);
        if text.is_empty() {
            self.tray.said(saying.id);
            return Ok(Duration::ZERO);
        }
        if let Err(wait) = self.throttle.take(self.hub.now()) {
            return Ok(wait.to_std().unwrap_or(Duration::from_secs(1)));
        }
        self.send(&format!("PRIVMSG {} :{text}", saying.channel)).await?;
        self.tray.said(saying.id);
        if !self.session.has_echo() {
            let source = Source { nick: self.session.nick().to_owned(), ..Source::default() };
            self.keep(saying.channel, source, "say", text, None);
        }
        Ok(Duration::ZERO)
    }

    async fn try_again(&mut self) -> Result<(), String> {
        if let Some(nick) = self.session.wanted_nick().map(str::to_owned) {
            self.send(&format!("NICK {nick}")).await?;
        }
        for channel in self.session.missing() {
            self.send(&format!("JOIN {channel}")).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn the_bot_comes_back_later_and_later() {
        let seconds = |failures, why: &str| pause(failures, why).as_secs();
        assert_eq!((seconds(0, ""), seconds(1, ""), seconds(3, ""), seconds(20, "")), (5, 5, 20, 600));
        assert_eq!(seconds(1, "Throttled: reconnecting too fast"), 10);
        assert_eq!(seconds(1, "Closing Link: hub[host] (K-Lined)"), 600);
    }
}
