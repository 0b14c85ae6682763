//! What a list is asked for, with every name resolved: the conditions of its issues and their order. The database is asked
//! for it in [`super::sql`], what is held in memory in [`super::columns`].

use chrono::{DateTime, Utc};
use people::Actor;
use sea_orm::{ConnectionTrait, DbErr};

use super::BUILT_IN;
use super::order::{Key, order};
use super::span::{Ends, amounts, millis, times};
use crate::catalog::{Catalog, Property};
use crate::filter::{Filter, Term};
use crate::input;
use crate::kind::Kind;

/// What `state` may be: of an issue it is what its status means.
const STATES: [&str; 5] = ["open", "active", "waiting", "done", "all"];

/// A list as it is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) is_retired: bool,
    /// All of them hold.
    pub(super) conditions: Vec<Condition>,
    pub(super) order: Vec<Key>,
    /// What could not be read, as sentences.
    pub(super) complaints: Vec<String>,
}

/// What an issue of a list is, or when `is_negated` is not.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) test: Test,
    pub(super) is_negated: bool,
}

#[derive(Debug)]
pub(super) enum Test {
    /// It links to one of these, or to nothing.
    Links { field: Field, any: Vec<i64>, or_none: bool },
    /// Its number is one of these.
    Number(Vec<i64>),
    /// A time of it is in one of these ranges, of which the end is exclusive.
    Time { moment: Moment, ranges: Vec<Ends<DateTime<Utc>>> },
    /// It has so many messages.
    Messages(Vec<Ends<f64>>),
    /// A property of its own, of this id, is in one of these ranges.
    Amount { property: i64, ranges: Vec<Ends<f64>> },
    /// Its title, or a property of its own, of this id, has one of these in it, in any case.
    Text { property: Option<i64>, any: Vec<String> },
    /// Its title, messages or text files match these words.
    Words(String),
}

/// What links an issue to rows and people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Creator,
    Actor,
    /// A column of the issue, from 1.
    Slot(usize),
    /// Rows of their own, of the property of this id.
    Property(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Creation,
    Activity,
}

impl Asked {
    pub(super) async fn of(
        conn: &impl ConnectionTrait,
        catalog: &Catalog,
        actor: &Actor,
        filter: &Filter,
        now: DateTime<Utc>,
    ) -> Result<Self, DbErr> {
        let is_retired =
            filter.of("retired").any(|term| !term.negated && term.values.iter().any(|v| v == "yes" || v == "1"));
        let mut asked = Self { is_retired, conditions: vec![], order: order(catalog, filter), complaints: vec![] };
        let chosen = filter.of("state").chain(filter.of("status")).chain(filter.of("retired")).next().is_some();
        if !chosen && filter.text.is_empty() {
            asked.state(catalog, &["open".to_owned()]);
        }
        for term in &filter.terms {
            asked.term(conn, catalog, actor, term, now).await?;
        }
        if !filter.unknown.is_empty() {
            asked.unknown(catalog, &filter.unknown);
        }
        if search::has_words(&filter.text) {
            asked.and(Test::Words(filter.text.clone()), false);
        } else if !filter.text.is_empty() {
            asked.complaints.push("There is no word to look for in what you typed.".into());
        }
        Ok(asked)
    }

    /// The words that its issues match.
    pub(super) fn words(&self) -> Option<&str> {
        self.conditions.iter().find_map(|condition| match &condition.test {
            Test::Words(words) => Some(words.as_str()),
            _ => None,
        })
    }

    fn and(&mut self, test: Test, is_negated: bool) {
        self.conditions.push(Condition { test, is_negated });
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
        let numbers = class.items.iter().map(|item| item.number);
        let any = numbers.filter(|number| wanted(catalog.meaning(Some(*number)))).collect();
        self.and(Test::Links { field: Field::Slot(slot), any, or_none: wanted("open") }, false);
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
                let ids = term.values.iter().filter_map(|v| v.trim_start_matches('#').parse().ok()).collect();
                self.and(Test::Number(ids), term.negated);
            }
            "title" => self.and(Test::Text { property: None, any: term.values.clone() }, term.negated),
            "creation" => self.time(Moment::Creation, term, now),
            "activity" => self.time(Moment::Activity, term, now),
            "messages" => {
                let ranges = self.ranges(Kind::Number, term, now);
                if !ranges.is_empty() {
                    self.and(Test::Messages(ranges), term.negated);
                }
            }
            "creator" | "actor" => {
                let (any, unknown) = input::people(conn, actor, &term.values).await?;
                self.complaints.extend(unknown.iter().map(|word| format!("creator: there is no {word}.")));
                let field = if term.property == "creator" { Field::Creator } else { Field::Actor };
                self.and(Test::Links { field, any, or_none: false }, term.negated);
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
            if property.kind == Kind::Text {
                self.and(Test::Text { property: Some(property.id), any: term.values.clone() }, term.negated);
                return Ok(());
            }
            let ranges = self.ranges(property.kind, term, now);
            if !ranges.is_empty() {
                self.and(Test::Amount { property: property.id, ranges }, term.negated);
            }
            return Ok(());
        }
        let or_none = term.values.iter().any(|value| value == "-1");
        let named: Vec<String> = term.values.iter().filter(|value| *value != "-1").cloned().collect();
        let (any, unknown) = match property.is_person() {
            true => input::people(conn, actor, &named).await?,
            false => input::items(catalog, property, &named),
        };
        self.complaints.extend(unknown.iter().map(|word| input::no_such(catalog, property, word)));
        let field = property.slot.map_or(Field::Property(property.id), Field::Slot);
        self.and(Test::Links { field, any, or_none }, term.negated);
        Ok(())
    }

    fn time(&mut self, moment: Moment, term: &Term, now: DateTime<Utc>) {
        let mut ranges = Vec::new();
        for value in &term.values {
            match times(value, now) {
                Some(ends) => ranges.push(ends),
                None => self.complaints.push(format!("{}: {value} is not a date or a range of dates.", term.property)),
            }
        }
        if !ranges.is_empty() {
            self.and(Test::Time { moment, ranges }, term.negated);
        }
    }

    fn ranges(&mut self, kind: Kind, term: &Term, now: DateTime<Utc>) -> Vec<Ends<f64>> {
        let mut ranges = Vec::new();
        for value in &term.values {
            let ends = match kind {
                Kind::Date => times(value, now).map(|(from, to)| (from.map(millis), to.map(|at| millis(at) - 1.0))),
                _ => amounts(kind, value, now),
            };
            match ends {
                Some(ends) => ranges.push(ends),
                None => self.complaints.push(format!("{}: {value} cannot be read.", term.property)),
            }
        }
        ranges
    }
}
