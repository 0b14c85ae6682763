//! Whose turn it is: one look at the journal for all subscribers.
//!
//! A subscriber is level when nothing older is left for it. On SQLite, which writes one transaction at a time anyway, the
//! news are answered here for all who are level, in one transaction: one commit for all of them. Whoever is behind (new,
//! set back, after a failure), and everybody on PostgreSQL, is woken and answers at their own pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{DbBackend, DbErr};
use store::Store;

use crate::dispatch::{answered, set_cursors};
use crate::entity::journal;
use crate::turn::{Level, Turn};
use crate::{BELL, Entry, Failure, Subscriber, query};

/// The safety net below the bell, which other processes on the same database do not ring.
const POLL: Duration = Duration::from_secs(1);
/// After so many looks that brought nothing everybody is woken: another hub may have left something undone.
const QUIET: u32 = 30;
/// Entries that one look reads, and that one transaction answers at most.
pub(crate) const LOOK: u64 = 50;

/// Whether there are entries behind number `after` among these that a subscriber answers.
pub(crate) fn is_asked(subscriber: &dyn Subscriber, after: i64, news: &[journal::Model]) -> bool {
    news.iter().any(|row| row.id > after && subscriber.answers().contains(&row.kind.as_str()))
}

/// Answers for the subscribers that are level, and wakes those that are not.
pub(crate) struct Watch {
    turns: Vec<Arc<Turn>>,
    /// The last entry that was looked at; absent before the first look.
    seen: Option<i64>,
    /// The same, for those who answer at their own pace.
    shown: Arc<AtomicI64>,
    /// When the cursors were last read.
    compared: Instant,
    /// Looks since somebody was woken.
    quiet: u32,
}

impl Watch {
    pub fn new(turns: Vec<Arc<Turn>>, shown: Arc<AtomicI64>) -> Self {
        Self { turns, seen: None, shown, compared: Instant::now(), quiet: 0 }
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
            Some(seen) => (query::news(&conn, seen, LOOK).await?, seen),
            None => (vec![], query::last(&conn).await?),
        };
        let (last, more) = (news.last().map_or(seen, |row| row.id), news.len() as u64 == LOOK);
        self.shown.store(last, Ordering::SeqCst);
        let everybody = self.seen.is_none() || self.quiet >= QUIET;
        self.quiet += 1;
        let (mut level, mut behind) = (vec![], self.set_back(&conn, news.is_empty()).await?);
        for turn in &self.turns {
            let asked = is_asked(turn.subscriber.as_ref(), seen, &news);
            if everybody || (asked && (store.backend() != DbBackend::Sqlite || !turn.is_level(seen))) {
                behind.push(turn.clone());
            } else if asked {
                level.push(turn.clone());
            } else if turn.is_level(seen) {
                turn.passes(last);
            }
        }
        if !level.is_empty() {
            self.quiet = 0;
            match together(store, &level, news).await {
                Ok(late) => behind.extend(late),
                Err(failure) => {
                    tracing::warn!(%failure, "the news failed for all together; each is told by itself");
                    behind.extend(level);
                }
            }
        }
        for turn in behind {
            turn.wake.notify_one();
            self.quiet = 0;
        }
        self.seen = Some(last);
        Ok(more)
    }

    /// Those who stand further back than they did when nothing was left for them; that is looked at once in a while, and
    /// when nothing else can have rung the bell.
    async fn set_back(&mut self, conn: &store::Read, unless_news: bool) -> Result<Vec<Arc<Turn>>, DbErr> {
        if !unless_news && self.compared.elapsed() < POLL {
            return Ok(vec![]);
        }
        let cursors = query::cursors(conn).await?;
        self.compared = Instant::now();
        let stands = |turn: &Turn| cursors.get(turn.subscriber.name()).copied().unwrap_or(0);
        Ok(self.turns.iter().filter(|turn| stands(turn) < turn.level().cursor).cloned().collect())
    }
}

/// Answers the news for all who are level, in one transaction; those who were set back in the meantime are left out and
/// come back.
async fn together(store: &Store, level: &[Arc<Turn>], news: Vec<journal::Model>) -> Result<Vec<Arc<Turn>>, Failure> {
    let news: Vec<Entry> = news.into_iter().map(query::read).collect::<Result<_, _>>()?;
    let tx = store.write().await?;
    let cursors = query::cursors(&tx).await?;
    let (mut moved, mut late) = (vec![], vec![]);
    for turn in level {
        let subscriber = turn.subscriber.as_ref();
        let stands = cursors.get(subscriber.name()).copied().unwrap_or(0);
        if stands < turn.level().cursor {
            late.push(turn.clone());
            continue;
        }
        let kinds = subscriber.answers();
        let asked: Vec<_> =
            news.iter().filter(|entry| entry.id > stands && kinds.contains(&entry.event.kind())).collect();
        answered(subscriber, &tx, &asked).await?;
        moved.push((turn, asked.last().map_or(stands, |entry| entry.id)));
    }
    set_cursors(&tx, moved.iter().map(|(turn, reached)| (turn.subscriber.name(), *reached))).await?;
    tx.commit().await?;
    let last = news.last().map_or(0, |entry| entry.id);
    for (turn, cursor) in moved {
        turn.rises(Level { entry: last, cursor });
    }
    Ok(late)
}
