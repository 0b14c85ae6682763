//! Whose turn it is: one look at the journal for all subscribers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use store::Store;
use tokio::sync::Notify;

use crate::{BELL, Subscriber, query};

/// The safety net below the bell, which other processes on the same database do not ring.
const POLL: Duration = Duration::from_secs(1);
/// After so many looks that brought nothing everybody is woken: another hub may have left something undone.
const QUIET: u32 = 30;
/// Entries that one look reads of.
pub(crate) const LOOK: u64 = 1_000;

/// Whether there are entries among these, by number and kind, that a subscriber who stands there answers.
pub(crate) fn is_asked(subscriber: &dyn Subscriber, stands: i64, news: &[(i64, String)]) -> bool {
    news.iter().any(|(id, kind)| *id > stands && subscriber.answers().contains(&kind.as_str()))
}

/// Wakes the subscribers that have something to answer.
pub(crate) struct Watch {
    subscribers: Vec<(Arc<dyn Subscriber>, Arc<Notify>)>,
    /// The last entry that was looked at; absent before the first look.
    seen: Option<i64>,
    /// Where each subscriber stood at the last look.
    cursors: HashMap<String, i64>,
    /// Looks since somebody was woken.
    quiet: u32,
}

impl Watch {
    pub fn new(subscribers: Vec<(Arc<dyn Subscriber>, Arc<Notify>)>) -> Self {
        Self { subscribers, seen: None, cursors: HashMap::new(), quiet: 0 }
    }

    /// Looks whenever the bell rings, until the future is dropped.
    pub async fn run(mut self, store: Store) {
        let mut bell = store.bell(BELL);
        let mut failures = 0_u32;
        loop {
            bell.mark_unchanged();
            match self.look(&store).await {
                Ok(true) => failures = 0,
                Ok(false) => {
                    failures = 0;
                    let _ = tokio::time::timeout(POLL, bell.changed()).await;
                }
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::error!(%error, "the journal waits for the database");
                    }
                    tokio::time::sleep(Duration::from_secs(u64::from(failures.min(30)))).await;
                }
            }
        }
    }

    /// Looks once; whether there is more to look at.
    async fn look(&mut self, store: &Store) -> Result<bool, DbErr> {
        let conn = store.read();
        let (news, seen) = match self.seen {
            Some(seen) => (query::news_after(&conn, seen, LOOK).await?, seen),
            None => (vec![], query::last(&conn).await?),
        };
        // The cursors are read last: whoever was set back after the news were read is seen to stand further back.
        let cursors = query::cursors(&conn).await?;
        let everybody = self.seen.is_none() || self.quiet >= QUIET;
        self.quiet += 1;
        for (subscriber, turn) in &self.subscribers {
            let stands = cursors.get(subscriber.name()).copied().unwrap_or(0);
            let set_back = self.cursors.get(subscriber.name()).is_some_and(|stood| stands < *stood);
            if everybody || set_back || is_asked(subscriber.as_ref(), stands, &news) {
                turn.notify_one();
                self.quiet = 0;
            }
        }
        self.seen = Some(news.last().map_or(seen, |(id, _)| *id));
        self.cursors = cursors;
        Ok(news.len() as u64 == LOOK)
    }
}
