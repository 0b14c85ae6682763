//! Reads of one issue and what belongs to it.

use std::collections::{BTreeMap, HashMap};

use people::{Participant, ParticipantId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::Tuples;

use crate::IssueId;
use crate::catalog::{Catalog, Property};
use crate::change::Delta;
use crate::entity::{file, history, issue, message, value};
use crate::issue::{Issue, link_mut};
use crate::kind::{Interval, Kind, Value};

/// The issue of a number, retired or not, with its properties.
pub async fn issue(conn: &impl ConnectionTrait, catalog: &Catalog, number: i64) -> Result<Option<Issue>, DbErr> {
    let row = issue::Entity::find()
        .filter(issue::Column::TrackerId.eq(catalog.tracker.id))
        .filter(issue::Column::Number.eq(number))
        .one(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(with_values(conn, catalog, vec![row]).await?.pop())
}

/// The issues of these numbers that there are, with their properties.
pub async fn issues(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    numbers: impl IntoIterator<Item = i64>,
) -> Result<Vec<Issue>, DbErr> {
    let rows = issue::Entity::find()
        .filter(issue::Column::TrackerId.eq(catalog.tracker.id))
        .filter(issue::Column::Number.is_in(numbers))
        .all(conn)
        .await?;
    with_values(conn, catalog, rows).await
}

/// The issue of an id.
pub async fn issue_by_id(conn: &impl ConnectionTrait, catalog: &Catalog, id: IssueId) -> Result<Option<Issue>, DbErr> {
    let Some(row) = issue::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
    Ok(with_values(conn, catalog, vec![row]).await?.pop())
}

/// These issues with their properties, in two queries however many there are.
pub async fn with_values(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    rows: Vec<issue::Model>,
) -> Result<Vec<Issue>, DbErr> {
    let values = value::Entity::find()
        .filter(value::Column::IssueId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(value::Column::Id)
        .all(conn)
        .await?;
    let mut by_issue: HashMap<IssueId, Vec<value::Model>> = HashMap::new();
    for row in values {
        by_issue.entry(row.issue_id).or_default().push(row);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = by_issue.remove(&row.id).unwrap_or_default();
            Issue { values: values_of(catalog, &row, &own), row }
        })
        .collect())
}

fn values_of(catalog: &Catalog, row: &issue::Model, rows: &[value::Model]) -> BTreeMap<String, Value> {
    let mut row = row.clone();
    let properties = catalog.issue().properties.iter().filter(|property| property.is_settable());
    let value = |property: &Property| match property.slot {
        Some(slot) => link_mut(&mut row, slot).map(Value::Link).unwrap_or_default(),
        None => from_rows(property, rows.iter().filter(|row| row.property_id == property.id)),
    };
    let named = properties.clone().map(|property| property.name.clone());
    named.zip(properties.map(value)).filter(|(_, value)| *value != Value::Empty).collect()
}

pub(crate) fn from_rows<'a>(property: &Property, mut rows: impl Iterator<Item = &'a value::Model>) -> Value {
    if property.kind == Kind::Multilink {
        return Value::links(rows.filter_map(|row| row.link).collect());
    }
    let Some(row) = rows.next() else { return Value::Empty };
    let value = match property.kind {
        Kind::Text => row.text.clone().map(Value::Text),
        Kind::Integer | Kind::Number => row.amount.map(Value::Number),
        Kind::Boolean => row.amount.map(|amount| Value::Boolean(amount != 0.0)),
        Kind::Date => row.amount.map(|amount| Value::Date(amount as i64)),
        Kind::Interval => row.text.as_deref().and_then(Interval::parse).map(Value::Interval),
        Kind::Link | Kind::Multilink => row.link.map(Value::Link),
    };
    value.unwrap_or_default()
}

/// The messages of an issue, oldest first.
pub async fn messages(conn: &impl ConnectionTrait, issue: IssueId) -> Result<Vec<message::Model>, DbErr> {
    messages_of(conn, &[issue]).await
}

/// The messages of issues, oldest first.
pub async fn messages_of(conn: &impl ConnectionTrait, issues: &[IssueId]) -> Result<Vec<message::Model>, DbErr> {
    message::Entity::find()
        .filter(message::Column::IssueId.is_in(issues.iter().copied()))
        .filter(message::Column::IsRetired.eq(false))
        .order_by_asc(message::Column::Number)
        .all(conn)
        .await
}

/// A message of a tracker by its number.
pub async fn message(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    number: i64,
) -> Result<Option<message::Model>, DbErr> {
    Ok(messages_numbered(conn, catalog, [number]).await?.pop())
}

/// The messages of a tracker with these numbers.
pub async fn messages_numbered(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    numbers: impl IntoIterator<Item = i64>,
) -> Result<Vec<message::Model>, DbErr> {
    message::Entity::find()
        .filter(message::Column::TrackerId.eq(catalog.tracker.id))
        .filter(message::Column::Number.is_in(numbers))
        .all(conn)
        .await
}

/// The files of an issue, oldest first.
pub async fn files(conn: &impl ConnectionTrait, issue: IssueId) -> Result<Vec<file::Model>, DbErr> {
    files_of(conn, &[issue]).await
}

/// The files of issues, oldest first.
pub async fn files_of(conn: &impl ConnectionTrait, issues: &[IssueId]) -> Result<Vec<file::Model>, DbErr> {
    file::Entity::find()
        .filter(file::Column::IssueId.is_in(issues.iter().copied()))
        .filter(file::Column::IsRetired.eq(false))
        .order_by_asc(file::Column::Number)
        .all(conn)
        .await
}

/// A file of a tracker by its number.
pub async fn file(conn: &impl ConnectionTrait, catalog: &Catalog, number: i64) -> Result<Option<file::Model>, DbErr> {
    file::Entity::find()
        .filter(file::Column::TrackerId.eq(catalog.tracker.id))
        .filter(file::Column::Number.eq(number))
        .one(conn)
        .await
}

/// The history of an issue, oldest first; at most the first 2,000 entries.
pub async fn history(conn: &impl ConnectionTrait, issue: IssueId) -> Result<Vec<history::Model>, DbErr> {
    history::Entity::find()
        .filter(history::Column::IssueId.eq(issue))
        .order_by_asc(history::Column::Id)
        .limit(2000)
        .all(conn)
        .await
}

/// The number of the issue that an id names.
pub async fn number_of(conn: &impl ConnectionTrait, id: IssueId) -> Result<Option<i64>, DbErr> {
    issue::Entity::find_by_id(id).select_only().column(issue::Column::Number).tuples().one(conn).await
}

/// The numbers and titles of issues, for links between them.
pub async fn titles(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    numbers: &[i64],
) -> Result<HashMap<i64, String>, DbErr> {
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = issue::Entity::find()
        .select_only()
        .columns([issue::Column::Number, issue::Column::Title])
        .filter(issue::Column::TrackerId.eq(catalog.tracker.id))
        .filter(issue::Column::Number.is_in(numbers.iter().copied()))
        .tuples()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The issues that are superseded by this one or depend on it: whatever links to it, with the property that does.
pub async fn linking_here(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    number: i64,
) -> Result<Vec<(i64, i64, String)>, DbErr> {
    let links: Vec<i64> = catalog
        .issue()
        .properties
        .iter()
        .filter(|property| property.slot.is_none() && property.target == catalog.issue().name)
        .map(|property| property.id)
        .collect();
    if links.is_empty() {
        return Ok(vec![]);
    }
    value::Entity::find()
        .select_only()
        .column(value::Column::PropertyId)
        .column(issue::Column::Number)
        .column(issue::Column::Title)
        .join(
            sea_orm::JoinType::InnerJoin,
            value::Entity::belongs_to(issue::Entity).from(value::Column::IssueId).to(issue::Column::Id).into(),
        )
        .filter(value::Column::PropertyId.is_in(links))
        .filter(value::Column::Link.eq(number))
        .filter(issue::Column::IsRetired.eq(false))
        .order_by_asc(issue::Column::Number)
        .limit(100)
        .tuples()
        .all(conn)
        .await
}

/// The participants that values and deltas name.
pub fn people_in<'a>(catalog: &'a Catalog, deltas: impl IntoIterator<Item = &'a Delta>) -> Vec<ParticipantId> {
    let mut ids = Vec::new();
    for delta in deltas {
        let Some(property) = catalog.property(&delta.property).filter(|property| property.is_person()) else {
            continue;
        };
        for text in [&delta.from, &delta.to] {
            ids.extend(Value::from_stored(property.kind, text).ids().iter().map(|id| ParticipantId(*id)));
        }
    }
    ids
}

/// A value as people read it.
pub fn shown(
    catalog: &Catalog,
    property: &Property,
    value: &Value,
    people: &HashMap<ParticipantId, Participant>,
) -> String {
    if !property.is_link() {
        return value.shown();
    }
    let name = |id: &i64| match () {
        () if property.is_person() => {
            people.get(&ParticipantId(*id)).map_or_else(|| id.to_string(), |person| person.name.clone())
        }
        () if property.target == catalog.issue().name => format!("#{id}"),
        () => catalog.item_name(property, *id).map_or_else(|| id.to_string(), str::to_owned),
    };
    value.ids().iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Deltas as the journal tells them: words, not numbers.
pub async fn changes_in_words(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    deltas: &[Delta],
) -> Result<Vec<journal::Change>, DbErr> {
    let people = people::participant::shown(conn, people_in(catalog, deltas)).await?;
    Ok(deltas.iter().map(|delta| in_words(catalog, delta, &people)).collect())
}

/// One delta in words.
pub fn in_words(catalog: &Catalog, delta: &Delta, people: &HashMap<ParticipantId, Participant>) -> journal::Change {
    let Some(property) = catalog.property(&delta.property) else {
        return journal::Change { property: delta.property.clone(), from: delta.from.clone(), to: delta.to.clone() };
    };
    let word = |text: &str| shown(catalog, property, &Value::from_stored(property.kind, text), people);
    journal::Change { property: property.name.clone(), from: word(&delta.from), to: word(&delta.to) }
}
