//! Keeps the [`Columns`] of trackers in step with the database.
//!
//! They are read in the background when a list is asked for the first time, and after a change of the schema; until they
//! stand the database finds the lists. From then on the first list behind a change reads what changed: every change of an
//! issue is in the journal, in the order of the commits.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use journal::Event;
use people::ParticipantId;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use store::{Paging, Store, Tuples};

use super::asked::{Asked, Field};
use super::columns::{Columns, Facts};
use crate::catalog::Catalog;
use crate::entity::{issue, value};
use crate::{IssueId, TrackerId, index};

/// Issues that are read at once. More changes than that are not followed one by one.
const PIECE: usize = 2_000;
/// The most issues of a tracker that are held, and the most trackers. Lists of others are found by the database.
const MOST: usize = 500_000;
const TRACKERS: usize = 16;

/// The events that tell of issues.
const ISSUES: &[&str] = &["IssueCreated", "IssueChanged"];

/// The columns of all trackers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Memory {
    store: Store,
    trackers: Arc<Mutex<HashMap<TrackerId, Arc<Tracked>>>>,
}

#[derive(Debug, Default)]
struct Tracked {
    now: RwLock<Option<Known>>,
    /// Whoever reads from the database holds it.
    reading: Arc<tokio::sync::Mutex<()>>,
}

/// What is known of a tracker.
#[derive(Debug)]
struct Known {
    version: i64,
    catalog_version: i64,
    /// The last entry of the journal that is known of.
    entry: i64,
    /// `None` for a tracker of more than [`MOST`] issues.
    columns: Option<Columns>,
}

impl Memory {
    pub(super) fn new(store: &Store) -> Self {
        Self { store: store.clone(), trackers: Arc::default() }
    }

    /// A page of a list, where memory has it.
    pub(super) async fn page(
        &self,
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        asked: &Asked,
        paging: Paging,
    ) -> Result<Answer, DbErr> {
        let Some(tracked) = self.tracked(catalog.tracker.id) else { return Ok(Answer::NotHeld) };
        match tracked.against(catalog) {
            Stand::Behind => tracked.follow(conn, catalog).await?,
            Stand::Unknown => self.begin(&tracked, catalog),
            Stand::Known | Stand::Ahead => {}
        }
        if !matches!(tracked.against(catalog), Stand::Known) {
            return Ok(Answer::NotYet);
        }
        let found = |worded: &[i64]| {
            let now = tracked.now.read().unwrap_or_else(PoisonError::into_inner);
            now.as_ref().and_then(|known| known.columns.as_ref()?.page(asked, worded, paging))
        };
        let found = match (found(&[]), asked.words()) {
            // Of a list that is not held the words would be looked up for nothing.
            (Some(_), Some(words)) => found(&search::numbers(conn, words, &index::prefix(catalog)).await?),
            (known, _) => known,
        };
        Ok(found.map_or(Answer::NotHeld, |(numbers, total)| Answer::Found { numbers, total }))
    }

    fn tracked(&self, id: TrackerId) -> Option<Arc<Tracked>> {
        let mut trackers = self.trackers.lock().unwrap_or_else(PoisonError::into_inner);
        if trackers.len() >= TRACKERS && !trackers.contains_key(&id) {
            return None;
        }
        Some(trackers.entry(id).or_default().clone())
    }

    /// Reads a tracker beside everything else, unless somebody does.
    fn begin(&self, tracked: &Arc<Tracked>, catalog: &Catalog) {
        let Ok(reading) = tracked.reading.clone().try_lock_owned() else { return };
        let (store, tracked, catalog) = (self.store.clone(), tracked.clone(), catalog.clone());
        tokio::spawn(async move {
            match read(&store.read(), &catalog).await {
                Ok(known) => tracked.set(Some(known)),
                Err(error) => {
                    tracing::warn!(tracker = catalog.tracker.name, %error, "the issues could not be read into memory");
                }
            }
            drop(reading);
        });
    }
}

/// What memory has of a list.
pub(super) enum Answer {
    /// The numbers of the page in its order, and how many issues the list has.
    Found { numbers: Vec<i64>, total: u64 },
    /// The database must be asked.
    NotHeld,
    /// The same until the tracker was read.
    NotYet,
}

/// What is known beside what a request knows of its tracker.
enum Stand {
    Known,
    Behind,
    /// The schema is a newer one.
    Ahead,
    Unknown,
}

impl Tracked {
    fn against(&self, catalog: &Catalog) -> Stand {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &*now else { return Stand::Unknown };
        match known.catalog_version.cmp(&catalog.tracker.catalog_version) {
            Ordering::Less => Stand::Unknown,
            Ordering::Greater => Stand::Ahead,
            Ordering::Equal if known.version < catalog.tracker.version && known.columns.is_some() => Stand::Behind,
            Ordering::Equal => Stand::Known,
        }
    }

    fn set(&self, known: Option<Known>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Reads what changed since.
    async fn follow(&self, conn: &impl ConnectionTrait, catalog: &Catalog) -> Result<(), DbErr> {
        let _reading = self.reading.lock().await;
        let Stand::Behind = self.against(catalog) else { return Ok(()) };
        let since = self.now.read().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, |known| known.entry);
        let changes = journal::query::after(conn, since, ISSUES, PIECE as u64 + 1).await?;
        if changes.len() > PIECE {
            self.set(None);
            return Ok(());
        }
        let numbers: BTreeSet<i64> = changes.iter().filter_map(|entry| number(catalog, &entry.event)).collect();
        let mut changed = vec![];
        if !numbers.is_empty() {
            changed = facts(conn, catalog, issue::Column::Number.is_in(numbers)).await?;
        }
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &mut *now else { return Ok(()) };
        let Some(columns) = &mut known.columns else { return Ok(()) };
        if !changed.into_iter().all(|issue| columns.put(issue)) {
            *now = None;
            return Ok(());
        }
        known.entry = changes.last().map_or(since, |entry| entry.id);
        known.version = catalog.tracker.version;
        Ok(())
    }
}

/// The number of the issue of this tracker that an event tells of.
fn number(catalog: &Catalog, event: &Event) -> Option<i64> {
    match event {
        Event::IssueCreated { tracker, issue, .. } | Event::IssueChanged { tracker, issue, .. } => {
            (*tracker == catalog.tracker.name).then_some(*issue)
        }
        _ => None,
    }
}

/// All issues of a tracker. What changes while they are read is followed later.
async fn read(conn: &impl ConnectionTrait, catalog: &Catalog) -> Result<Known, DbErr> {
    let (version, catalog_version) = (catalog.tracker.version, catalog.tracker.catalog_version);
    let entry = journal::query::last(conn).await?;
    let (mut columns, mut last) = (Columns::default(), i64::MIN);
    loop {
        let piece = facts(conn, catalog, issue::Column::Number.gt(last)).await?;
        let Some(end) = piece.last().map(|issue| issue.number) else { break };
        last = end;
        for issue in piece {
            columns.put(issue);
        }
        if columns.len() > MOST {
            return Ok(Known { version, catalog_version, entry, columns: None });
        }
    }
    Ok(Known { version, catalog_version, entry, columns: Some(columns) })
}

#[derive(FromQueryResult)]
struct Row {
    id: IssueId,
    number: i64,
    link1: Option<i64>,
    link2: Option<i64>,
    link3: Option<i64>,
    link4: Option<i64>,
    link5: Option<i64>,
    link6: Option<i64>,
    creator_id: ParticipantId,
    created_at: DateTime<Utc>,
    actor_id: ParticipantId,
    activity_at: DateTime<Utc>,
    is_retired: bool,
    message_count: i64,
}

/// Issues of a tracker, at most [`PIECE`] by their numbers.
async fn facts(conn: &impl ConnectionTrait, catalog: &Catalog, which: SimpleExpr) -> Result<Vec<Facts>, DbErr> {
    use issue::Column::*;
    let rows = issue::Entity::find()
        .select_only()
        .columns([Id, Number, Link1, Link2, Link3, Link4, Link5, Link6, CreatorId, CreatedAt, ActorId, ActivityAt])
        .columns([IsRetired, MessageCount])
        .filter(TrackerId.eq(catalog.tracker.id))
        .filter(which)
        .order_by_asc(Number)
        .limit(PIECE as u64)
        .into_model::<Row>()
        .all(conn)
        .await?;
    let mut links = links(conn, catalog, &rows).await?;
    let fact = |row: Row| Facts {
        number: row.number,
        created_at: row.created_at,
        activity_at: row.activity_at,
        message_count: row.message_count,
        is_retired: row.is_retired,
        links: links.remove(&row.id).into_iter().flatten().chain(row.links()).collect(),
    };
    Ok(rows.into_iter().map(fact).collect())
}

impl Row {
    fn links(&self) -> impl Iterator<Item = (Field, i64)> + use<> {
        let slots = [self.link1, self.link2, self.link3, self.link4, self.link5, self.link6];
        let slots = slots.into_iter().zip(1..).filter_map(|(link, slot)| Some((Field::Slot(slot), link?)));
        slots.chain([(Field::Creator, self.creator_id.0), (Field::Actor, self.actor_id.0)])
    }
}

/// The links of issues that stand in rows of their own.
async fn links(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    rows: &[Row],
) -> Result<HashMap<IssueId, Vec<(Field, i64)>>, DbErr> {
    let own: Vec<i64> =
        catalog.issue().properties.iter().filter(|p| p.is_link() && p.slot.is_none()).map(|p| p.id).collect();
    let mut links: HashMap<IssueId, Vec<(Field, i64)>> = HashMap::new();
    if own.is_empty() || rows.is_empty() {
        return Ok(links);
    }
    let found = value::Entity::find()
        .select_only()
        .columns([value::Column::IssueId, value::Column::PropertyId, value::Column::Link])
        .filter(value::Column::IssueId.is_in(rows.iter().map(|row| row.id)))
        // The sum keeps SQLite from taking the index of the property, which has a row of every issue.
        .filter(Expr::col(value::Column::PropertyId).add(0).is_in(own))
        .filter(value::Column::Link.is_not_null())
        .tuples::<(IssueId, i64, i64)>()
        .all(conn)
        .await?;
    for (issue, property, link) in found {
        links.entry(issue).or_default().push((Field::Property(property), link));
    }
    Ok(links)
}
