//! Lists of issues: what a [`Filter`] asks for is found in memory, or by the database where that does not know it.

mod asked;
mod columns;
mod memory;
mod order;
mod span;
mod sql;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use people::{Actor, Participant, ParticipantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult, Statement};
use store::{Page, Paging, Store};

use crate::catalog::{Catalog, Property};
use crate::entity::value;
use crate::filter::Filter;
use crate::kept::Kept;
use crate::kind::Value;
use crate::{IssueId, query};

use asked::Asked;
use memory::{Answer, Memory};
use sql::Sql;

/// Lists that are kept; beyond it all are forgotten.
const KEPT: usize = 300;
/// Rows a page where the URL says nothing.
const ROWS: u64 = 50;
/// What a row of a list is read from.
const COLUMNS: &str = "i.id, i.number, i.title, i.link1, i.link2, i.link3, i.link4, i.link5, i.link6, i.creator_id, \
                       i.created_at, i.actor_id, i.activity_at, i.is_retired, i.message_count";

/// One row of a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Row {
    pub id: IssueId,
    pub number: i64,
    pub title: String,
    pub link1: Option<i64>,
    pub link2: Option<i64>,
    pub link3: Option<i64>,
    pub link4: Option<i64>,
    pub link5: Option<i64>,
    pub link6: Option<i64>,
    pub creator_id: ParticipantId,
    pub created_at: DateTime<Utc>,
    pub actor_id: ParticipantId,
    pub activity_at: DateTime<Utc>,
    pub is_retired: bool,
    pub message_count: i64,
}

/// A page of a list with everything that its columns need.
#[derive(Debug)]
pub struct Listing {
    pub page: Page<Row>,
    /// The values that stand in rows of their own, by issue and property.
    pub values: HashMap<(IssueId, i64), Vec<value::Model>>,
    pub people: HashMap<ParticipantId, Participant>,
    /// Filters that could not be read, as sentences.
    pub complaints: Vec<String>,
    /// The rows as HTML, for the minute for which they say how long ago things were.
    pub(crate) rows: Kept<i64>,
    /// The heads of the columns and the filters beside the list, for the address whose links they hold.
    pub(crate) head: Kept<String>,
    pub(crate) side: Kept<String>,
}

impl Listing {
    fn of(page: Page<Row>, complaints: Vec<String>) -> Self {
        let (rows, head, side) = Default::default();
        Self { page, values: HashMap::new(), people: HashMap::new(), complaints, rows, head, side }
    }

    /// The value of a property in a row.
    pub fn value(&self, row: &Row, property: &Property) -> Value {
        if let Some(slot) = property.slot {
            let links = [row.link1, row.link2, row.link3, row.link4, row.link5, row.link6];
            return links.get(slot - 1).copied().flatten().map(Value::Link).unwrap_or_default();
        }
        let rows = self.values.get(&(row.id, property.id)).map_or(&[][..], Vec::as_slice);
        query::from_rows(property, rows.iter())
    }
}

/// Finds lists, and keeps those that were read until an issue of their tracker changes, or what its issues have.
#[derive(Clone)]
pub struct Lists {
    known: Arc<Mutex<HashMap<String, Arc<Listing>>>>,
    memory: Memory,
}

impl Lists {
    /// The lists of all trackers of a store.
    pub fn new(store: &Store) -> Self {
        Self { known: Arc::default(), memory: Memory::new(store) }
    }

    /// The page of a list, read when it is not known. One look at the tracker's row, which the caller did, tells whether
    /// a list is still right.
    pub async fn page(
        &self,
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        actor: &Actor,
        filter: &Filter,
        now: DateTime<Utc>,
    ) -> Result<Arc<Listing>, DbErr> {
        let asked = Asked::of(conn, catalog, actor, filter, now).await?;
        let key = format!(
            "{} {} {} {} {} {:?} {asked:?}",
            catalog.tracker.id,
            catalog.tracker.version,
            catalog.tracker.catalog_version,
            filter.page,
            filter.size,
            (&filter.group, &filter.columns),
        );
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(known.clone());
        }
        let paging = Paging::new(filter.page, if filter.size == 0 { ROWS } else { filter.size });
        let answer = self.memory.page(conn, catalog, &asked, paging).await?;
        let is_for_now = matches!(answer, Answer::NotYet);
        let page = match answer {
            Answer::Found { numbers, total } => {
                let items = numbered(conn, catalog, &numbers).await?;
                Page { items, number: paging.number, size: paging.size, total }
            }
            Answer::NotHeld | Answer::NotYet => {
                Sql::of(conn.get_database_backend(), catalog, &asked).page(conn, paging).await?
            }
        };
        let mut listing = Listing::of(page, asked.complaints);
        attach(conn, catalog, filter, &mut listing).await?;
        let listing = Arc::new(listing);
        if is_for_now {
            return Ok(listing);
        }
        let mut lists = lock();
        if lists.len() >= KEPT {
            lists.clear();
        }
        lists.insert(key, listing.clone());
        Ok(listing)
    }
}

/// The properties of every issue that stand in columns of it.
pub const BUILT_IN: [&str; 7] = ["id", "title", "creation", "activity", "creator", "actor", "messages"];

/// Whether a list can be filtered by this name.
pub fn knows(catalog: &Catalog, name: &str) -> bool {
    BUILT_IN.contains(&name) || matches!(name, "state" | "retired") || catalog.property(name).is_some()
}

fn rows(found: &[QueryResult]) -> Result<Vec<Row>, DbErr> {
    found.iter().map(|row| Row::from_query_result(row, "")).collect()
}

/// The rows of these numbers, in this order.
async fn numbered(conn: &impl ConnectionTrait, catalog: &Catalog, numbers: &[i64]) -> Result<Vec<Row>, DbErr> {
    if numbers.is_empty() {
        return Ok(vec![]);
    }
    let places: HashMap<i64, usize> = numbers.iter().enumerate().map(|(place, number)| (*number, place)).collect();
    let one_of = (2..).take(numbers.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let select = format!("SELECT {COLUMNS} FROM tracker_issue i WHERE i.tracker_id = $1 AND i.number IN ({one_of})");
    let values = std::iter::once(catalog.tracker.id.0).chain(numbers.iter().copied()).map(Into::into);
    let asked = Statement::from_sql_and_values(conn.get_database_backend(), select, values);
    let mut rows = rows(&conn.query_all_raw(asked).await?)?;
    rows.sort_by_key(|row| places.get(&row.number));
    Ok(rows)
}

/// A list as a whole, its first `most` rows, in pieces: `give` gets one after another. Which rows they are is asked once,
/// since a statement for each piece would walk over all pieces before it.
pub async fn whole(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    actor: &Actor,
    (filter, now): (&Filter, DateTime<Utc>),
    most: u64,
    mut give: impl FnMut(&Listing),
) -> Result<(), DbErr> {
    const PIECE: usize = 500;
    let asked = Asked::of(conn, catalog, actor, filter, now).await?;
    let sql = Sql::of(conn.get_database_backend(), catalog, &asked);
    let found = sql.select(conn, "i.number", most, 0).await?;
    let numbers = found.iter().map(|row| row.try_get::<i64>("", "number")).collect::<Result<Vec<_>, _>>()?;
    drop(found);
    for piece in numbers.chunks(PIECE) {
        let rows = numbered(conn, catalog, piece).await?;
        let count = rows.len() as u64;
        let mut listing = Listing::of(Page::new(rows, Paging::first(count), count), vec![]);
        attach(conn, catalog, filter, &mut listing).await?;
        give(&listing);
    }
    Ok(())
}

/// Reads what the columns need beside the rows: values in rows of their own, and people.
async fn attach(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    filter: &Filter,
    listing: &mut Listing,
) -> Result<(), DbErr> {
    let shown: Vec<&Property> = columns(catalog, filter).iter().filter_map(|name| catalog.property(name)).collect();
    let others: Vec<i64> = shown.iter().filter(|p| p.slot.is_none() && p.is_settable()).map(|p| p.id).collect();
    if !others.is_empty() && !listing.page.items.is_empty() {
        let rows = value::Entity::find()
            .filter(value::Column::IssueId.is_in(listing.page.items.iter().map(|row| row.id)))
            // The sum keeps SQLite from taking the index of the property, which has a row of every issue.
            .filter(Expr::col(value::Column::PropertyId).add(0).is_in(others))
            .all(conn)
            .await?;
        for row in rows {
            listing.values.entry((row.issue_id, row.property_id)).or_default().push(row);
        }
    }
    let mut ids: Vec<ParticipantId> =
        listing.page.items.iter().flat_map(|row| [row.creator_id, row.actor_id]).collect();
    for property in shown.iter().filter(|property| property.is_person()) {
        for row in &listing.page.items {
            ids.extend(listing.value(row, property).ids().iter().map(|id| ParticipantId(*id)));
        }
    }
    listing.people = people::participant::shown(conn, ids).await?;
    Ok(())
}

/// The columns of a list: those that were asked for, or the tracker's own choice.
pub fn columns(catalog: &Catalog, filter: &Filter) -> Vec<String> {
    let known = |name: &&String| knows(catalog, name) && !matches!(name.as_str(), "state" | "retired" | "files");
    let asked: Vec<String> = filter.columns.iter().filter(known).cloned().collect();
    if !asked.is_empty() {
        return asked;
    }
    let own = ["id", "title", "keyword", "status", "priority", "assignedto", "messages", "activity"];
    let has_rows = |name: &str| catalog.class(name).is_none_or(|class| class.living().next().is_some());
    own.iter().filter(|name| knows(catalog, name) && has_rows(name)).map(|name| (*name).to_owned()).collect()
}

/// The numbers of a page, for its pager.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Numbers {
    pub number: u64,
    pub size: u64,
    pub total: u64,
}

impl Listing {
    /// The numbers of the page, for its pager.
    pub fn page_numbers(&self) -> Numbers {
        Numbers { number: self.page.number, size: self.page.size, total: self.page.total }
    }
}
