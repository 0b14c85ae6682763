//! The order of a list: its group, its sort, and what changed last.

use crate::catalog::{Catalog, Property};
use crate::filter::Filter;
use crate::kind::Kind;

/// Where a row stands whose link is empty, or to nothing that is known: after all others.
pub(super) const LAST: i64 = 1_000_000;

/// What a list is ordered by, and whether it descends. Behind all keys the newest number comes first.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) by: By,
    pub(super) descends: bool,
}

#[derive(Debug)]
pub(super) enum By {
    Number,
    Title,
    Creation,
    Activity,
    Messages,
    /// The place of what a column links to among these.
    Position {
        slot: usize,
        items: Vec<i64>,
    },
    /// What a column links to, which has no order of its own.
    Slot(usize),
    /// The name of whom a column of the issue names.
    Person {
        column: String,
    },
    /// A property in rows of its own.
    Own {
        property: i64,
        kind: Kind,
    },
}

/// The keys of a list.
pub(super) fn order(catalog: &Catalog, filter: &Filter) -> Vec<Key> {
    let asked = filter.group.iter().chain(&filter.sort);
    let mut keys: Vec<Key> =
        asked.filter_map(|order| Some(Key { by: by(catalog, &order.property)?, descends: order.descends })).collect();
    if filter.sort.is_empty() {
        keys.push(Key { by: By::Activity, descends: true });
    }
    keys
}

fn by(catalog: &Catalog, name: &str) -> Option<By> {
    Some(match name {
        "id" => By::Number,
        "title" => By::Title,
        "creation" => By::Creation,
        "activity" => By::Activity,
        "messages" => By::Messages,
        "creator" | "actor" => By::Person { column: format!("{name}_id") },
        name => {
            let property = catalog.property(name)?;
            match property.slot {
                Some(slot) if property.is_person() => By::Person { column: format!("link{slot}") },
                Some(slot) => position(catalog, property, slot)?,
                None => By::Own { property: property.id, kind: property.kind },
            }
        }
    })
}

/// Statuses and priorities come in the order of their rows.
fn position(catalog: &Catalog, property: &Property, slot: usize) -> Option<By> {
    let items: Vec<i64> = catalog.class(&property.target)?.items.iter().map(|item| item.number).collect();
    Some(if items.is_empty() { By::Slot(slot) } else { By::Position { slot, items } })
}

/// The `ORDER BY` of a list.
pub(super) fn sql(keys: &[Key]) -> String {
    let mut parts: Vec<String> = keys.iter().map(Key::sql).collect();
    parts.push("i.number DESC".into());
    parts.join(", ")
}

impl Key {
    fn sql(&self) -> String {
        let column = match &self.by {
            By::Number => "i.number".into(),
            By::Title => "lower(i.title)".into(),
            By::Creation => "i.created_at".into(),
            By::Activity => "i.activity_at".into(),
            By::Messages => "i.message_count".into(),
            By::Slot(slot) => format!("i.link{slot}"),
            By::Position { slot, items } => {
                let whens: String =
                    items.iter().enumerate().map(|(at, item)| format!(" WHEN {item} THEN {at}")).collect();
                format!("CASE i.link{slot}{whens} ELSE {LAST} END")
            }
            By::Person { column } => {
                let name = format!("(SELECT lower(p.name) FROM participant p WHERE p.id = i.{column})");
                // Every issue has a creator; those without an assignee come last, whichever way.
                if column.starts_with("link") { format!("(i.{column} IS NULL), {name}") } else { name }
            }
            By::Own { property, kind: Kind::Multilink } => of_values("MIN(v.link)", *property, ""),
            By::Own { property, kind: Kind::Text } => of_values("v.text", *property, " LIMIT 1"),
            By::Own { property, .. } => of_values("v.amount", *property, " LIMIT 1"),
        };
        format!("{column}{}", if self.descends { " DESC" } else { "" })
    }
}

fn of_values(what: &str, property: i64, limit: &str) -> String {
    format!("(SELECT {what} FROM tracker_value v WHERE v.issue_id = i.id AND v.property_id = {property}{limit})")
}
