//! Keeping what was heard: a task of its own writes it as soon as it is there, and again when the database was away.
//!
//! It outlives the connection and the lease, so that nothing that was heard is lost with them. What the bot is asked is
//! handed on only after the commit of what was said before it: what the bot has answered is on the disk.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Hub;
use store::{StoreError, Tx};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::ChannelId;
use crate::desk::Question;
use crate::log::{self, Line};

/// The most notes that wait for a database that is away: an hour of a hundred busy channels.
const MOST: usize = 100_000;
/// The most notes of one transaction.
const AT_ONCE: usize = 1000;
/// The longest pause between two tries.
const SLOWEST: Duration = Duration::from_secs(2);

/// Something to be kept, in the order in which it was heard.
#[derive(Clone, Debug)]
pub enum Note {
    /// A line of a channel, and how many equal ones came at its moment before it.
    Line { channel: String, line: Line, nth: u32 },
    /// The bot is on a channel (`on`) or is not (why), since this time.
    State { channel: String, state: String, at: DateTime<Utc> },
    /// Somebody wants an answer.
    Asked(Question),
}

impl Note {
    fn channel(&self) -> &str {
        match self {
            Self::Line { channel, .. } | Self::State { channel, .. } => channel,
            Self::Asked(question) => &question.channel,
        }
    }
}

/// Takes notes; they are written while it is held and after it is dropped.
pub struct Keeper {
    notes: mpsc::Sender<Note>,
    /// Lines that found no room, by channel.
    lost: HashMap<String, u64>,
}

impl Keeper {
    /// A keeper for a network; the task ends when the keeper is dropped and everything is written.
    pub fn start(hub: Hub, network: String, questions: mpsc::Sender<Question>) -> (Self, JoinHandle<()>) {
        Self::with_room(hub, network, questions, MOST)
    }

    fn with_room(hub: Hub, network: String, questions: mpsc::Sender<Question>, room: usize) -> (Self, JoinHandle<()>) {
        let (notes, waiting) = mpsc::channel(room);
        let writing = tokio::spawn(write_all(hub, network, waiting, questions));
        (Self { notes, lost: HashMap::new() }, writing)
    }

    /// Takes a note. When the database is away for so long that no more can be remembered, the log gets a mark that says
    /// how many lines are missing.
    pub fn note(&mut self, note: Note) {
        let channel = note.channel();
        if let (Some(count), Note::Line { line, .. }) = (self.lost.get(channel), &note) {
            let text = format!("{count} lines are missing here: the database was away for too long");
            let gap = Line { at: line.at, kind: "gap", nick: String::new(), account: String::new(), text, raw: None };
            let channel = channel.to_owned();
            if self.notes.try_send(Note::Line { channel: channel.clone(), line: gap, nth: 0 }).is_ok() {
                self.lost.remove(&channel);
            }
        }
        if let Err(mpsc::error::TrySendError::Full(Note::Line { channel, .. })) = self.notes.try_send(note) {
            let count = self.lost.entry(channel).or_default();
            *count += 1;
            if *count == 1 {
                tracing::error!("the database is away for so long that lines of the chat can no longer be kept");
            }
        }
    }
}

async fn write_all(hub: Hub, network: String, mut waiting: mpsc::Receiver<Note>, questions: mpsc::Sender<Question>) {
    let mut notes = Vec::new();
    while waiting.recv_many(&mut notes, AT_ONCE).await > 0 {
        let mut pause = Duration::from_millis(100);
        while let Err(error) = write(&hub, &network, &notes).await {
            tracing::warn!(network, waiting = notes.len() + waiting.len(), %error, "what was heard waits for the database");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(SLOWEST);
        }
        for note in notes.drain(..) {
            if let Note::Asked(question) = note
                && questions.try_send(question).is_err()
            {
                tracing::warn!(network, "more is asked than can be answered; a question is left out");
            }
        }
    }
}

/// Writes notes in one transaction. Doing it again after a commit whose answer was lost changes nothing.
async fn write(hub: &Hub, network: &str, notes: &[Note]) -> Result<(), StoreError> {
    let mut channels: BTreeMap<&str, Vec<&Note>> = BTreeMap::new();
    for note in notes.iter().filter(|note| !matches!(note, Note::Asked(_))) {
        channels.entry(note.channel()).or_default().push(note);
    }
    if channels.is_empty() {
        return Ok(());
    }
    let tx = hub.store.write().await?;
    for (name, notes) in channels {
        let id = log::channel(&tx, network, name).await?;
        write_channel(&tx, id, &notes).await?;
    }
    tx.commit().await
}

async fn write_channel(tx: &Tx, id: ChannelId, notes: &[&Note]) -> Result<(), StoreError> {
    let mut lines = vec![];
    for note in notes {
        match note {
            Note::Line { line, nth, .. } => lines.push((line.clone(), *nth)),
            Note::State { channel, state, at } => {
                log::keep(tx, id, &std::mem::take(&mut lines)).await?;
                if state == "on" {
                    mark_gap(tx, id, *at).await?;
                } else {
                    tracing::warn!(channel, state, "the bot is not on a channel");
                }
                log::note_state(tx, id, state).await?;
            }
            Note::Asked(_) => {}
        }
    }
    log::keep(tx, id, &lines).await
}

/// Marks in the log that the bot was away since the last line before `at`, when there is one.
async fn mark_gap(tx: &Tx, id: ChannelId, at: DateTime<Utc>) -> Result<(), StoreError> {
    let Some((last, kind)) = crate::query::last_line(tx, id, at).await? else { return Ok(()) };
    if kind == "gap" {
        return Ok(());
    }
    let text = format!("the log has a gap from {} to {}", kernel::exact(last), kernel::exact(at));
    let line = Line { at, kind: "gap", nick: String::new(), account: String::new(), text, raw: None };
    log::keep(tx, id, &[(line, 0)]).await
}

/// Counts equal lines of one moment, so that each is kept and a replay of them is known.
#[derive(Default)]
pub struct Equals {
    seen: HashMap<u64, (i64, u32)>,
    newest: i64,
}

impl Equals {
    /// How many lines that equal this one came before it, live or in the same batch.
    pub fn before(&mut self, channel: &str, batch: &str, line: &Line) -> u32 {
        let at = line.at.timestamp_millis();
        self.newest = self.newest.max(at);
        if self.seen.len() > 20_000 {
            let newest = self.newest;
            self.seen.retain(|_, (at, _)| *at > newest - 10_000);
        }
        let mut hasher = DefaultHasher::new();
        (channel, batch, at, line.kind, &line.nick, &line.text).hash(&mut hasher);
        let (_, count) = self.seen.entry(hasher.finish()).or_insert((at, 0));
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::TestHub;

    fn said(hub: &Hub, text: &str) -> Note {
        let line = Line {
            at: hub.now(),
            kind: "say",
            nick: "ann".into(),
            account: String::new(),
            text: text.into(),
            raw: None,
        };
        Note::Line { channel: "#dev".into(), line, nth: 0 }
    }

    #[tokio::test]
    async fn what_could_not_be_remembered_is_counted_in_the_log() {
        let hub = TestHub::with([]).await;
        let (questions, _asked) = mpsc::channel(1);
        let (mut keeper, writing) = Keeper::with_room(hub.hub.clone(), "test".into(), questions, 3);
        // Nothing is written before the task runs, which is at the next await.
        for number in 0..10 {
            keeper.note(said(&hub.hub, &format!("line {number}")));
        }
        let read = hub.hub.store.read();
        let channel = loop {
            tokio::task::yield_now().await;
            if let Some(channel) = crate::query::channel(&read, "test", "#dev").await.unwrap() {
                break channel;
            }
        };
        keeper.note(said(&hub.hub, "the last one"));
        drop(keeper);
        writing.await.unwrap();
        let day = hub.hub.now().format("%Y-%m-%d").to_string();
        let lines = crate::query::day(&read, channel.id, &day).await.unwrap();
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let missing = "7 lines are missing here: the database was away for too long";
        assert_eq!(texts, ["line 0", "line 1", "line 2", missing, "the last one"]);
    }

    #[test]
    fn equal_lines_are_counted_by_moment_channel_and_batch() {
        let line = |at: &str, text: &str| Line {
            at: at.parse().unwrap(),
            kind: "say",
            nick: "ann".into(),
            account: String::new(),
            text: text.into(),
            raw: None,
        };
        let mut equals = Equals::default();
        let now = "2026-11-21T12:00:00.001Z";
        let before: Vec<u32> = [
            ("#dev", "", line(now, "hi")),
            ("#dev", "", line(now, "hi")),
            ("#dev", "", line(now, "ho")),
            ("#users", "", line(now, "hi")),
            ("#dev", "7", line(now, "hi")),
            ("#dev", "", line("2026-11-21T12:00:00.002Z", "hi")),
            ("#dev", "", line(now, "hi")),
        ]
        .iter()
        .map(|(channel, batch, line)| equals.before(channel, batch, line))
        .collect();
        assert_eq!(before, [0, 1, 0, 0, 0, 0, 2]);
    }
}
