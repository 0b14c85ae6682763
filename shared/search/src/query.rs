//! Searching.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use people::Actor;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect, Statement, Value,
};
use serde::Serialize;
use store::{Page, Paging};

use crate::UNSHOWN;
use crate::entity::document;
use crate::excerpt::{self, Piece, excerpt};
use crate::words::{self, Words, quoted};

/// What is asked of the index.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// What was typed.
    pub text: String,
    /// Only this module.
    pub module: Option<String>,
    /// Only documents whose key starts with this: `lists/post/dev/`.
    pub key_prefix: Option<String>,
    /// Newest first instead of best first.
    pub newest: bool,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Found {
    pub key: String,
    pub module: String,
    pub kind: String,
    pub url: String,
    pub title: String,
    pub at: DateTime<Utc>,
    pub who: Option<String>,
    /// A part of the text around what was found; what was found stands between U+0002 and U+0003.
    pub excerpt: String,
}

impl Found {
    /// The excerpt in pieces, to mark what was found.
    pub fn parts(&self) -> Vec<Piece> {
        excerpt::parts(&self.excerpt)
    }
}

/// The most that a question finds. Of a word that stands in more documents those with the word in their title come first,
/// then the documents that were indexed last: among so many no order by how often a word occurs helps anybody, and making
/// it costs more than everything else on the page.
pub const MOST: u64 = 1_000;

/// The page `paging` of what `actor` may see of the answer, which has at most [`MOST`] documents.
pub async fn find(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    question: &Question,
    paging: Paging,
) -> Result<Page<Found>, DbErr> {
    let nothing = Page::new(vec![], paging, 0);
    let mut words = words::read(&question.text);
    if !words.ask() {
        return Ok(nothing);
    }
    let mut scope = Scope { modules: question.module.iter().cloned().collect(), ..Scope::default() };
    scope.prefix.clone_from(&question.key_prefix);
    for (name, value) in std::mem::take(&mut words.filters) {
        match name.as_str() {
            "in" => scope.modules.push(value),
            _ => scope.people = Some(people_called(conn, &value).await?),
        }
    }
    if scope.people.as_ref().is_some_and(Vec::is_empty) {
        return Ok(nothing);
    }
    let asked = Asked { backend: conn.get_database_backend(), words, scope, audiences: actor.audiences() };
    let mut last = asked.indexed_last(conn, Part::All).await?;
    let many = last.len() as u64 == MOST;
    if many && !question.newest {
        let mut titles = asked.indexed_last(conn, Part::Title).await?;
        let known: HashSet<i64> = titles.iter().map(|(id, _)| *id).collect();
        titles.extend(last.into_iter().filter(|(id, _)| !known.contains(id)));
        titles.truncate(MOST as usize);
        last = titles;
    }
    let total = last.len() as u64;
    if question.newest {
        last.sort_unstable_by_key(|(id, at)| Reverse((*at, *id)));
    }
    let shown = if many || question.newest {
        last.into_iter().map(|(id, _)| id).skip(paging.offset() as usize).take(paging.size as usize).collect()
    } else {
        asked.best(conn, paging).await?
    };
    Ok(Page::new(told(conn, &shown, &asked.words).await?, paging, total))
}

/// The documents of these ids, in this order.
async fn told(conn: &impl ConnectionTrait, ids: &[i64], words: &Words) -> Result<Vec<Found>, DbErr> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT d.id, d.key, d.module, d.kind, d.url, d.title, d.at, d.body AS excerpt, \
         COALESCE(NULLIF(u.display_name, ''), u.name, p.name) AS who FROM search_document d \
         LEFT JOIN participant p ON p.id = d.participant_id LEFT JOIN \"user\" u ON u.id = p.user_id WHERE d.id IN ({})",
        places.join(", ")
    );
    let values = ids.iter().map(|id| (*id).into());
    let rows = conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    let mut found = HashMap::new();
    for row in rows {
        let mut one = Found::from_query_result(&row, "")?;
        let text = one.excerpt.split(UNSHOWN).next().unwrap_or_default();
        // A commit begins with its title, which stands above the excerpt.
        one.excerpt = excerpt(text.strip_prefix(one.title.as_str()).unwrap_or(text).trim(), words);
        found.insert(row.try_get::<i64>("", "id")?, one);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The participants whom a name means: that of an account, or the one that they write under.
async fn people_called(conn: &impl ConnectionTrait, name: &str) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT p.id FROM participant p LEFT JOIN \"user\" u ON u.id = p.user_id \
               WHERE lower(p.name) = $1 OR u.name = $1 ORDER BY p.id LIMIT 100";
    let named = Statement::from_sql_and_values(conn.get_database_backend(), sql, [name.into()]);
    conn.query_all_raw(named).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Whether there is a word to look for.
pub fn has_words(text: &str) -> bool {
    words::read(text).ask()
}

/// The numbers that end the keys of all matching documents, in no order: `tracker/issues/` gives the 12 of
/// `tracker/issues/12`. They come as one text, since a row for each costs more than to find it.
pub async fn numbers(conn: &impl ConnectionTrait, text: &str, key_prefix: &str) -> Result<Vec<i64>, DbErr> {
    let backend = conn.get_database_backend();
    let together = if backend == DbBackend::Sqlite { "group_concat" } else { "string_agg" };
    let number = |number: &str| format!("{together}({number}, ',') AS numbers");
    let Some((select, values)) = select_numbers(backend, text, key_prefix, 0, number) else { return Ok(vec![]) };
    let row = conn.query_one_raw(Statement::from_sql_and_values(backend, select, values)).await?;
    let numbers: Option<String> = row.map(|row| row.try_get("", "numbers")).transpose()?.flatten();
    Ok(numbers.iter().flat_map(|numbers| numbers.split(',')).filter_map(|number| number.parse().ok()).collect())
}

/// A subquery for the same numbers. Its parameters are numbered from `bound` + 1 on. `None` when there is no word to look
/// for.
pub fn numbers_matching(
    backend: DbBackend,
    text: &str,
    key_prefix: &str,
    bound: usize,
) -> Option<(String, Vec<Value>)> {
    select_numbers(backend, text, key_prefix, bound, |number| format!("CAST({number} AS BIGINT)"))
}

fn select_numbers(
    backend: DbBackend,
    text: &str,
    key_prefix: &str,
    bound: usize,
    column: impl Fn(&str) -> String,
) -> Option<(String, Vec<Value>)> {
    let words = words::read(text);
    if !words.ask() {
        return None;
    }
    let scope = Scope { prefix: Some(key_prefix.to_owned()), ..Scope::default() };
    let asked = Asked { backend, words, scope, audiences: vec![] };
    let mut sql = Sql { text: String::new(), values: vec![], bound };
    let source = asked.matching(&mut sql, Part::All);
    let number = column(&format!("substr(d.key, {})", key_prefix.chars().count() + 1));
    Some((format!("SELECT {number} FROM {source} WHERE {}", sql.text), sql.values))
}

/// Where is looked.
#[derive(Default)]
struct Scope {
    /// In one of these, when there are any.
    modules: Vec<String>,
    /// Below this folder of keys: `lists/post/dev/`.
    prefix: Option<String>,
    /// What one of these wrote.
    people: Option<Vec<i64>>,
}

impl Scope {
    /// The scope in FTS5's language, by the words that the index keeps of each document's place. Keys are compared all the
    /// same: `dev-list` and `dev/list` are the same words.
    fn fts5(&self) -> String {
        let one_of = |words: Vec<String>| format!(" AND scope : ({})", words.join(" OR "));
        let mut query = String::new();
        if !self.modules.is_empty() {
            query.push_str(&one_of(self.modules.iter().map(|name| quoted(&format!("in{name}"))).collect()));
        }
        if let Some(prefix) = self.prefix.as_ref().filter(|prefix| prefix.contains(char::is_alphanumeric)) {
            query.push_str(&one_of(vec![quoted(prefix)]));
        }
        if let Some(people) = &self.people {
            query.push_str(&one_of(people.iter().map(|id| quoted(&format!("by{id}"))).collect()));
        }
        query
    }
}

/// Where the words have to stand.
#[derive(Clone, Copy)]
enum Part {
    All,
    Title,
}

/// A question as the databases are asked.
struct Asked {
    backend: DbBackend,
    words: Words,
    scope: Scope,
    audiences: Vec<String>,
}

/// Conditions with their values, numbered from `bound` + 1 on.
struct Sql {
    text: String,
    values: Vec<Value>,
    bound: usize,
}

impl Sql {
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.bound + self.values.len())
    }

    fn and_in<V: Into<Value>>(&mut self, column: &str, values: impl IntoIterator<Item = V>) {
        let places: Vec<String> = values.into_iter().map(|value| self.value(value)).collect();
        if !places.is_empty() {
            self.text.push_str(&format!(" AND {column} IN ({})", places.join(", ")));
        }
    }
}

impl Asked {
    fn sqlite(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }

    /// The tables to look in; `sql` is given the conditions. Its first value is the words.
    fn matching(&self, sql: &mut Sql, part: Part) -> &'static str {
        if self.sqlite() {
            let columns = if matches!(part, Part::All) { "{title body}" } else { "title" };
            let words = sql.value(format!("{columns} : ({}){}", self.words.fts5(), self.scope.fts5()));
            sql.text.push_str(&format!("search_text MATCH {words}"));
        } else {
            let column = if matches!(part, Part::All) { "d.words" } else { "to_tsvector('simple', d.title)" };
            let words = sql.value(self.words.tsquery());
            sql.text.push_str(&format!("{column} @@ to_tsquery('simple', {words})"));
        }
        sql.and_in("d.audience", self.audiences.iter().map(String::as_str));
        sql.and_in("d.module", self.scope.modules.iter().map(String::as_str));
        sql.and_in("d.participant_id", self.scope.people.iter().flatten().copied());
        if let Some(prefix) = &self.scope.prefix {
            let (from, to) = (sql.value(prefix.as_str()), sql.value(format!("{prefix}\u{10FFFF}")));
            sql.text.push_str(&format!(" AND d.key >= {from} AND d.key < {to}"));
        }
        if self.sqlite() {
            "search_text CROSS JOIN search_document d ON d.id = search_text.rowid"
        } else {
            "search_document d"
        }
    }

    async fn rows(
        &self,
        conn: &impl ConnectionTrait,
        part: Part,
        (columns, order): (&str, &str),
        (limit, offset): (u64, u64),
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut sql = Sql { text: String::new(), values: vec![], bound: 0 };
        let source = self.matching(&mut sql, part);
        let text =
            format!("SELECT {columns} FROM {source} WHERE {} ORDER BY {order} LIMIT {limit} OFFSET {offset}", sql.text);
        conn.query_all_raw(Statement::from_sql_and_values(self.backend, text, sql.values)).await
    }

    /// What matches, the document that was indexed last first, up to [`MOST`]: the index itself is in this order.
    async fn indexed_last(&self, conn: &impl ConnectionTrait, part: Part) -> Result<Vec<(i64, DateTime<Utc>)>, DbErr> {
        let order = if self.sqlite() { "search_text.rowid DESC" } else { "d.id DESC" };
        let rows = self.rows(conn, part, ("d.id, d.at", order), (MOST, 0)).await?;
        rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "at")?))).collect()
    }

    /// A page of what matches, the best first (BM25 on SQLite, `ts_rank` on PostgreSQL; a title counts four times).
    async fn best(&self, conn: &impl ConnectionTrait, paging: Paging) -> Result<Vec<i64>, DbErr> {
        let order = if self.sqlite() {
            "bm25(search_text, 4.0, 1.0, 0.0), d.id DESC"
        } else {
            "ts_rank(d.words, to_tsquery('simple', $1)) DESC, d.id DESC"
        };
        let rows = self.rows(conn, Part::All, ("d.id", order), (paging.size, paging.offset())).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }
}

/// What stands at a URL of the hub, when it is indexed and `actor` may see it.
pub async fn at_url(conn: &impl ConnectionTrait, actor: &Actor, url: &str) -> Result<Option<crate::Backlink>, DbErr> {
    document::Entity::find()
        .select_only()
        .columns([document::Column::Module, document::Column::Kind, document::Column::Url])
        .columns([document::Column::Title, document::Column::At])
        .filter(document::Column::Url.eq(url))
        .filter(document::Column::Audience.is_in(actor.audiences()))
        .into_model()
        .one(conn)
        .await
}
