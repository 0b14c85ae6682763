//! What a list is filtered by, as the conditions of its statements.

use chrono::{DateTime, Utc};
use people::Actor;
use sea_orm::{ConnectionTrait, DbErr, Value as Bound};

use super::BUILT_IN;
use super::span::{amounts, millis, times};
use crate::catalog::{Catalog, Property};
use crate::filter::{Filter, Term};
use crate::input;
use crate::kind::Kind;

/// What `state` may be: of an issue it is what its status means.
const STATES: [&str; 5] = ["open", "active", "waiting", "done", "all"];

/// The conditions of a list, with what is bound to their places, and what could not be read of them.
pub(super) struct Sql {
    pub(super) filters: String,
    pub(super) values: Vec<Bound>,
    pub(super) complaints: Vec<String>,
}

impl Sql {
    pub(super) async fn of(
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
}

fn retired_is(filter: &Filter, wanted: bool) -> bool {
    filter.of("retired").next().is_some() == wanted
}
