//! Lists of issues: a [`Filter`] becomes one statement for the rows and one for how many there are.

mod order;
mod span;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use people::{Actor, Participant, ParticipantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult, Statement,
    Value as Bound,
};
use store::{Page, Paging};

use crate::catalog::{Catalog, Property};
use crate::entity::value;
use crate::filter::{Filter, Term};
use crate::kept::Kept;
use crate::kind::{Kind, Value};
use crate::{IssueId, input, query};

use order::order;
use span::{amounts, millis, times};

/// Lists that are kept; beyond it all are forgotten.
const KEPT: usize = 300;
/// Rows a page where the URL says nothing.
const ROWS: u64 = 50;

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

/// Lists that were read, until an issue of their tracker changes, or what its issues have.
#[derive(Clone, Debug, Default)]
pub struct Lists(Arc<Mutex<HashMap<String, Arc<Listing>>>>);

impl Lists {
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
        let sql = Sql::of(conn, catalog, actor, filter, now).await?;
        let key = format!(
            "{} {} {} {} {} {} {:?} {:?} {:?} {:?}",
            catalog.tracker.id,
            catalog.tracker.version,
            catalog.tracker.catalog_version,
            filter.page,
            filter.size,
            sql.filters,
            sql.values,
            filter.sort,
            (&filter.group, &filter.columns),
            sql.complaints
        );
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(known.clone());
        }
        let listing = Arc::new(sql.read(conn, catalog, filter).await?);
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

/// What `state` may be: of an issue it is what its status means.
const STATES: [&str; 5] = ["open", "active", "waiting", "done", "all"];

/// Whether a list can be filtered by this name.
pub fn knows(catalog: &Catalog, name: &str) -> bool {
    BUILT_IN.contains(&name) || matches!(name, "state" | "retired") || catalog.property(name).is_some()
}

struct Sql {
    filters: String,
    values: Vec<Bound>,
    complaints: Vec<String>,
}

impl Sql {
    async fn of(
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        actor: &Actor,
        filter: &Filter,
        now: DateTime<Utc>,
    ) -> Result<Self, DbErr> {
        let mut sql = Self { filters: String::new(), values: vec![], complaints: vec![] };
        let tracker = sql.bind(catalog.tracker.id.0);
        let retired =
            filter.of("retired").any(|term| !term.negated && term.values.iter().any(|v| v == "yes" || v == "1"));
        let retired = sql.bind(retired);
        sql.filters = format!("i.tracker_id = {tracker} AND i.is_retired = {retired}");
        let chosen = filter.of("state").chain(filter.of("status")).next().is_some();
        if !chosen && filter.text.is_empty() && retired_is(filter, false) {
            sql.state(catalog, &["open".to_owned()]);
        }
        for term in &filter.terms {
            sql.term(conn, catalog, actor, term, now).await?;
        }
        if !filter.unknown.is_empty() {
            sql.unknown(catalog, &filter.unknown);
        }
        if !filter.text.is_empty() {
            sql.text(conn, catalog, &filter.text);
        }
        Ok(sql)
    }

    fn bind(&mut self, value: impl Into<Bound>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str, negated: bool) {
        self.filters.push_str(if negated { " AND NOT (" } else { " AND (" });
        self.filters.push_str(condition);
        self.filters.push(')');
    }

    fn ids(&self, ids: &[i64]) -> String {
        // Numbers, so that they may stand in the text as they are; no row has the number -2.
        if ids.is_empty() {
            return "-2".into();
        }
        ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
    }

    /// `open` (not done), `waiting`, `done` or `all`.
    fn state(&mut self, catalog: &Catalog, states: &[String]) {
        let Some(property) = catalog.property("status") else { return };
        let (Some(slot), Some(class)) = (property.slot, catalog.class(&property.target)) else { return };
        if states.iter().any(|state| state == "all") {
            return;
        }
        for state in states.iter().filter(|state| !STATES.contains(&state.as_str())) {
            self.complaints.push(format!("state: there is no {state}, but {}.", STATES.join(", ")));
        }
        let wanted = |meaning: &str| {
            states.iter().any(|state| match state.as_str() {
                "open" => meaning != "done",
                "active" => meaning == "open",
                state => state == meaning,
            })
        };
        let numbers: Vec<i64> = class
            .items
            .iter()
            .filter(|item| wanted(catalog.meaning(Some(item.number))))
            .map(|item| item.number)
            .collect();
        let mut condition = format!("i.link{slot} IN ({})", self.ids(&numbers));
        if wanted("open") {
            condition = format!("i.link{slot} IS NULL OR {condition}");
        }
        self.and(&condition, false);
    }

    fn unknown(&mut self, catalog: &Catalog, words: &[String]) {
        let own = catalog.issue().properties.iter().filter(|property| property.is_settable());
        let mut names: Vec<&str> =
            own.map(|property| property.name.as_str()).chain(BUILT_IN).chain(["state"]).collect();
        names.sort_unstable();
        names.dedup();
        for word in words {
            let name = word.trim_start_matches('-').split(':').next().unwrap_or_default();
            self.complaints.push(format!(
                "There is no property {name}, so \u{201c}{word}\u{201d} was looked for as it stands. The properties are {}.",
                names.join(", ")
            ));
        }
    }

    fn text(&mut self, conn: &impl ConnectionTrait, catalog: &Catalog, text: &str) {
        let prefix = format!("tracker/{}/", catalog.tracker.name);
        match search::numbers_matching(conn.get_database_backend(), text, &prefix, self.values.len()) {
            Some((subquery, values)) => {
                self.values.extend(values);
                self.and(&format!("i.number IN ({subquery})"), false);
            }
            None => self.complaints.push("There is no word to look for in what you typed.".into()),
        }
    }

    async fn term(
        &mut self,
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        actor: &Actor,
        term: &Term,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        match term.property.as_str() {
            "state" => self.state(catalog, &term.values),
            "retired" => {}
            "id" => {
                let ids: Vec<i64> = term.values.iter().filter_map(|v| v.trim_start_matches('#').parse().ok()).collect();
                let condition = format!("i.number IN ({})", self.ids(&ids));
                self.and(&condition, term.negated);
            }
            "title" => {
                let condition = self.like("i.title", &term.values);
                self.and(&condition, term.negated);
            }
            "creation" => self.time("i.created_at", term, now),
            "activity" => self.time("i.activity_at", term, now),
            "messages" => self.amount("i.message_count", Kind::Number, term, now),
            "creator" | "actor" => {
                let ids = input::people(conn, actor, &term.values).await?;
                self.complain(&ids.1, "creator");
                let condition = format!("i.{}_id IN ({})", term.property, self.ids(&ids.0));
                self.and(&condition, term.negated);
            }
            name => {
                if let Some(property) = catalog.property(name) {
                    self.property(conn, catalog, actor, property, term, now).await?;
                }
            }
        }
        Ok(())
    }

    async fn property(
        &mut self,
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        actor: &Actor,
        property: &Property,
        term: &Term,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        if !property.is_link() {
            let from = format!("SELECT issue_id FROM tracker_value WHERE property_id = {}", property.id);
            let start = self.filters.len();
            match property.kind {
                Kind::Text => {
                    let like = self.like("text", &term.values);
                    self.and(&format!("i.id IN ({from} AND ({like}))"), term.negated);
                }
                kind => {
                    self.amount("amount", kind, term, now);
                    let inner = self.filters.split_off(start);
                    self.filters.push_str(&format!(" AND i.id IN ({from}{inner})"));
                }
            }
            return Ok(());
        }
        let unset = term.values.iter().any(|value| value == "-1");
        let named: Vec<String> = term.values.iter().filter(|value| *value != "-1").cloned().collect();
        let (ids, unknown) = match property.is_person() {
            true => input::people(conn, actor, &named).await?,
            false => input::items(catalog, property, &named),
        };
        self.complaints.extend(unknown.iter().map(|word| input::no_such(catalog, property, word)));
        let list = self.ids(&ids);
        let condition = match property.slot {
            Some(slot) => {
                let null = if unset { format!("i.link{slot} IS NULL OR ") } else { String::new() };
                // A row without a value is not one of them, so it is among the others.
                format!("{null}COALESCE(i.link{slot}, -1) IN ({list}) AND i.link{slot} IN ({list})")
            }
            None => {
                let any = format!("SELECT issue_id FROM tracker_value WHERE property_id = {}", property.id);
                let null = if unset { format!("i.id NOT IN ({any}) OR ") } else { String::new() };
                format!("{null}i.id IN ({any} AND link IN ({list}))")
            }
        };
        match (property.slot, term.negated) {
            (Some(slot), false) if !unset => self.and(&format!("i.link{slot} IN ({list})"), false),
            (_, negated) => self.and(&condition, negated),
        }
        Ok(())
    }

    fn like(&mut self, column: &str, values: &[String]) -> String {
        let parts: Vec<String> = values
            .iter()
            .map(|value| {
                let escaped = value.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                let place = self.bind(format!("%{escaped}%"));
                format!("lower({column}) LIKE {place} ESCAPE '\\'")
            })
            .collect();
        parts.join(" OR ")
    }

    fn time(&mut self, column: &str, term: &Term, now: DateTime<Utc>) {
        let mut parts = Vec::new();
        for value in &term.values {
            let Some((from, to)) = times(value, now) else {
                self.complaints.push(format!("{}: {value} is not a date or a range of dates.", term.property));
                continue;
            };
            let from = from.map(|at| format!("{column} >= {}", self.bind(at)));
            let to = to.map(|at| format!("{column} < {}", self.bind(at)));
            let both: Vec<String> = from.into_iter().chain(to).collect();
            parts.push(if both.is_empty() { "1 = 1".to_owned() } else { format!("({})", both.join(" AND ")) });
        }
        if !parts.is_empty() {
            self.and(&parts.join(" OR "), term.negated);
        }
    }

    fn amount(&mut self, column: &str, kind: Kind, term: &Term, now: DateTime<Utc>) {
        let mut parts = Vec::new();
        for value in &term.values {
            let ends = match kind {
                Kind::Date => times(value, now).map(|(from, to)| (from.map(millis), to.map(|at| millis(at) - 1.0))),
                _ => amounts(kind, value, now),
            };
            let Some((from, to)) = ends else {
                self.complaints.push(format!("{}: {value} cannot be read.", term.property));
                continue;
            };
            let from = from.map(|n| format!("{column} >= {}", self.bind(n)));
            let to = to.map(|n| format!("{column} <= {}", self.bind(n)));
            let both: Vec<String> = from.into_iter().chain(to).collect();
            parts.push(if both.is_empty() { "1 = 1".to_owned() } else { format!("({})", both.join(" AND ")) });
        }
        if !parts.is_empty() {
            self.and(&parts.join(" OR "), term.negated);
        }
    }

    fn complain(&mut self, unknown: &[String], label: &str) {
        self.complaints.extend(unknown.iter().map(|word| format!("{label}: there is no {word}.")));
    }

    async fn read(self, conn: &impl ConnectionTrait, catalog: &Catalog, filter: &Filter) -> Result<Listing, DbErr> {
        let paging = Paging::new(filter.page, if filter.size == 0 { ROWS } else { filter.size });
        // What matches words is looked up once, for the rows and for their number: it costs more than all else.
        let number = if filter.text.is_empty() { "" } else { ", COUNT(*) OVER () AS total" };
        let found = self.select(conn, catalog, filter, number, paging.size, paging.offset()).await?;
        let rows = rows(&found)?;
        let told =
            found.first().filter(|_| !number.is_empty()).map(|row| row.try_get::<i64>("", "total")).transpose()?;
        let total = match told {
            Some(total) => total as u64,
            None if (rows.len() as u64) < paging.size && (paging.number == 1 || !rows.is_empty()) => {
                paging.offset() + rows.len() as u64
            }
            None => self.count(conn).await?,
        };
        let mut listing = Listing::of(Page::new(rows, paging, total), self.complaints);
        attach(conn, catalog, filter, &mut listing).await?;
        Ok(listing)
    }

    /// The rows of the list in its order, with `more` beside their columns.
    async fn select(
        &self,
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        filter: &Filter,
        more: &str,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let select = format!(
            "SELECT i.id, i.number, i.title, i.link1, i.link2, i.link3, i.link4, i.link5, i.link6, i.creator_id, \
             i.created_at, i.actor_id, i.activity_at, i.is_retired, i.message_count{more} FROM tracker_issue i WHERE {} \
             ORDER BY {} LIMIT {limit} OFFSET {offset}",
            self.filters,
            order(catalog, filter),
        );
        conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), select, self.values.clone()))
            .await
    }

    /// How many issues the list has, counted as far as [`store::count`] does.
    async fn count(&self, conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let count = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM tracker_issue i WHERE {} LIMIT {}) AS counted",
            self.filters,
            store::COUNTED
        );
        let count = Statement::from_sql_and_values(conn.get_database_backend(), count, self.values.clone());
        let row = conn.query_one_raw(count).await?;
        Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0) as u64)
    }
}

fn rows(found: &[QueryResult]) -> Result<Vec<Row>, DbErr> {
    found.iter().map(|row| Row::from_query_result(row, "")).collect()
}

/// A list as a whole, its first `most` rows, in pieces: `give` gets one after another. The rows are found by one statement,
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
    let sql = Sql::of(conn, catalog, actor, filter, now).await?;
    let mut rows = rows(&sql.select(conn, catalog, filter, "", most, 0).await?)?.into_iter();
    loop {
        let piece: Vec<Row> = rows.by_ref().take(PIECE).collect();
        let count = piece.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let mut listing = Listing::of(Page::new(piece, Paging::first(count), count), vec![]);
        attach(conn, catalog, filter, &mut listing).await?;
        give(&listing);
    }
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

fn retired_is(filter: &Filter, wanted: bool) -> bool {
    filter.of("retired").next().is_some() == wanted
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
