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
    let Some(mut asked) = Asked::below(conn.get_database_backend(), text, key_prefix) else { return Ok(vec![]) };
    asked.scope.is_in_index = !asked.finds_few(conn).await?;
    let together = if asked.sqlite() { "group_concat" } else { "string_agg" };
    let (select, values) = asked.numbers(key_prefix, 0, |number| format!("{together}({number}, ',') AS numbers"));
    let row = conn.query_one_raw(Statement::from_sql_and_values(asked.backend, select, values)).await?;
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
    let asked = Asked::below(backend, text, key_prefix)?;
    Some(asked.numbers(key_prefix, bound, |number| format!("CAST({number} AS BIGINT)")))
}

/// The most documents with some words that are looked at one by one, wherever they lie. Of words that stand in more FTS5
/// first finds which lie in the right place.
const FEW: u64 = 5_000;

/// Where is looked.
struct Scope {
    /// In one of these, when there are any.
    modules: Vec<String>,
    /// Below this folder of keys: `lists/post/dev/`.
    prefix: Option<String>,
    /// What one of these wrote.
    people: Option<Vec<i64>>,
    /// FTS5 looks there only, by the words that it keeps of places.
    is_in_index: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { modules: vec![], prefix: None, people: None, is_in_index: true }
    }
}

impl Scope {
    /// The scope in FTS5's language, by the words that the index keeps of each document's place. Keys are compared all the
    /// same: `dev-list` and `dev/list` are the same words.
    fn fts5(&self) -> String {
        let one_of = |words: Vec<String>| format!(" AND scope : ({})", words.join(" OR "));
        let mut query = String::new();
        if !self.is_in_index {
            return query;
        }
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
    /// The question for `text` in the documents whose keys start with `key_prefix`; `None` when there is no word to look for.
    fn below(backend: DbBackend, text: &str, key_prefix: &str) -> Option<Self> {
        let words = words::read(text);
        let scope = Scope { prefix: Some(key_prefix.to_owned()), ..Scope::default() };
        words.ask().then_some(Self { backend, words, scope, audiences: vec![] })
    }

    fn sqlite(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }

    /// The tables to look in; SQLite takes the documents by this index.
    fn source(&self, index: &str) -> String {
        if self.sqlite() {
            format!("search_text CROSS JOIN search_document d {index} ON d.id = search_text.rowid")
        } else {
            "search_document d".to_owned()
        }
    }

    /// The conditions. Their first value is the words.
    fn matching(&self, sql: &mut Sql, part: Part) {
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
    }

    /// Whether FTS5 has at most [`FEW`] documents with the words.
    async fn finds_few(&self, conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
        if !self.sqlite() {
            return Ok(false);
        }
        let sql =
            format!("SELECT count(*) FROM (SELECT 1 FROM search_text WHERE search_text MATCH $1 LIMIT {})", FEW + 1);
        let words = Value::from(format!("{{title body}} : ({})", self.words.fts5()));
        let row = conn.query_one_raw(Statement::from_sql_and_values(self.backend, sql, [words])).await?;
        let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.is_some_and(|count| count <= FEW as i64))
    }

    /// Finds the numbers behind `key_prefix`, which `column` makes a column.
    fn numbers(&self, key_prefix: &str, bound: usize, column: impl Fn(&str) -> String) -> (String, Vec<Value>) {
        let mut sql = Sql { text: String::new(), values: vec![], bound };
        self.matching(&mut sql, Part::All);
        // This index holds all that is asked: the documents themselves are many pages.
        let source = self.source("INDEXED BY search_document_id_key");
        let number = column(&format!("substr(d.key, {})", key_prefix.chars().count() + 1));
        (format!("SELECT {number} FROM {source} WHERE {}", sql.text), sql.values)
    }

    async fn rows(
        &self,
        conn: &impl ConnectionTrait,
        part: Part,
        (columns, order): (&str, &str),
        (limit, offset): (u64, u64),
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut sql = Sql { text: String::new(), values: vec![], bound: 0 };
        self.matching(&mut sql, part);
        let (source, conditions) = (self.source(""), sql.text);
        let text =
            format!("SELECT {columns} FROM {source} WHERE {conditions} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
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
