//! Lists that the database finds: [`Asked`] as SQL.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value as Bound};
use store::{Page, Paging};

use super::asked::{Asked, Condition, Field, Moment, Test};
use super::span::Ends;
use super::{COLUMNS, Row, order, rows};
use crate::catalog::Catalog;
use crate::index;

/// The conditions and the order of a list, with what is bound to their places.
pub(super) struct Sql {
    backend: DbBackend,
    filters: String,
    order: String,
    values: Vec<Bound>,
    has_words: bool,
}

impl Sql {
    pub(super) fn of(backend: DbBackend, catalog: &Catalog, asked: &Asked) -> Self {
        let (filters, order) = (String::new(), order::sql(&asked.order));
        let mut sql = Self { backend, filters, order, values: vec![], has_words: false };
        let tracker = sql.bind(catalog.tracker.id.0);
        let retired = sql.bind(asked.is_retired);
        sql.filters = format!("i.tracker_id = {tracker} AND i.is_retired = {retired}");
        for condition in &asked.conditions {
            sql.condition(catalog, condition);
        }
        sql
    }

    /// A page of the list with how many issues there are, counted as far as [`store::count`] does.
    pub(super) async fn page(&self, conn: &impl ConnectionTrait, paging: Paging) -> Result<Page<Row>, DbErr> {
        // What matches words is looked up once, for the rows and for their number: it costs more than all else.
        let number = if self.has_words { ", COUNT(*) OVER () AS total" } else { "" };
        let found = self.select(conn, &format!("{COLUMNS}{number}"), paging.size, paging.offset()).await?;
        let rows = rows(&found)?;
        let told = found.first().filter(|_| self.has_words).map(|row| row.try_get::<i64>("", "total")).transpose()?;
        let total = match told {
            Some(total) => total as u64,
            None if (rows.len() as u64) < paging.size && (paging.number == 1 || !rows.is_empty()) => {
                paging.offset() + rows.len() as u64
            }
            None => self.count(conn).await?,
        };
        Ok(Page::new(rows, paging, total))
    }

    /// These columns of the list's rows, in its order.
    pub(super) async fn select(
        &self,
        conn: &impl ConnectionTrait,
        columns: &str,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let select = format!(
            "SELECT {columns} FROM tracker_issue i WHERE {} ORDER BY {} LIMIT {limit} OFFSET {offset}",
            self.filters, self.order,
        );
        conn.query_all_raw(Statement::from_sql_and_values(self.backend, select, self.values.clone())).await
    }

    async fn count(&self, conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let count = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM tracker_issue i WHERE {} LIMIT {}) AS counted",
            self.filters,
            store::COUNTED
        );
        let count = Statement::from_sql_and_values(self.backend, count, self.values.clone());
        let row = conn.query_one_raw(count).await?;
        Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0) as u64)
    }

    fn bind(&mut self, value: impl Into<Bound>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn condition(&mut self, catalog: &Catalog, Condition { test, is_negated }: &Condition) {
        let mut is_negated = *is_negated;
        let condition = match test {
            Test::Links { field, any, or_none } => links(*field, any, *or_none, is_negated),
            Test::Number(numbers) => format!("i.number IN ({})", list(numbers)),
            Test::Time { moment: Moment::Creation, ranges } => self.within("i.created_at", "<", ranges),
            Test::Time { moment: Moment::Activity, ranges } => self.within("i.activity_at", "<", ranges),
            Test::Messages(ranges) => self.within("i.message_count", "<=", ranges),
            Test::Amount { property, ranges } => {
                // Negated, an issue has another amount; one that has none is not among them.
                let not = if std::mem::take(&mut is_negated) { "NOT " } else { "" };
                let within = self.within("amount", "<=", ranges);
                format!("i.id IN ({} AND {not}({within}))", issues_with(*property))
            }
            Test::Text { property: None, any } => self.like("i.title", any),
            Test::Text { property: Some(property), any } => {
                let like = self.like("text", any);
                format!("i.id IN ({} AND ({like}))", issues_with(*property))
            }
            Test::Words(words) => {
                let (prefix, bound) = (index::prefix(catalog), self.values.len());
                let Some((numbers, values)) = search::numbers_matching(self.backend, words, &prefix, bound) else {
                    return;
                };
                self.values.extend(values);
                self.has_words = true;
                format!("i.number IN ({numbers})")
            }
        };
        self.filters.push_str(if is_negated { " AND NOT (" } else { " AND (" });
        self.filters.push_str(&condition);
        self.filters.push(')');
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

    /// In one of the ranges, of which the end is compared with `end`.
    fn within<T: Copy + Into<Bound>>(&mut self, column: &str, end: &str, ranges: &[Ends<T>]) -> String {
        let mut parts = Vec::new();
        for (from, to) in ranges {
            let from = from.map(|from| format!("{column} >= {}", self.bind(from)));
            let to = to.map(|to| format!("{column} {end} {}", self.bind(to)));
            let both: Vec<String> = from.into_iter().chain(to).collect();
            parts.push(if both.is_empty() { "1 = 1".to_owned() } else { format!("({})", both.join(" AND ")) });
        }
        parts.join(" OR ")
    }
}

fn links(field: Field, any: &[i64], or_none: bool, is_negated: bool) -> String {
    let any = list(any);
    let column = match field {
        Field::Creator => "i.creator_id".into(),
        Field::Actor => "i.actor_id".into(),
        Field::Slot(slot) => format!("i.link{slot}"),
        Field::Property(property) => {
            let having = issues_with(property);
            let none = if or_none { format!("i.id NOT IN ({having}) OR ") } else { String::new() };
            return format!("{none}i.id IN ({having} AND link IN ({any}))");
        }
    };
    match (or_none, is_negated) {
        (true, _) => format!("{column} IS NULL OR {column} IN ({any})"),
        (false, false) => format!("{column} IN ({any})"),
        // A row without a value is not one of them, so it is among the others.
        (false, true) => format!("COALESCE({column}, -1) IN ({any}) AND {column} IN ({any})"),
    }
}

fn issues_with(property: i64) -> String {
    format!("SELECT issue_id FROM tracker_value WHERE property_id = {property}")
}

/// Numbers, so that they may stand in the text as they are; no row has the number -2.
fn list(ids: &[i64]) -> String {
    if ids.is_empty() {
        return "-2".into();
    }
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
