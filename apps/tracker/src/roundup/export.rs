//! Writing a tracker as `roundup-admin export` does, for Roundup's own `import` to read.
//!
//! A row that came from Roundup and still says the same goes out as it came; what changed here, and what was made
//! here, is written anew.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use kernel::Hub;
use people::{Participant, ParticipantId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use store::{BlobId, Tx, blobs};

use super::infer::BUILT_IN;
use super::literal::Literal;
use super::{Fault, content_path, csv, io};
use crate::catalog::{Catalog, Catalogs, Class};
use crate::change::Delta;
use crate::entity::{class, file, history, issue, item, message, person, query as saved};
use crate::issue::Issue;
use crate::kind::{Kind, Value};
use crate::{IssueId, Refusal, query};

/// Issues that are read at a time.
const BATCH: u64 = 500;

/// What an import noted of a class.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    header: Vec<String>,
    order: Vec<i64>,
    journal: Vec<i64>,
    stray: BTreeMap<i64, String>,
}

/// A row on its way out.
struct Out {
    number: i64,
    /// What the rows of a class with a key are sorted by.
    key: String,
    is_retired: bool,
    /// The whole line, without its end.
    line: String,
    /// The lines of its journal, each with its end.
    journal: String,
}

/// Exports the tracker `name` into the directory `root`; gives the number of issues.
pub async fn export(hub: &Hub, root: &Path, name: &str) -> Result<u64, Fault> {
    std::fs::create_dir_all(root).map_err(io(root))?;
    let tx = hub.store.write().await?;
    let catalogs = Catalogs::new(name, &hub.settings.mail_domain);
    let catalog = catalogs.named(&tx, name).await?.ok_or_else(|| Refusal::NoTracker(name.to_owned()))?;
    let people = number_people(&tx, &catalog).await?;
    let export = Export { tx: &tx, root, catalog: &catalog, people };
    let mut issues = 0;
    for class in &catalog.classes {
        let rows = match class.kind.as_str() {
            "issue" => export.issues(class).await?,
            "message" => export.messages(class).await?,
            "file" => export.files(class).await?,
            "query" => export.queries(class).await?,
            "user" => export.people(class).await?,
            _ => export.items(class).await?,
        };
        if class.kind == "issue" {
            issues = rows.len() as u64;
        }
        export.write(class, rows).await?;
    }
    // The numbers that people were given stay theirs.
    tx.commit().await?;
    Ok(issues)
}

/// Gives a number to everybody who did something in the tracker and has none.
async fn number_people(tx: &Tx, catalog: &Catalog) -> Result<HashMap<i64, i64>, Fault> {
    let tracker = catalog.tracker.id;
    let known = person::Entity::find().filter(person::Column::TrackerId.eq(tracker)).all(tx).await?;
    let mut people: HashMap<i64, i64> = known.iter().map(|row| (row.participant_id.0, row.number)).collect();
    // Roundup keeps 1 for admin and 2 for anonymous.
    let mut next = known.iter().map(|row| row.number).max().unwrap_or(2).max(2) + 1;
    let links: Vec<String> = catalog
        .issue()
        .properties
        .iter()
        .filter(|property| property.is_person())
        .map(|property| match property.slot {
            Some(slot) => format!("SELECT link{slot} FROM tracker_issue WHERE tracker_id = $1"),
            None => format!("SELECT link FROM tracker_value WHERE property_id = {}", property.id),
        })
        .collect();
    let others = [
        "SELECT creator_id FROM tracker_issue WHERE tracker_id = $1",
        "SELECT actor_id FROM tracker_issue WHERE tracker_id = $1",
        "SELECT author_id FROM tracker_message WHERE tracker_id = $1",
        "SELECT creator_id FROM tracker_file WHERE tracker_id = $1",
        "SELECT owner_id FROM tracker_query WHERE tracker_id = $1",
        "SELECT h.participant_id FROM tracker_history h JOIN tracker_issue i ON i.id = h.issue_id WHERE i.tracker_id = $1",
    ];
    let sql: Vec<&str> = others.into_iter().chain(links.iter().map(String::as_str)).collect();
    let sql = format!("SELECT DISTINCT p FROM ({}) AS all_of (p) WHERE p IS NOT NULL ORDER BY p", sql.join(" UNION "));
    let sql = if tx.get_database_backend() == sea_orm::DbBackend::Sqlite {
        sql.replace(" AS all_of (p) ", " ").replacen("SELECT DISTINCT p FROM (SELECT creator_id FROM", "SELECT DISTINCT p FROM (SELECT creator_id AS p FROM", 1)
    } else {
        sql
    };
    let statement = sea_orm::Statement::from_sql_and_values(tx.get_database_backend(), sql, [tracker.0.into()]);
    let found: Vec<i64> =
        tx.query_all_raw(statement).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let new: Vec<i64> = found.into_iter().filter(|id| !people.contains_key(id)).collect();
    let shown = people::participant::shown(tx, new.iter().map(|id| ParticipantId(*id))).await?;
    for id in new {
        let known = shown.get(&ParticipantId(id));
        let name = known.and_then(|person| person.user.clone()).unwrap_or_else(|| format!("guest{next}"));
        let row = person::ActiveModel {
            tracker_id: sea_orm::ActiveValue::Set(tracker),
            number: sea_orm::ActiveValue::Set(next),
            participant_id: sea_orm::ActiveValue::Set(ParticipantId(id)),
            name: sea_orm::ActiveValue::Set(name),
            is_retired: sea_orm::ActiveValue::Set(false),
            kept: sea_orm::ActiveValue::Set(String::new()),
            journal: sea_orm::ActiveValue::Set(String::new()),
            ..Default::default()
        };
        person::Entity::insert(row).exec_without_returning(tx).await?;
        people.insert(id, next);
        next += 1;
    }
    Ok(people)
}

struct Export<'a> {
    tx: &'a Tx,
    root: &'a Path,
    catalog: &'a Catalog,
    /// Participants to users of Roundup.
    people: HashMap<i64, i64>,
}

fn millis(at: DateTime<Utc>) -> Literal {
    Literal::of_millis(at.timestamp_millis())
}

fn text_or_none(text: &str) -> Literal {
    if text.is_empty() { Literal::None } else { Literal::Text(text.to_owned()) }
}

/// The header of a class that was not imported.
fn own_header(class: &Class) -> Vec<String> {
    let mut names: Vec<String> = class.properties.iter().map(|property| property.name.clone()).collect();
    names.extend(BUILT_IN.map(str::to_owned));
    names.sort();
    names.dedup();
    names.push("is retired".into());
    names
}

fn create_line(number: i64, at: DateTime<Utc>, by: i64) -> String {
    journal_line(number, at, by, "create", &Literal::Dict(vec![]))
}

fn journal_line(number: i64, at: DateTime<Utc>, by: i64, action: &str, params: &Literal) -> String {
    let cells = [Literal::of_id(number), millis(at), Literal::of_id(by), Literal::Text(action.to_owned()), params.clone()];
    csv::write(&cells.map(|cell| cell.to_string())) + "\n"
}

impl Export<'_> {
    fn user(&self, id: ParticipantId) -> i64 {
        self.people.get(&id.0).copied().unwrap_or(1)
    }

    async fn kept(&self, class: &Class) -> Result<Kept, Fault> {
        let row = class::Entity::find_by_id(class.id).one(self.tx).await?;
        let kept = row.and_then(|row| row.kept).and_then(|kept| serde_json::from_str(&kept).ok());
        Ok(kept.unwrap_or_default())
    }

    /// A line from its cells, in the order of the header; where the imported line says the same, in its words.
    fn line(&self, header: &[String], cells: &BTreeMap<String, Literal>, kept: &str) -> String {
        let old = csv::rows(kept).next();
        let fields: Vec<String> = header
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let old = old.as_ref().and_then(|row| row.fields.get(at)).map(|field| field.to_string());
                match (cells.get(name), old) {
                    (None, old) => old.unwrap_or_else(|| "None".into()),
                    (Some(new), Some(old)) if Literal::read(&old).is_ok_and(|old| same(&old, new)) => old,
                    (Some(new), _) => new.to_string(),
                }
            })
            .collect();
        csv::write(&fields)
    }

    async fn header(&self, class: &Class) -> Result<Vec<String>, Fault> {
        let kept = self.kept(class).await?;
        Ok(if kept.header.is_empty() { own_header(class) } else { kept.header })
    }

    /// Writes the two files of a class; the rows in the order of the import, new ones where Roundup puts them.
    async fn write(&self, class: &Class, rows: Vec<Out>) -> Result<(), Fault> {
        let kept = self.kept(class).await?;
        let header = if kept.header.is_empty() { own_header(class) } else { kept.header.clone() };
        let is_keyed = class.kind == "plain" || class.kind == "user";
        let mut by_key: Vec<&Out> = rows.iter().collect();
        if is_keyed {
            by_key.sort_by(|a, b| (&a.key, !a.is_retired, a.number).cmp(&(&b.key, !b.is_retired, b.number)));
        } else {
            by_key.sort_by_key(|row| (row.is_retired, row.number));
        }
        let mut by_id: Vec<&Out> = rows.iter().collect();
        by_id.sort_by_key(|row| (row.is_retired, row.number));
        let mut table = csv::write(&header) + "\n";
        for row in ordered(by_key, &kept.order) {
            table.push_str(&row.line);
            table.push('\n');
        }
        let mut lines = String::new();
        for row in ordered(by_id, &kept.journal) {
            lines.push_str(&row.journal);
        }
        for stray in kept.stray.values() {
            lines.push_str(stray);
        }
        for (name, text) in [(format!("{}.csv", class.name), table), (format!("{}-journals.csv", class.name), lines)] {
            let path = self.root.join(name);
            std::fs::write(&path, text).map_err(io(&path))?;
        }
        Ok(())
    }

    async fn items(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        Ok(class.items.iter().map(|item| self.item(class, item, &header)).collect())
    }

    fn item(&self, class: &Class, item: &item::Model, header: &[String]) -> Out {
        let mut cells = BTreeMap::from([
            ("id".to_owned(), Literal::of_id(item.number)),
            (class.label.clone(), Literal::Text(item.name.clone())),
            ("is retired".to_owned(), Literal::Bool(item.is_retired)),
        ]);
        if item.kept.is_empty() {
            let at = millis(item.created_at);
            for (name, value) in [("activity", at.clone()), ("creation", at), ("actor", Literal::of_id(1)), ("creator", Literal::of_id(1))] {
                cells.insert(name.to_owned(), value);
            }
            cells.insert("order".into(), Literal::Float(item.position));
        }
        let journal = if item.kept.is_empty() { create_line(item.number, item.created_at, 1) } else { item.journal.clone() };
        Out {
            number: item.number, key: item.name.clone(), is_retired: item.is_retired,
            line: self.line(header, &cells, &item.kept), journal,
        }
    }

    async fn people(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows = person::Entity::find()
            .filter(person::Column::TrackerId.eq(self.catalog.tracker.id))
            .order_by_asc(person::Column::Number)
            .all(self.tx)
            .await?;
        let shown = people::participant::shown(self.tx, rows.iter().map(|row| row.participant_id)).await?;
        let mut out: Vec<Out> = rows.iter().map(|row| self.person(row, shown.get(&row.participant_id), &header)).collect();
        for (number, name, roles) in [(1, "admin", "Admin"), (2, "anonymous", "Anonymous")] {
            if !rows.iter().any(|row| row.number == number) {
                out.push(self.made_up(number, name, roles, &header));
            }
        }
        Ok(out)
    }

    fn person(&self, row: &person::Model, known: Option<&Participant>, header: &[String]) -> Out {
        if !row.kept.is_empty() {
            return Out {
                number: row.number, key: row.name.clone(), is_retired: row.is_retired, line: row.kept.clone(),
                journal: row.journal.clone(),
            };
        }
        let mut out = self.made_up(row.number, &row.name, "User", header);
        if let Some(known) = known {
            let mut cells = self.user_cells(row.number, &row.name, "User");
            let address = Some(&known.address).filter(|address| people::participant::is_address(address));
            cells.insert("address".into(), address.map_or(Literal::None, |address| Literal::Text(address.clone())));
            cells.insert("realname".into(), text_or_none(&known.name));
            out.line = self.line(header, &cells, "");
        }
        out
    }

    fn made_up(&self, number: i64, name: &str, roles: &str, header: &[String]) -> Out {
        let line = self.line(header, &self.user_cells(number, name, roles), "");
        let journal = create_line(number, self.catalog.tracker.created_at, 1);
        Out { number, key: name.to_owned(), is_retired: false, line, journal }
    }

    fn user_cells(&self, number: i64, name: &str, roles: &str) -> BTreeMap<String, Literal> {
        let at = millis(self.catalog.tracker.created_at);
        [
            ("id", Literal::of_id(number)), ("username", Literal::Text(name.to_owned())), ("roles", Literal::Text(roles.to_owned())),
            ("queries", Literal::List(vec![])), ("activity", at.clone()), ("creation", at), ("actor", Literal::of_id(1)),
            ("creator", Literal::of_id(1)), ("is retired", Literal::Bool(false)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    async fn queries(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows = saved::Entity::find().filter(saved::Column::TrackerId.eq(self.catalog.tracker.id)).all(self.tx).await?;
        Ok(rows
            .iter()
            .map(|row| {
                let owner = Literal::of_id(self.user(row.owner_id));
                let mut cells = BTreeMap::from([
                    ("id".to_owned(), Literal::of_id(row.number)), ("name".to_owned(), Literal::Text(row.name.clone())),
                    ("url".to_owned(), Literal::Text(row.query.clone())), ("is retired".to_owned(), Literal::Bool(row.is_retired)),
                    ("private_for".to_owned(), if row.is_private { owner.clone() } else { Literal::None }),
                ]);
                if row.kept.is_empty() {
                    let at = millis(row.created_at);
                    cells.extend([
                        ("klass".to_owned(), Literal::Text("issue".into())), ("activity".to_owned(), at.clone()),
                        ("creation".to_owned(), at), ("actor".to_owned(), owner.clone()), ("creator".to_owned(), owner),
                    ]);
                }
                let made = || create_line(row.number, row.created_at, self.user(row.owner_id));
                Out {
                    number: row.number, key: row.name.clone(), is_retired: row.is_retired,
                    line: self.line(&header, &cells, &row.kept),
                    journal: if row.kept.is_empty() { made() } else { row.journal.clone() },
                }
            })
            .collect())
    }

    async fn issues(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let mut out = Vec::new();
        let mut after = IssueId(0);
        loop {
            let rows = issue::Entity::find()
                .filter(issue::Column::TrackerId.eq(self.catalog.tracker.id))
                .filter(issue::Column::Id.gt(after))
                .order_by_asc(issue::Column::Id)
                .limit(BATCH)
                .all(self.tx)
                .await?;
            let Some(last) = rows.last() else { return Ok(out) };
            after = last.id;
            let batch = Batch::read(self.tx, &rows).await?;
            for issue in query::with_values(self.tx, self.catalog, rows).await? {
                out.push(self.issue(class, &issue, &batch, &header));
            }
        }
    }

    fn issue(&self, class: &Class, issue: &Issue, batch: &Batch, header: &[String]) -> Out {
        let row = &issue.row;
        let mut cells = BTreeMap::from([
            ("id".to_owned(), Literal::of_id(row.number)), ("title".to_owned(), Literal::Text(row.title.clone())),
            ("creator".to_owned(), Literal::of_id(self.user(row.creator_id))), ("creation".to_owned(), millis(row.created_at)),
            ("actor".to_owned(), Literal::of_id(self.user(row.actor_id))), ("activity".to_owned(), millis(row.activity_at)),
            ("is retired".to_owned(), Literal::Bool(row.is_retired)),
        ]);
        let kept = row.kept.clone().unwrap_or_default();
        let old = csv::rows(&kept).next();
        for property in class.properties.iter().filter(|property| property.is_settable()) {
            cells.insert(property.name.clone(), self.literal(property, &issue.value(&property.name)));
        }
        for (name, new) in [("messages", batch.messages.get(&row.id)), ("files", batch.files.get(&row.id))] {
            let place = header.iter().position(|known| known == name);
            let before = old.as_ref().zip(place).and_then(|(row, at)| row.fields.get(at));
            let mut ids = before.and_then(|cell| Literal::read(cell).ok()).map(|cell| cell.ids()).unwrap_or_default();
            ids.extend(new.into_iter().flatten());
            ids.sort_unstable();
            ids.dedup();
            cells.insert(name.to_owned(), Literal::List(ids.into_iter().map(Literal::of_id).collect()));
        }
        let journal = batch.history.get(&row.id).into_iter().flatten().map(|entry| self.entry(row.number, entry)).collect();
        Out {
            number: row.number, key: String::new(), is_retired: row.is_retired, line: self.line(header, &cells, &kept), journal,
        }
    }

    fn literal(&self, property: &crate::catalog::Property, value: &Value) -> Literal {
        let id = |id: &i64| Literal::of_id(if property.is_person() { self.user(ParticipantId(*id)) } else { *id });
        match (value, property.kind) {
            (value, Kind::Multilink) => {
                let mut ids: Vec<i64> = value.ids().to_vec();
                if property.is_person() {
                    ids = ids.iter().map(|id| self.user(ParticipantId(*id))).collect();
                    ids.sort_unstable();
                    ids.dedup();
                }
                Literal::List(ids.into_iter().map(Literal::of_id).collect())
            }
            (Value::Empty, _) => Literal::None,
            (Value::Text(text), _) => Literal::Text(text.clone()),
            (Value::Number(number), Kind::Integer) => Literal::Int(*number as i64),
            (Value::Number(number), _) => Literal::Float(*number),
            (Value::Boolean(yes), _) => Literal::Bool(*yes),
            (Value::Date(at), _) => Literal::of_millis(*at),
            (Value::Interval(span), _) => {
                let sign = Literal::Int(if span.negative { -1 } else { 1 });
                let parts = span.parts.iter().map(|part| Literal::Int(*part));
                Literal::Tuple(std::iter::once(sign).chain(parts).chain([Literal::Float(span.seconds)]).collect())
            }
            (Value::Link(target), _) => id(target),
            (Value::Links(_), _) => Literal::None,
        }
    }

    /// A line of an issue's journal: as it came, or with the old values as Roundup keeps them.
    fn entry(&self, number: i64, entry: &history::Model) -> String {
        if let Some(kept) = &entry.kept {
            return format!("{kept}\n");
        }
        let by = self.user(entry.participant_id);
        let params = match entry.action.as_str() {
            "create" => Literal::Dict(vec![]),
            "set" => self.old_values(entry),
            _ => Literal::None,
        };
        journal_line(number, entry.at, by, &entry.action, &params)
    }

    fn old_values(&self, entry: &history::Model) -> Literal {
        let deltas: Vec<Delta> = serde_json::from_str(&entry.changes).unwrap_or_default();
        let ids = |ids: Vec<i64>| Literal::List(ids.into_iter().map(Literal::of_id).collect());
        let step = |sign: &str, list: Vec<i64>| {
            (!list.is_empty()).then(|| Literal::Tuple(vec![Literal::Text(sign.to_owned()), ids(list)]))
        };
        let mut pairs: BTreeMap<String, Literal> = BTreeMap::new();
        if let Some(message) = entry.message_number {
            pairs.insert("messages".into(), Literal::Tuple(step("+", vec![message]).into_iter().collect()));
        }
        for delta in &deltas {
            let Some(property) = self.catalog.property(&delta.property) else { continue };
            let (from, to) = (Value::from_stored(property.kind, &delta.from), Value::from_stored(property.kind, &delta.to));
            let old = if property.kind == Kind::Multilink {
                let (from, to) = (self.literal(property, &from).ids(), self.literal(property, &to).ids());
                let only = |a: &[i64], b: &[i64]| a.iter().copied().filter(|id| !b.contains(id)).collect();
                Literal::Tuple(step("+", only(&to, &from)).into_iter().chain(step("-", only(&from, &to))).collect())
            } else {
                self.literal(property, &from)
            };
            pairs.insert(delta.property.clone(), old);
        }
        Literal::Dict(pairs.into_iter().map(|(name, old)| (Literal::Text(name), old)).collect())
    }

    async fn messages(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let mut files: HashMap<i64, Vec<i64>> = HashMap::new();
        let named: Vec<(i64, i64)> = file::Entity::find()
            .select_only()
            .columns([file::Column::MessageNumber, file::Column::Number])
            .filter(file::Column::TrackerId.eq(self.catalog.tracker.id))
            .filter(file::Column::MessageNumber.is_not_null())
            .order_by_asc(file::Column::Number)
            .into_tuple()
            .all(self.tx)
            .await?;
        for (message, file) in named {
            files.entry(message).or_default().push(file);
        }
        let (mut out, mut after) = (Vec::new(), 0);
        loop {
            let rows = message::Entity::find()
                .filter(message::Column::TrackerId.eq(self.catalog.tracker.id))
                .filter(message::Column::Id.gt(after))
                .order_by_asc(message::Column::Id)
                .limit(BATCH)
                .all(self.tx)
                .await?;
            let Some(last) = rows.last() else { return Ok(out) };
            after = last.id;
            for row in rows {
                out.push(self.message(class, &row, files.get(&row.number), &header).await?);
            }
        }
    }

    async fn message(
        &self, class: &Class, row: &message::Model, files: Option<&Vec<i64>>, header: &[String],
    ) -> Result<Out, Fault> {
        let bytes = match (&row.kept, &row.raw) {
            (Some(_), Some(raw)) => blobs::get(self.tx.store(), self.tx, &BlobId(raw.clone())).await?,
            _ => row.body.clone().into_bytes(),
        };
        self.content(class, row.number, &bytes)?;
        if let Some(kept) = &row.kept {
            let journal = row.journal.clone().unwrap_or_default();
            return Ok(Out { number: row.number, key: String::new(), is_retired: row.is_retired, line: kept.clone(), journal });
        }
        let author = Literal::of_id(self.user(row.author_id));
        let at = millis(row.created_at);
        let list = |ids: Vec<i64>| Literal::List(ids.into_iter().map(Literal::of_id).collect());
        let recipients: Vec<i64> = serde_json::from_str(&row.recipients).unwrap_or_default();
        let mut recipients: Vec<i64> = recipients.into_iter().map(|id| self.user(ParticipantId(id))).collect();
        recipients.sort_unstable();
        recipients.dedup();
        let id = |id: &str| if id.is_empty() { Literal::None } else { Literal::Text(format!("<{id}>")) };
        let cells = [
            ("id", Literal::of_id(row.number)), ("author", author.clone()), ("creator", author.clone()), ("actor", author),
            ("activity", at.clone()), ("creation", at), ("date", millis(row.sent_at)),
            ("files", list(files.cloned().unwrap_or_default())), ("inreplyto", id(&row.in_reply_to)),
            ("messageid", id(&row.message_id)), ("recipients", list(recipients)), ("summary", text_or_none(&row.summary)),
            ("is retired", Literal::Bool(row.is_retired)),
        ];
        let cells = cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Out {
            number: row.number, key: String::new(), is_retired: row.is_retired, line: self.line(header, &cells, ""),
            journal: create_line(row.number, row.created_at, self.user(row.author_id)),
        })
    }

    async fn files(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows = file::Entity::find()
            .filter(file::Column::TrackerId.eq(self.catalog.tracker.id))
            .order_by_asc(file::Column::Number)
            .all(self.tx)
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let bytes = blobs::get(self.tx.store(), self.tx, &BlobId(row.blob.clone())).await?;
            self.content(class, row.number, &bytes)?;
            let creator = Literal::of_id(self.user(row.creator_id));
            let at = millis(row.created_at);
            let cells = [
                ("id", Literal::of_id(row.number)), ("name", Literal::Text(row.name.clone())),
                ("type", text_or_none(&row.content_type)), ("creator", creator.clone()), ("actor", creator),
                ("activity", at.clone()), ("creation", at), ("is retired", Literal::Bool(row.is_retired)),
            ];
            let cells = cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let made = || (self.line(&header, &cells, ""), create_line(row.number, row.created_at, self.user(row.creator_id)));
            let (line, journal) = match (row.kept.clone(), row.journal.clone()) {
                (Some(kept), journal) => (kept, journal.unwrap_or_default()),
                (None, _) => made(),
            };
            out.push(Out { number: row.number, key: String::new(), is_retired: row.is_retired, line, journal });
        }
        Ok(out)
    }

    fn content(&self, class: &Class, number: i64, bytes: &[u8]) -> Result<(), Fault> {
        let path = content_path(self.root, &class.name, number);
        let folder = path.parent().unwrap_or(self.root);
        std::fs::create_dir_all(folder).map_err(io(folder))?;
        std::fs::write(&path, bytes).map_err(io(&path))
    }
}

/// Rows in the order that an import noted, those that it did not know after them.
fn ordered<'r>(rows: Vec<&'r Out>, noted: &[i64]) -> Vec<&'r Out> {
    let known: HashSet<i64> = noted.iter().copied().collect();
    let by_number: HashMap<i64, &Out> = rows.iter().map(|row| (row.number, *row)).collect();
    let first = noted.iter().filter_map(|number| by_number.get(number).copied());
    let rest = rows.iter().filter(|row| !known.contains(&row.number)).copied();
    first.chain(rest).collect()
}

/// Whether two cells say the same, however they are written.
fn same(old: &Literal, new: &Literal) -> bool {
    match (old, new) {
        (Literal::Tuple(_), Literal::Tuple(_)) if old.millis().is_some() => old.millis() == new.millis(),
        (Literal::Tuple(old), Literal::Tuple(new)) => old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a, b)),
        (Literal::Text(old), Literal::None) => old.is_empty(),
        (Literal::Int(old), Literal::Float(new)) | (Literal::Float(new), Literal::Int(old)) => *old as f64 == *new,
        (Literal::List(_), Literal::List(_)) => {
            let sorted = |cell: &Literal| {
                let mut ids = cell.ids();
                ids.sort_unstable();
                ids
            };
            sorted(old) == sorted(new)
        }
        (Literal::Text(_) | Literal::Int(_), Literal::Text(_)) => old == new || (old.id().is_some() && old.id() == new.id()),
        _ => old == new,
    }
}

/// What belongs to a batch of issues.
struct Batch {
    messages: HashMap<IssueId, Vec<i64>>,
    files: HashMap<IssueId, Vec<i64>>,
    history: HashMap<IssueId, Vec<history::Model>>,
}

impl Batch {
    /// Reads the messages and files that were made here, and the whole history.
    async fn read(tx: &Tx, issues: &[issue::Model]) -> Result<Self, Fault> {
        let ids: Vec<IssueId> = issues.iter().map(|row| row.id).collect();
        let messages: Vec<(IssueId, i64)> = message::Entity::find()
            .select_only()
            .columns([message::Column::IssueId, message::Column::Number])
            .filter(message::Column::IssueId.is_in(ids.clone()))
            .filter(message::Column::Kept.is_null())
            .into_tuple()
            .all(tx)
            .await?;
        let files: Vec<(IssueId, i64)> = file::Entity::find()
            .select_only()
            .columns([file::Column::IssueId, file::Column::Number])
            .filter(file::Column::IssueId.is_in(ids.clone()))
            .filter(file::Column::Kept.is_null())
            .into_tuple()
            .all(tx)
            .await?;
        let entries = history::Entity::find()
            .filter(history::Column::IssueId.is_in(ids))
            .order_by_asc(history::Column::Id)
            .all(tx)
            .await?;
        let mut batch = Self { messages: HashMap::new(), files: HashMap::new(), history: HashMap::new() };
        for (issue, number) in messages {
            batch.messages.entry(issue).or_default().push(number);
        }
        for (issue, number) in files {
            batch.files.entry(issue).or_default().push(number);
        }
        for entry in entries {
            batch.history.entry(entry.issue_id).or_default().push(entry);
        }
        Ok(batch)
    }
}
