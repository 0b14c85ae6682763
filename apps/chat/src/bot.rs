//! The bot: one task owns one connection, from the first line to the reconnect.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use jobs::{Stop, Task};
use kernel::Hub;
use rand::RngExt;
use store::StoreError;
use tokio::io::{AsyncWriteExt, BufReader, ReadHalf, WriteHalf};

use crate::config::Network;
use crate::connect::{Wire, connect, read_line};
use crate::line::{Source, decode, parse};
use crate::log::{self, Line};
use crate::session::{Effect, Session};
use crate::throttle::Throttle;
use crate::{reply, say, split};

/// Silence after which the server is asked whether it lives, and after which it counts as dead.
const QUIET: Duration = Duration::from_secs(120);
const DEAD: Duration = Duration::from_secs(180);
/// Lines are kept together for this long before they are written.
const GATHER: Duration = Duration::from_millis(100);
/// How often missing channels and the nick are tried again.
const AGAIN: Duration = Duration::from_secs(30);
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

    async fn run(&self, hub: &Hub, stop: Stop) {
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            let began = hub.now();
            let why = match self.once(hub, &stop).await {
                Ok(why) => why,
                Err(error) => error.to_string(),
            };
            if stop.is_cancelled() {
                break;
            }
            let lived = hub.now() - began > TimeDelta::minutes(5);
            failures = if lived { 0 } else { failures + 1 };
            let pause = pause(failures, &why);
            tracing::warn!(network = self.network.name, %why, seconds = pause.as_secs(), "the bot is off and comes back");
            if let Err(error) = self.note_off(hub, &why).await {
                tracing::error!(%error, "the state of the channels could not be noted");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// 5 s, 10 s, 20 s ... 10 min, each with some luck, twice as long when the server says that we are too fast.
fn pause(failures: u32, why: &str) -> Duration {
    let throttled = ["throttl", "too fast", "z-line", "z:line"].iter().any(|word| why.to_lowercase().contains(word));
    let seconds = (5 << failures.saturating_sub(1).min(7)).min(600) * if throttled { 2 } else { 1 };
    Duration::from_secs(seconds) + Duration::from_millis(rand::rng().random_range(0..1000))
}

/// One connection while it lasts.
struct Connection<'a> {
    hub: &'a Hub,
    network: &'a Network,
    session: Session,
    writer: WriteHalf<Box<dyn Wire>>,
    /// Lines that were heard and are not written yet, by channel.
    gathered: BTreeMap<String, Vec<Line>>,
    gathered_since: Option<tokio::time::Instant>,
    throttle: Throttle,
    /// What was expanded lately, so that nobody is told the same again and again.
    cooldown: reply::Cooldown,
}

impl Bot {
    /// Connects and talks until the connection ends; why it did.
    async fn once(&self, hub: &Hub, stop: &Stop) -> Result<String, StoreError> {
        let password = match self.password() {
            Ok(password) => password,
            Err(why) => return Ok(why),
        };
        let wire = match tokio::time::timeout(Duration::from_secs(30), connect(&self.network)).await {
            Ok(Ok(wire)) => wire,
            Ok(Err(why)) => return Ok(why),
            Err(_) => return Ok(format!("{} does not answer", self.network.server)),
        };
        let (reader, writer) = tokio::io::split(wire);
        let mut connection = Connection {
            hub,
            network: &self.network,
            session: Session::new(self.network.clone(), password),
            writer,
            gathered: BTreeMap::new(),
            gathered_since: None,
            throttle: Throttle::new(self.network.burst, self.network.pace, hub.now()),
            cooldown: reply::Cooldown::default(),
        };
        let ended = connection.talk(BufReader::new(reader), stop).await;
        connection.flush().await?;
        Ok(ended)
    }

    fn password(&self) -> Result<Option<String>, String> {
        let file = &self.network.sasl_password_file;
        if file.is_empty() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(file);
        text.map(|text| Some(text.trim_end().to_owned())).map_err(|error| format!("{file} cannot be read: {error}"))
    }

    async fn note_off(&self, hub: &Hub, why: &str) -> Result<(), StoreError> {
        let tx = hub.store.write().await?;
        for name in &self.network.channels {
            let id = log::channel(&tx, &self.network.name, name).await?;
            log::note_state(&tx, id, why).await?;
        }
        tx.commit().await
    }
}

impl Connection<'_> {
    async fn talk(&mut self, mut reader: BufReader<ReadHalf<Box<dyn Wire>>>, stop: &Stop) -> String {
        for line in self.session.greeting() {
            if let Err(why) = self.send(&line).await {
                return why;
            }
        }
        let mut bell = self.hub.store.bell(say::BELL);
        let mut again = tokio::time::interval(AGAIN);
        let mut kept = vec![];
        let mut heard_at = tokio::time::Instant::now();
        let mut asked = false;
        let mut next_say = tokio::time::Instant::now();
        loop {
            let gather = self.gathered_since.map(|since| since + GATHER);
            let step = tokio::select! {
                line = read_line(&mut reader, &mut kept) => {
                    heard_at = tokio::time::Instant::now();
                    asked = false;
                    match line {
                        Ok(Some(line)) => self.hear(&line).await,
                        Ok(None) => Err("the server closed the connection".into()),
                        Err(error) => Err(error.to_string()),
                    }
                }
                () = until(gather) => self.flush().await.map_err(|error| error.to_string()),
                _ = bell.changed() => { next_say = tokio::time::Instant::now(); Ok(()) }
                () = tokio::time::sleep_until(next_say) => {
                    let wait = self.say_next().await;
                    wait.map(|wait| next_say = tokio::time::Instant::now() + wait)
                }
                _ = again.tick() => self.try_again().await,
                () = tokio::time::sleep_until(heard_at + if asked { DEAD } else { QUIET }) => {
                    if asked { Err("the server fell silent".into()) } else { asked = true; self.send("PING :guildhall").await }
                }
                () = stop.cancelled() => {
                    let _ = self.send("QUIT :the hub stops").await;
                    return "stopped".into();
                }
            };
            if let Err(why) = step {
                return why;
            }
        }
    }

    async fn send(&mut self, line: &str) -> Result<(), String> {
        let line = format!("{}\r\n", line.replace(['\r', '\n', '\0'], " "));
        match tokio::time::timeout(Duration::from_secs(30), self.writer.write_all(line.as_bytes())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the server takes nothing more".into()),
        }
    }

    async fn hear(&mut self, bytes: &[u8]) -> Result<(), String> {
        let text = decode(bytes);
        let raw = (text.as_bytes() != bytes).then(|| bytes.to_vec());
        for effect in self.session.hear(parse(&text)) {
            match effect {
                Effect::Send(line) => self.send(&line).await?,
                Effect::Keep { channel, source, kind, text } => self.gather(&channel, source, kind, text, raw.clone()),
                Effect::Spoken { channel, source, text } => self.answer(&channel, &source, &text).await?,
                Effect::Joined(channel) => self.note(&channel, "on").await.map_err(|error| error.to_string())?,
                Effect::Left { channel, why } => self.note(&channel, &why).await.map_err(|error| error.to_string())?,
                Effect::Closed(why) => return Err(why),
            }
        }
        Ok(())
    }

    fn gather(&mut self, channel: &str, source: Source, kind: &'static str, text: String, raw: Option<Vec<u8>>) {
        let at: DateTime<Utc> = source.at.unwrap_or_else(|| self.hub.now());
        let line = Line { at, kind, nick: source.nick, account: source.account, text, raw };
        self.gathered.entry(channel.to_owned()).or_default().push(line);
        self.gathered_since.get_or_insert_with(tokio::time::Instant::now);
    }

    /// Writes what was gathered, in one transaction.
    async fn flush(&mut self) -> Result<(), StoreError> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let tx = self.hub.store.write().await?;
        for (name, lines) in &self.gathered {
            let id = log::channel(&tx, &self.network.name, name).await?;
            log::record(&tx, id, lines).await?;
        }
        tx.commit().await?;
        self.gathered.clear();
        self.gathered_since = None;
        Ok(())
    }

    async fn note(&self, channel: &str, state: &str) -> Result<(), StoreError> {
        let tx = self.hub.store.write().await?;
        let id = log::channel(&tx, &self.network.name, channel).await?;
        if state == "on" {
            mark_gap(&tx, id).await?;
        } else {
            tracing::warn!(channel, state, "the bot is not on a channel");
        }
        log::note_state(&tx, id, state).await?;
        tx.commit().await
    }

    async fn answer(&mut self, channel: &str, source: &Source, text: &str) -> Result<(), String> {
        let nick = self.session.nick().to_owned();
        let answers =
            reply::to(self.hub, &self.network.name, &nick, channel, &source.nick, text, &mut self.cooldown).await;
        let answers = answers.map_err(|error| error.to_string())?;
        if answers.is_empty() {
            return Ok(());
        }
        let tx = self.hub.store.write().await.map_err(|error| error.to_string())?;
        for answer in answers {
            say::say(&tx, &self.network.name, channel, say::Rank::Answer, &answer)
                .await
                .map_err(|error| error.to_string())?;
        }
        tx.commit().await.map_err(|error| error.to_string())
    }

    /// Says the next line that waits, if the throttle lets it; when to look again.
    async fn say_next(&mut self) -> Result<Duration, String> {
        let waiting =
            say::pending(&self.hub.store.read(), &self.network.name, 20).await.map_err(|error| error.to_string())?;
        let next = waiting.into_iter().find(|(_, channel, _)| self.session.is_on(channel));
        let Some((id, channel, text)) = next else { return Ok(Duration::from_secs(2)) };
        if let Err(wait) = self.throttle.take(self.hub.now()) {
            return Ok(wait.to_std().unwrap_or(Duration::from_secs(1)));
        }
        let text = split::shorten(&text, ROOM);
        self.send(&format!("PRIVMSG {channel} :{text}")).await?;
        if !self.session.has_echo() {
            let source = Source { nick: self.session.nick().to_owned(), ..Source::default() };
            self.gather(&channel, source, "say", text, None);
        }
        let tx = self.hub.store.write().await.map_err(|error| error.to_string())?;
        say::said(&tx, id).await.map_err(|error| error.to_string())?;
        tx.commit().await.map_err(|error| error.to_string())?;
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

/// Marks in the log that the bot was away since the last line, when there is one.
async fn mark_gap(tx: &store::Tx, id: crate::ChannelId) -> Result<(), StoreError> {
    let Some(last) = crate::query::last_line(tx, id).await? else { return Ok(()) };
    if last.1 == "gap" {
        return Ok(());
    }
    let text = format!("the log has a gap from {} to {}", kernel::exact(last.0), kernel::exact(tx.now()));
    let line = Line { at: tx.now(), kind: "gap", nick: String::new(), account: String::new(), text, raw: None };
    log::record(tx, id, &[line]).await
}

async fn until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
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
    }
}
