//! What the bot reads and writes in the database while it talks.
//!
//! It stands apart from the connection: a database that is away or hangs keeps the bot neither from hearing nor from
//! answering the server's PING.

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::Hub;
use store::StoreError;
use tokio::sync::{mpsc, watch};

use crate::{reply, say};

/// How often what waits to be said is looked at without a bell, and tried again after a failure.
const AGAIN: Duration = Duration::from_secs(2);
/// The most lines that are offered at a time, and the most questions that wait.
const MOST: u64 = 20;
const QUESTIONS: usize = 100;

/// Somebody spoke, and may want an answer.
#[derive(Clone, Debug)]
pub struct Question {
    /// The bot's nick at that moment.
    pub me: String,
    pub channel: String,
    pub nick: String,
    pub text: String,
}

/// A line that waits to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub id: i64,
    pub channel: String,
    pub text: String,
}

/// The bot's side: what there is to say, and where it tells what it said.
pub struct Tray {
    pub offered: watch::Receiver<Vec<Saying>>,
    said: mpsc::UnboundedSender<i64>,
    /// The last lines that were said: an offer that was made before must not repeat them.
    spoken: BTreeSet<i64>,
}

impl Tray {
    /// The first line that is offered for a channel where the bot is.
    pub fn next(&mut self, is_on: impl Fn(&str) -> bool) -> Option<Saying> {
        let offered = self.offered.borrow_and_update();
        offered.iter().find(|saying| !self.spoken.contains(&saying.id) && is_on(&saying.channel)).cloned()
    }

    /// Tells that a line was said.
    pub fn said(&mut self, id: i64) {
        self.spoken.insert(id);
        if self.spoken.len() > 1000 {
            self.spoken.pop_first();
        }
        // The desk lives as long as the bot.
        let _ = self.said.send(id);
    }
}

/// The desk's side.
pub struct Desk {
    hub: Hub,
    network: String,
    questions: mpsc::Receiver<Question>,
    offered: watch::Sender<Vec<Saying>>,
    said: mpsc::UnboundedReceiver<i64>,
    /// What was said and is not noted yet.
    unnoted: Vec<i64>,
    cooldown: reply::Cooldown,
}

/// A desk for a network, its tray, and where questions go.
pub fn desk(hub: &Hub, network: &str) -> (Desk, Tray, mpsc::Sender<Question>) {
    let (asking, questions) = mpsc::channel(QUESTIONS);
    let (offering, offered) = watch::channel(vec![]);
    let (saying, said) = mpsc::unbounded_channel();
    let desk = Desk {
        hub: hub.clone(),
        network: network.to_owned(),
        questions,
        offered: offering,
        said,
        unnoted: vec![],
        cooldown: reply::Cooldown::default(),
    };
    (desk, Tray { offered, said: saying, spoken: BTreeSet::new() }, asking)
}

impl Desk {
    /// Works until it is dropped.
    pub async fn run(&mut self) {
        let mut bell = self.hub.store.bell(say::BELL);
        loop {
            bell.mark_unchanged();
            if let Err(error) = self.look().await {
                tracing::warn!(network = self.network, %error, "what is to be said waits for the database");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            tokio::select! {
                Some(question) = self.questions.recv() => {
                    if let Err(error) = self.answer(&question).await {
                        tracing::warn!(network = self.network, %error, "a question was not answered");
                    }
                }
                Some(id) = self.said.recv() => self.unnoted.push(id),
                _ = bell.changed() => {}
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    /// Notes what was said and offers what is to be said.
    async fn look(&mut self) -> Result<(), StoreError> {
        self.note_said().await?;
        let waiting = say::pending(&self.hub.store.read(), &self.network, MOST).await?;
        let sayings = waiting.into_iter().map(|(id, channel, text)| Saying { id, channel, text }).collect();
        self.offered.send_if_modified(|offered| {
            let changed = *offered != sayings;
            *offered = sayings;
            changed
        });
        Ok(())
    }

    /// Notes what was said.
    pub async fn note_said(&mut self) -> Result<(), StoreError> {
        while let Ok(id) = self.said.try_recv() {
            self.unnoted.push(id);
        }
        if self.unnoted.is_empty() {
            return Ok(());
        }
        let tx = self.hub.store.write().await?;
        say::all_said(&tx, &self.unnoted).await?;
        tx.commit().await?;
        self.unnoted.clear();
        Ok(())
    }

    async fn answer(&mut self, question: &Question) -> Result<(), StoreError> {
        let Question { me, channel, nick, text } = question;
        let answers = reply::to(&self.hub, &self.network, me, channel, nick, text, &mut self.cooldown).await?;
        if answers.is_empty() {
            return Ok(());
        }
        let tx = self.hub.store.write().await?;
        for answer in answers {
            say::say(&tx, &self.network, channel, say::Rank::Answer, &answer).await?;
        }
        tx.commit().await
    }
}
