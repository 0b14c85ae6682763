//! Searching.

use chrono::{DateTime, Utc};
use people::Actor;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement,
    Value,
};
use serde::Serialize;
use store::{Page, Paging};

use crate::entity::document;
use crate::words;

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

/// The page `paging` of what `actor` may see of the answer. Totals over 10,000 are given as 10,000.
pub async fn find(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    question: &Question,
    paging: Paging,
) -> Result<Page<Found>, DbErr> {
    let words = words::read(&question.text);
    let sqlite = conn.get_database_backend() == DbBackend::Sqlite;
    let text = if sqlite { words.fts5() } else { words.websearch() };
    if !words.terms.iter().any(|term| !term.without) {
        return Ok(Page::new(vec![], paging, 0));
    }
    let mut sql = Sql::new(sqlite, text);
    sql.filter_in("d.audience", actor.audiences());
    let mut modules: Vec<String> = question.module.iter().cloned().collect();
    for (name, value) in &words.filters {
        match name.as_str() {
            "in" => modules.push(value.clone()),
            _ => sql.filter_person(value),
        }
    }
    if !modules.is_empty() {
        sql.filter_in("d.module", modules);
    }
    if let Some(prefix) = &question.key_prefix {
        sql.filter_prefix(prefix);
    }
    let total: Option<i64> = conn.query_one_raw(sql.count()).await?.map(|row| row.try_get_by_index(0)).transpose()?;
    let rows = conn.query_all_raw(sql.select(question.newest, paging)).await?;
    let items = rows.iter().map(|row| Found::from_query_result(row, "")).collect::<Result<_, _>>()?;
    Ok(Page::new(items, paging, total.unwrap_or(0) as u64))
}

/// A subquery for the numbers that end the keys of matching documents: `tracker/issues/` gives the 12 of
/// `tracker/issues/12`. Its parameters are numbered from `bound` + 1 on. `None` when there is no word to look for.
pub fn numbers_matching(
    backend: DbBackend,
    text: &str,
    key_prefix: &str,
    bound: usize,
) -> Option<(String, Vec<Value>)> {
    let words = words::read(text);
    if !words.terms.iter().any(|term| !term.without) {
        return None;
    }
    let (matching, from, to) = (format!("${}", bound + 1), format!("${}", bound + 2), format!("${}", bound + 3));
    let keys = format!("d.key >= {from} AND d.key < {to}");
    let number = format!("CAST(substr(d.key, {}) AS BIGINT)", key_prefix.chars().count() + 1);
    let (text, sql) = match backend {
        DbBackend::Sqlite => (
            words.fts5(),
            format!(
                "SELECT {number} FROM search_text JOIN search_document d ON d.id = search_text.rowid \
                 WHERE search_text MATCH {matching} AND {keys}"
            ),
        ),
        _ => (
            words.websearch(),
            format!(
                "SELECT {number} FROM search_document d \
                 WHERE d.words @@ websearch_to_tsquery('simple', {matching}) AND {keys}"
            ),
        ),
    };
    Some((sql, vec![text.into(), key_prefix.into(), format!("{key_prefix}\u{10FFFF}").into()]))
}

/// The one query of this module, in both databases' words.
struct Sql {
    sqlite: bool,
    filters: String,
    values: Vec<Value>,
}

impl Sql {
    fn new(sqlite: bool, text: String) -> Self {
        let matching = if sqlite { "search_text MATCH $1" } else { "d.words @@ websearch_to_tsquery('simple', $1)" };
        Self { sqlite, filters: matching.into(), values: vec![text.into()] }
    }

    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn filter_in(&mut self, column: &str, words: Vec<String>) {
        let places: Vec<String> = words.into_iter().map(|word| self.value(word)).collect();
        self.filters.push_str(&format!(" AND {column} IN ({})", places.join(", ")));
    }

    fn filter_person(&mut self, name: &str) {
        let place = self.value(name);
        self.filters.push_str(&format!(
            " AND d.participant_id IN (SELECT p.id FROM participant p LEFT JOIN \"user\" u ON u.id = p.user_id \
             WHERE lower(p.name) = {place} OR u.name = {place})"
        ));
    }

    fn filter_prefix(&mut self, prefix: &str) {
        let (from, to) = (self.value(prefix), self.value(format!("{prefix}\u{10FFFF}")));
        self.filters.push_str(&format!(" AND d.key >= {from} AND d.key < {to}"));
    }

    fn source(&self) -> &'static str {
        if self.sqlite { "search_text JOIN search_document d ON d.id = search_text.rowid" } else { "search_document d" }
    }

    fn statement(&self, sql: String) -> Statement {
        let backend = if self.sqlite { DbBackend::Sqlite } else { DbBackend::Postgres };
        Statement::from_sql_and_values(backend, sql, self.values.clone())
    }

    fn count(&self) -> Statement {
        self.statement(format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT 10000) AS matching",
            self.source(),
            self.filters
        ))
    }

    fn select(&self, newest: bool, paging: Paging) -> Statement {
        let (excerpt, best) = if self.sqlite {
            ("snippet(search_text, 1, char(2), char(3), '…', 24)", "bm25(search_text, 4.0, 1.0)")
        } else {
            (
                "ts_headline('simple', left(d.body, 20000), websearch_to_tsquery('simple', $1), \
                 'StartSel=' || chr(2) || ', StopSel=' || chr(3) || ', MaxWords=30, MinWords=12')",
                "ts_rank(d.words, websearch_to_tsquery('simple', $1)) DESC",
            )
        };
        let order = if newest { "d.at DESC" } else { best };
        self.statement(format!(
            "SELECT d.key, d.module, d.kind, d.url, d.title, d.at, COALESCE(NULLIF(u.display_name, ''), u.name, p.name) AS who, \
             {excerpt} AS excerpt FROM {} LEFT JOIN participant p ON p.id = d.participant_id \
             LEFT JOIN \"user\" u ON u.id = p.user_id WHERE {} ORDER BY {order}, d.id DESC LIMIT {} OFFSET {}",
            self.source(), self.filters, paging.size, paging.offset()
        ))
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
