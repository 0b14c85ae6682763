//! Handing entries to subscribers.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use store::{Store, StoreError, Tx};

use crate::entity::{cursor, parked};
use crate::turn::{Level, Turn};
use crate::watch::{LOOK, Watch, is_asked};
use crate::{Entry, Failure, Subscriber, query};

/// The bell that a commit with journal entries rings.
pub const BELL: &str = "journal";

/// Entries handed over in one transaction.
const BATCH: u64 = 100;
/// How often an entry is tried before it is parked.
const TRIES: u32 = 3;

/// Hands every entry to every subscriber, each at its own pace.
pub struct Dispatcher {
    store: Store,
    subscribers: Vec<Arc<dyn Subscriber>>,
    settled: Mutex<Option<Settled>>,
}

/// Where [`Dispatcher::settle`] found nothing to do.
#[derive(Clone)]
struct Settled {
    /// The last entry then.
    last: i64,
    cursors: HashMap<String, i64>,
}

impl Dispatcher {
    /// A dispatcher for these subscribers.
    pub fn new(store: Store, subscribers: Vec<Arc<dyn Subscriber>>) -> Self {
        Self { store, subscribers, settled: Mutex::default() }
    }

    /// The names of all subscribers.
    pub fn names(&self) -> Vec<&'static str> {
        self.subscribers.iter().map(|subscriber| subscriber.name()).collect()
    }

    /// Whether the subscriber of this name exists and may be replayed from the start.
    pub fn derives(&self, name: &str) -> Option<bool> {
        self.subscribers.iter().find(|subscriber| subscriber.name() == name).map(|subscriber| subscriber.derives())
    }

    /// Lets subscribers that are new to this hub begin: at the start when they derive, else behind what has happened,
    /// so that nobody is told of the past.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let tx = self.store.write().await?;
        for subscriber in &self.subscribers {
            if query::cursor(&tx, subscriber.name()).await?.is_none() {
                let from = if subscriber.derives() { 0 } else { query::last(&tx).await? };
                set_cursor(&tx, subscriber.name(), from).await?;
            }
        }
        tx.commit().await
    }

    /// Runs one loop a subscriber, and one that watches for all of them, until the future is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut loops = tokio::task::JoinSet::new();
        let turns: Vec<_> =
            self.subscribers.iter().cloned().map(|subscriber| Arc::new(Turn::new(subscriber))).collect();
        let shown = Arc::new(AtomicI64::new(i64::MIN));
        for turn in &turns {
            let (store, turn, shown) = (self.store.clone(), turn.clone(), shown.clone());
            loops.spawn(async move { follow(&store, &turn, &shown).await });
        }
        loops.spawn(Watch::new(turns, shown).run(self.store.clone()));
        while loops.join_next().await.is_some() {}
    }

    /// Answers until no subscriber has anything left; how many entries were answered. For tests and the command line.
    pub async fn settle(&self) -> Result<u64, StoreError> {
        let mut answered = 0;
        loop {
            let reading = self.store.read();
            let now = Settled { last: query::last(&reading).await?, cursors: query::cursors(&reading).await? };
            let before = self.settled.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let fresh = match &before {
                Some(before) => query::news(&reading, before.last, LOOK).await?,
                None => vec![],
            };
            let everybody = before.is_none() || fresh.len() as u64 == LOOK;
            let mut moved = 0;
            for subscriber in &self.subscribers {
                let name = subscriber.name();
                let cursor = now.cursors.get(name).copied().unwrap_or(0);
                let moved_on = before.as_ref().is_some_and(|before| before.cursors.get(name) != now.cursors.get(name));
                if everybody || moved_on || is_asked(subscriber.as_ref(), cursor, &fresh) {
                    moved += advance(&self.store, subscriber.as_ref(), cursor).await?;
                }
            }
            if moved == 0 {
                *self.settled.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
                return Ok(answered);
            }
            answered += moved;
        }
    }
}

/// Answers at the subscriber's own pace, whenever it is woken. `shown` is the last entry that the watch has looked at.
async fn follow(store: &Store, turn: &Turn, shown: &AtomicI64) {
    let mut failures = 0_u32;
    loop {
        let looked = shown.load(Ordering::SeqCst);
        let name = turn.subscriber.name();
        let cursor = query::cursor(&store.read(), name).await.map(|cursor| cursor.unwrap_or(0));
        let outcome = match cursor {
            Ok(cursor) => advance(store, turn.subscriber.as_ref(), cursor).await.map(|moved| (moved, cursor)),
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok((0, cursor)) => {
                failures = 0;
                turn.rises(Level { entry: looked, cursor });
                turn.wake.notified().await;
            }
            Ok(_) => failures = 0,
            Err(error) => {
                failures += 1;
                if failures == 1 {
                    tracing::error!(subscriber = name, %error, "the journal waits for the database");
                }
                tokio::time::sleep(Duration::from_secs(u64::from(failures.min(30)))).await;
            }
        }
    }
}

/// Answers one batch behind the cursor; how many entries the cursor moved over.
async fn advance(store: &Store, subscriber: &dyn Subscriber, from: i64) -> Result<u64, StoreError> {
    let waiting = query::after(&store.read(), from, subscriber.answers(), BATCH).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let tx = store.write().await?;
    let from = locked(&tx, subscriber.name()).await?;
    let batch: Vec<&Entry> = waiting.iter().filter(|entry| entry.id > from).collect();
    match answered(subscriber, &tx, &batch).await {
        Ok(()) => {
            if let Some(last) = batch.last() {
                set_cursor(&tx, subscriber.name(), last.id).await?;
            }
            tx.commit().await?;
            Ok(waiting.len() as u64)
        }
        Err(failure) => {
            tx.rollback().await?;
            tracing::warn!(subscriber = subscriber.name(), %failure, "a batch failed; its entries are tried one by one");
            one_by_one(store, subscriber, &waiting).await
        }
    }
}

/// Lets a subscriber answer; one that panics has failed.
pub(crate) async fn answered(subscriber: &dyn Subscriber, tx: &Tx, entries: &[&Entry]) -> Result<(), Failure> {
    let answer = AssertUnwindSafe(subscriber.answer_all(tx, entries)).catch_unwind();
    answer.await.unwrap_or_else(|_| Err(Failure("It panicked; the log says where.".into())))
}

async fn one_by_one(store: &Store, subscriber: &dyn Subscriber, waiting: &[Entry]) -> Result<u64, StoreError> {
    for entry in waiting {
        let mut tries = 0;
        loop {
            let tx = store.write().await?;
            if locked(&tx, subscriber.name()).await? >= entry.id {
                break;
            }
            tries += 1;
            let outcome = answered(subscriber, &tx, &[entry]).await;
            let tx = match outcome {
                Ok(()) => tx,
                Err(failure) if tries < TRIES => {
                    tx.rollback().await?;
                    tracing::warn!(subscriber = subscriber.name(), entry = entry.id, %failure, "an entry failed");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                Err(failure) => {
                    tx.rollback().await?;
                    tracing::error!(subscriber = subscriber.name(), entry = entry.id, %failure, "an entry is parked");
                    let tx = store.write().await?;
                    park(&tx, subscriber.name(), entry.id, &failure).await?;
                    tx
                }
            };
            set_cursor(&tx, subscriber.name(), entry.id).await?;
            tx.commit().await?;
            break;
        }
    }
    Ok(waiting.len() as u64)
}

/// The cursor, locked against another hub on the same database.
async fn locked(tx: &Tx, subscriber: &str) -> Result<i64, StoreError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock(7102, hashtext($1))",
            [subscriber.into()],
        );
        tx.query_one_raw(lock).await?;
    }
    Ok(query::cursor(tx, subscriber).await?.unwrap_or(0))
}

async fn set_cursor(tx: &Tx, subscriber: &str, entry: i64) -> Result<(), StoreError> {
    set_cursors(tx, std::iter::once((subscriber, entry))).await
}

/// Moves the cursors of these subscribers to these entries.
pub(crate) async fn set_cursors(tx: &Tx, to: impl Iterator<Item = (&str, i64)>) -> Result<(), StoreError> {
    let rows: Vec<_> =
        to.map(|(name, entry)| cursor::ActiveModel { subscriber: Set(name.into()), entry_id: Set(entry) }).collect();
    if rows.is_empty() {
        return Ok(());
    }
    cursor::Entity::insert_many(rows)
        .on_conflict(OnConflict::column(cursor::Column::Subscriber).update_column(cursor::Column::EntryId).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn park(tx: &Tx, subscriber: &str, entry: i64, failure: &Failure) -> Result<(), StoreError> {
    let row = parked::ActiveModel {
        subscriber: Set(subscriber.into()),
        entry_id: Set(entry),
        at: Set(tx.now()),
        reason: Set(failure.to_string()),
    };
    parked::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([parked::Column::Subscriber, parked::Column::EntryId])
                .update_columns([parked::Column::At, parked::Column::Reason])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Sets a subscriber back so that it answers again everything after entry `from`.
pub async fn rewind(tx: &Tx, subscriber: &str, from: i64) -> Result<(), StoreError> {
    set_cursor(tx, subscriber, from).await?;
    tx.ring(BELL);
    Ok(())
}

/// Lets a subscriber try a parked entry again, now; it stays parked when it fails again.
pub async fn retry_parked(store: &Store, subscriber: &dyn Subscriber, entry: i64) -> Result<(), Failure> {
    let found = query::entry(&store.read(), entry).await?;
    let found = found.ok_or_else(|| Failure(format!("There is no journal entry {entry}.")))?;
    let tx = store.write().await?;
    answered(subscriber, &tx, &[&found]).await?;
    parked::Entity::delete_many()
        .filter(parked::Column::Subscriber.eq(subscriber.name()))
        .filter(parked::Column::EntryId.eq(entry))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
