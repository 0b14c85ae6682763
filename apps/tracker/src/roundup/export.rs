//! Writing a tracker as `roundup-admin export` does, for Roundup's own `import` to read.
//!
//! A row that came from Roundup and still says the same goes out as it came; what changed here, and what was made
//! here, is written anew.

mod issues;
mod messages;
mod users;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use kernel::Hub;
use people::ParticipantId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use store::Tx;

use super::infer::BUILT_IN;
use super::literal::Literal;
use super::{Fault, csv, io};
use crate::Refusal;
use crate::catalog::{Catalog, Catalogs, Class};
use crate::entity::{class, item, query as saved};

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
    let people = users::number(&tx, &catalog).await?;
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
    let cells =
        [Literal::of_id(number), millis(at), Literal::of_id(by), Literal::Text(action.to_owned()), params.clone()];
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
            for (name, value) in [
                ("activity", at.clone()),
                ("creation", at),
                ("actor", Literal::of_id(1)),
                ("creator", Literal::of_id(1)),
            ] {
                cells.insert(name.to_owned(), value);
            }
            cells.insert("order".into(), Literal::Float(item.position));
        }
        let journal =
            if item.kept.is_empty() { create_line(item.number, item.created_at, 1) } else { item.journal.clone() };
        Out {
            number: item.number,
            key: item.name.clone(),
            is_retired: item.is_retired,
            line: self.line(header, &cells, &item.kept),
            journal,
        }
    }

    async fn queries(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows =
            saved::Entity::find().filter(saved::Column::TrackerId.eq(self.catalog.tracker.id)).all(self.tx).await?;
        Ok(rows
            .iter()
            .map(|row| {
                let owner = Literal::of_id(self.user(row.owner_id));
                let mut cells = BTreeMap::from([
                    ("id".to_owned(), Literal::of_id(row.number)),
                    ("name".to_owned(), Literal::Text(row.name.clone())),
                    ("url".to_owned(), Literal::Text(row.query.clone())),
                    ("is retired".to_owned(), Literal::Bool(row.is_retired)),
                    ("private_for".to_owned(), if row.is_private { owner.clone() } else { Literal::None }),
                ]);
                if row.kept.is_empty() {
                    let at = millis(row.created_at);
                    cells.extend([
                        ("klass".to_owned(), Literal::Text("issue".into())),
                        ("activity".to_owned(), at.clone()),
                        ("creation".to_owned(), at),
                        ("actor".to_owned(), owner.clone()),
                        ("creator".to_owned(), owner),
                    ]);
                }
                let made = || create_line(row.number, row.created_at, self.user(row.owner_id));
                Out {
                    number: row.number,
                    key: row.name.clone(),
                    is_retired: row.is_retired,
                    line: self.line(&header, &cells, &row.kept),
                    journal: if row.kept.is_empty() { made() } else { row.journal.clone() },
                }
            })
            .collect())
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
        (Literal::Tuple(old), Literal::Tuple(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a, b))
        }
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
        (Literal::Text(_) | Literal::Int(_), Literal::Text(_)) => {
            old == new || (old.id().is_some() && old.id() == new.id())
        }
        _ => old == new,
    }
}
