//! Bringing an export of Roundup in: one transaction, all of it or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use kernel::Hub;
use people::ParticipantId;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value as Json, json};
use store::{Tx, blobs};

use super::bulk::{self, Bulk};
use super::infer::Property;
use super::literal::Literal;
use super::table::{Table, read_tables, rows};
use super::{Fault, content_path, io, journal};
use crate::entity::{class, issue, tracker as tracker_row};
use crate::kind::Value;
use crate::tracker::{self, NewProperty};
use crate::{Refusal, TrackerId, body, schema};

mod messages;

/// What came in.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub tracker: String,
    pub issues: u64,
    pub messages: u64,
    pub files: u64,
    pub people: u64,
    pub rows: u64,
    pub history: u64,
}

/// Imports the export in `root` into the tracker `name`, which is made when it is not there and must have no issues.
pub async fn import(hub: &Hub, root: &Path, name: &str) -> Result<Report, Fault> {
    let mut tables = read_tables(root)?;
    let tx = hub.store.write().await?;
    let row = empty_tracker(&tx, name).await?;
    for (position, table) in tables.iter_mut().enumerate() {
        define(&tx, row.id, position, table).await?;
    }
    let mut import = Import {
        tx: &tx,
        root,
        tracker: row.id,
        name: row.name.clone(),
        people: HashMap::new(),
        report: Report::default(),
    };
    import.report.tracker.clone_from(&row.name);
    import.all(&tables).await?;
    let report = import.report;
    tracker::touch_catalog(&tx, row.id).await.map_err(Refusal::from)?;
    jobs::enqueue(
        &tx,
        "IndexTracker",
        &format!("IndexTracker {}", row.name),
        json!({ "tracker": row.name, "after": 0 }),
    )
    .await?;
    tx.commit().await?;
    Ok(report)
}

async fn empty_tracker(tx: &Tx, name: &str) -> Result<tracker_row::Model, Fault> {
    let name = tracker::checked_name(name)?;
    let Some(known) = tracker::by_name(tx, &name).await? else {
        return Ok(tracker::empty(tx, &name, "", "roundup").await?);
    };
    let issues = issue::Entity::find().filter(issue::Column::TrackerId.eq(known.id)).count(tx).await?;
    if issues > 0 {
        return Err(Fault::NotEmpty(name));
    }
    class::Entity::delete_many().filter(class::Column::TrackerId.eq(known.id)).exec(tx).await?;
    Ok(known)
}

async fn define(tx: &Tx, tracker: TrackerId, position: usize, table: &mut Table) -> Result<(), Fault> {
    // Title, status, priority and assignee come first, as the templates have them; the rest in the order of the export.
    let rank =
        |name: &str| ["title", "status", "priority", "assignedto"].iter().position(|known| *known == name).unwrap_or(9);
    let mut sorted: Vec<&Property> = table.properties.iter().collect();
    sorted.sort_by_key(|property| rank(&property.name));
    let labels: Vec<String> = sorted.iter().map(|property| label(&property.name)).collect();
    let properties: Vec<NewProperty<'_>> = sorted
        .iter()
        .zip(&labels)
        .map(|(property, label)| NewProperty {
            name: &property.name,
            label,
            kind: property.kind,
            target: &property.target,
        })
        .collect();
    let names = |wanted: &str| table.properties.iter().any(|property| property.name == wanted);
    let key = ["title", "username", "name", "summary"].into_iter().find(|wanted| names(wanted)).unwrap_or("id");
    let row = tracker::define(tx, tracker, position, (&table.name, table.kind, key), &properties).await?;
    table.id = row.id;
    let highest = rows(table).filter_map(|cells| cells.number().ok()).max().unwrap_or(0);
    let order: Vec<i64> = rows(table).filter_map(|cells| cells.number().ok()).collect();
    let (journal_order, lines) = journal::by_item(&table.journal);
    let known: HashSet<i64> = order.iter().copied().collect();
    let stray: BTreeMap<i64, &String> =
        lines.iter().filter(|(id, _)| !known.contains(id)).map(|(id, text)| (*id, text)).collect();
    let mut model: class::ActiveModel = row.into();
    model.next_number = Set(highest.max(stray.keys().max().copied().unwrap_or(0)) + 1);
    model.kept = Set(Some(
        json!({ "header": table.header, "order": order, "journal": journal_order, "stray": stray }).to_string(),
    ));
    model.update(tx).await?;
    Ok(())
}

fn label(name: &str) -> String {
    match name {
        "assignedto" => "assigned to".into(),
        "nosy" => "nosy list".into(),
        "superseder" => "superseded by".into(),
        "keyword" => "keywords".into(),
        name => name.replace('_', " "),
    }
}

struct Import<'a> {
    tx: &'a Tx,
    root: &'a Path,
    tracker: TrackerId,
    name: String,
    /// Users of Roundup to participants of ours.
    people: HashMap<i64, i64>,
    report: Report,
}

impl Import<'_> {
    async fn all(&mut self, tables: &[Table]) -> Result<(), Fault> {
        let of = |kind: &'static str| tables.iter().filter(move |table| table.kind == kind);
        for table in of("user") {
            self.people(table).await?;
        }
        for table in of("plain") {
            self.items(table).await?;
        }
        for table in of("query") {
            self.queries(table).await?;
        }
        let mut homes = Homes::default();
        for table in of("issue") {
            self.issues(table, &mut homes).await?;
        }
        for table in of("message") {
            self.messages(table, &mut homes).await?;
        }
        for table in of("file") {
            self.files(table, &homes).await?;
        }
        Ok(())
    }

    fn person(&self, cell: &Literal) -> Result<i64, Fault> {
        // What nobody did, Roundup's administrator did.
        let first = || self.people.iter().min_by_key(|(number, _)| **number).map(|(_, id)| id);
        let known = cell.id().and_then(|id| self.people.get(&id)).or_else(first);
        known.copied().ok_or_else(|| Fault::Refusal(Refusal::Other("The export has no users.".into())))
    }

    async fn people(&mut self, table: &Table) -> Result<(), Fault> {
        let (_, mut journal) = journal::by_item(&table.journal);
        let mut taken = HashSet::new();
        let columns = &[
            ("id", "bigint"),
            ("tracker_id", "bigint"),
            ("number", "bigint"),
            ("participant_id", "bigint"),
            ("name", "text"),
            ("is_retired", "boolean"),
            ("kept", "text"),
            ("journal", "text"),
        ];
        let mut bulk = Bulk::begin(self.tx, "tracker_person", columns).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let (user, real) = (cells.text("username")?, cells.text("realname")?);
            let address = cells.text("address")?;
            let shown = if real.trim().is_empty() { user.clone() } else { real };
            let mut id = None;
            if people::participant::is_address(&people::participant::canonical(&address)) {
                id = Some(people::participant::by_address(self.tx, &shown, &address).await?)
                    .filter(|id| taken.insert(*id));
            }
            let id: ParticipantId = match id {
                Some(id) => id,
                // Two users of one address, and those without any, stay two.
                None => {
                    people::participant::by_address(self.tx, &shown, &format!("roundup:{}:user{number}", self.name))
                        .await?
                }
            };
            taken.insert(id);
            self.people.insert(number, id.0);
            let lines = journal.remove(&number).unwrap_or_default();
            bulk.push(
                self.tx,
                vec![
                    self.tracker.0.into(),
                    number.into(),
                    id.0.into(),
                    bulk::text(&user),
                    cells.is_retired().into(),
                    bulk::text(cells.row.raw),
                    bulk::text(&lines),
                ],
            )
            .await?;
            self.report.people += 1;
        }
        Ok(bulk.finish(self.tx).await?)
    }

    async fn items(&mut self, table: &Table) -> Result<(), Fault> {
        let (_, mut journal) = journal::by_item(&table.journal);
        let key =
            ["name", "title", "username"].into_iter().find(|name| table.places.contains_key(*name)).unwrap_or("id");
        let columns = &[
            ("id", "bigint"),
            ("class_id", "bigint"),
            ("number", "bigint"),
            ("name", "text"),
            ("position", "double precision"),
            ("meaning", "text"),
            ("is_retired", "boolean"),
            ("created_at", "timestamptz"),
            ("kept", "text"),
            ("journal", "text"),
        ];
        let mut bulk = Bulk::begin(self.tx, "tracker_item", columns).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let name = cells.text(key)?;
            let position = match cells.get("order")? {
                Literal::Float(n) => n,
                Literal::Int(n) => n as f64,
                _ => number as f64,
            };
            let meaning = if table.name == "status" { schema::meaning_of(&name) } else { "" };
            let lines = journal.remove(&number).unwrap_or_default();
            bulk.push(
                self.tx,
                vec![
                    table.id.into(),
                    number.into(),
                    bulk::text(&name),
                    json!(position),
                    meaning.into(),
                    cells.is_retired().into(),
                    bulk::time(cells.millis("creation")?),
                    bulk::text(cells.row.raw),
                    bulk::text(&lines),
                ],
            )
            .await?;
            self.report.rows += 1;
        }
        Ok(bulk.finish(self.tx).await?)
    }

    async fn queries(&mut self, table: &Table) -> Result<(), Fault> {
        let (_, mut journal) = journal::by_item(&table.journal);
        let columns = &[
            ("id", "bigint"),
            ("tracker_id", "bigint"),
            ("number", "bigint"),
            ("owner_id", "bigint"),
            ("is_private", "boolean"),
            ("name", "text"),
            ("query", "text"),
            ("is_retired", "boolean"),
            ("created_at", "timestamptz"),
            ("kept", "text"),
            ("journal", "text"),
        ];
        let mut bulk = Bulk::begin(self.tx, "tracker_query", columns).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let private = cells.get("private_for")?;
            let owner = self.person(&if private == Literal::None { cells.get("creator")? } else { private.clone() })?;
            let lines = journal.remove(&number).unwrap_or_default();
            bulk.push(
                self.tx,
                vec![
                    self.tracker.0.into(),
                    number.into(),
                    owner.into(),
                    (private != Literal::None).into(),
                    bulk::text(&cells.text("name")?),
                    bulk::text(&cells.text("url")?),
                    cells.is_retired().into(),
                    bulk::time(cells.millis("creation")?),
                    bulk::text(cells.row.raw),
                    bulk::text(&lines),
                ],
            )
            .await?;
            self.report.rows += 1;
        }
        Ok(bulk.finish(self.tx).await?)
    }

    #[allow(clippy::too_many_lines, reason = "a row of Roundup is one thing, read from its first column to its last")]
    async fn issues(&mut self, table: &Table, homes: &mut Homes) -> Result<(), Fault> {
        let properties = self.properties_of(table.id).await?;
        let (_, lines) = journal::by_item(&table.journal);
        let columns = &[
            ("id", "bigint"),
            ("tracker_id", "bigint"),
            ("number", "bigint"),
            ("title", "text"),
            ("link1", "bigint"),
            ("link2", "bigint"),
            ("link3", "bigint"),
            ("link4", "bigint"),
            ("link5", "bigint"),
            ("link6", "bigint"),
            ("creator_id", "bigint"),
            ("created_at", "timestamptz"),
            ("actor_id", "bigint"),
            ("activity_at", "timestamptz"),
            ("is_retired", "boolean"),
            ("message_count", "bigint"),
            ("version", "bigint"),
            ("kept", "text"),
        ];
        let value_columns = &[
            ("id", "bigint"),
            ("issue_id", "bigint"),
            ("property_id", "bigint"),
            ("link", "bigint"),
            ("amount", "double precision"),
            ("text", "text"),
        ];
        let mut issues = Bulk::begin(self.tx, "tracker_issue", columns).await?;
        let mut values = Bulk::begin(self.tx, "tracker_value", value_columns).await?;
        let mut history = Bulk::begin(self.tx, "tracker_history", &HISTORY).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let (mut links, mut now, mut rest) = (vec![Json::Null; 6], BTreeMap::new(), Vec::new());
            for (property, place) in table.properties.iter().filter_map(|p| Some((p, properties.get(&p.name)?))) {
                let value = journal::value(property, &cells.get(&property.name)?, &self.people);
                match (property.name.as_str(), place.slot) {
                    ("messages" | "files", _) => continue,
                    ("title", _) => {}
                    (_, Some(slot)) => links[slot - 1] = value.ids().first().map_or(Json::Null, |id| (*id).into()),
                    (_, None) => rest.push((place.id, value.clone())),
                }
                now.insert(property.name.clone(), value);
            }
            let messages = cells.get("messages")?.ids();
            let mut row = vec![self.tracker.0.into(), number.into(), bulk::text(&cells.text("title")?)];
            row.append(&mut links);
            row.extend([
                self.person(&cells.get("creator")?)?.into(),
                bulk::time(cells.millis("creation")?),
                self.person(&cells.get("actor")?)?.into(),
                bulk::time(cells.millis("activity")?),
                cells.is_retired().into(),
                messages.len().into(),
                1.into(),
                bulk::text(cells.row.raw),
            ]);
            // The issue's row must stand before those that refer to it.
            let id = issues.next_id();
            issues.push(self.tx, row).await?;
            homes.issue(id, &messages, &cells.get("files")?.ids());
            for (property, value) in rest {
                for cells in value_cells(&value) {
                    let mut row = vec![id.into(), property.into()];
                    row.extend(cells);
                    homes.values.push(row);
                }
            }
            if let Some(lines) = lines.get(&number) {
                self.history(table, id, lines, now, homes)?;
            }
            self.report.issues += 1;
            if homes.history.len() > 4_000 {
                issues.flush(self.tx).await?;
                homes.drain(self.tx, &mut values, &mut history).await?;
            }
        }
        issues.finish(self.tx).await?;
        homes.drain(self.tx, &mut values, &mut history).await?;
        values.finish(self.tx).await?;
        Ok(history.finish(self.tx).await?)
    }

    /// The history of one issue, with what each property became.
    fn history(
        &mut self,
        table: &Table,
        id: i64,
        lines: &str,
        mut now: BTreeMap<String, Value>,
        homes: &mut Homes,
    ) -> Result<(), Fault> {
        let fault = |(row, why)| Fault::Row { file: format!("{}-journals.csv", table.name), row, why };
        let lines: Vec<journal::Line<'_>> = journal::lines(lines).collect::<Result<_, _>>().map_err(fault)?;
        let mut told = Vec::with_capacity(lines.len());
        for line in lines.iter().rev() {
            let (deltas, message) = match line.action.as_str() {
                "set" => journal::undo(&line.params, &mut now, &table.properties, &self.people),
                _ => (vec![], None),
            };
            let by = self.person(&line.user.map_or(Literal::None, Literal::of_id))?;
            let changes = serde_json::to_string(&deltas).unwrap_or_else(|_| "[]".into());
            told.push(vec![
                id.into(),
                bulk::time(line.millis),
                by.into(),
                line.action.as_str().into(),
                "import".into(),
                message.map_or(Json::Null, Json::from),
                bulk::text(&changes),
                bulk::text(line.raw),
            ]);
        }
        self.report.history += told.len() as u64;
        homes.history.extend(told.into_iter().rev());
        Ok(())
    }

    async fn properties_of(&self, class: i64) -> Result<HashMap<String, crate::catalog::Property>, Fault> {
        use crate::entity::property;
        let rows = property::Entity::find().filter(property::Column::ClassId.eq(class)).all(self.tx).await?;
        Ok(rows.iter().map(|row| (row.name.clone(), crate::catalog::Property::from(row))).collect())
    }
}

const HISTORY: [(&str, &str); 9] = [
    ("id", "bigint"),
    ("issue_id", "bigint"),
    ("at", "timestamptz"),
    ("participant_id", "bigint"),
    ("action", "text"),
    ("source", "text"),
    ("message_number", "bigint"),
    ("changes", "text"),
    ("kept", "text"),
];

/// Where messages and files belong, and rows that wait until their issue stands.
#[derive(Default)]
struct Homes {
    issue_of_message: HashMap<i64, i64>,
    issue_of_file: HashMap<i64, i64>,
    message_of_file: HashMap<i64, i64>,
    values: Vec<Vec<Json>>,
    history: Vec<Vec<Json>>,
}

impl Homes {
    fn issue(&mut self, id: i64, messages: &[i64], files: &[i64]) {
        for message in messages {
            self.issue_of_message.entry(*message).or_insert(id);
        }
        for file in files {
            self.issue_of_file.entry(*file).or_insert(id);
        }
    }

    async fn drain(&mut self, tx: &Tx, values: &mut Bulk, history: &mut Bulk) -> Result<(), Fault> {
        for row in self.values.drain(..) {
            values.push(tx, row).await?;
        }
        for row in self.history.drain(..) {
            history.push(tx, row).await?;
        }
        Ok(())
    }
}

/// Link, amount and text of each row that a value takes.
fn value_cells(value: &Value) -> Vec<[Json; 3]> {
    let null = Json::Null;
    match value {
        Value::Empty => vec![],
        Value::Text(words) => vec![[null.clone(), null, bulk::text(words)]],
        Value::Number(number) => vec![[null.clone(), json!(number), null]],
        Value::Boolean(yes) => vec![[null.clone(), json!(f64::from(u8::from(*yes))), null]],
        Value::Date(millis) => vec![[null.clone(), json!(*millis as f64), null]],
        Value::Interval(span) => vec![[null, json!(span.seconds()), span.to_string().into()]],
        Value::Link(_) | Value::Links(_) => {
            value.ids().iter().map(|id| [(*id).into(), Json::Null, Json::Null]).collect()
        }
    }
}
