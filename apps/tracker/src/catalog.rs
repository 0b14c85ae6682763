//! A tracker's schema and its small rows (statuses, priorities, keywords), read once and kept until they change.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use store::Tx;

use crate::TrackerId;
use crate::entity::{class, item, property, query, tracker};
use crate::kind::{Kind, Value};

/// A tracker with its schema. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub tracker: tracker::Model,
    /// Whether its issues stand at `/issues/12`, not at `/issues/NAME/12`.
    pub is_default: bool,
    /// The domain of the hub's mail addresses.
    pub domain: Arc<str>,
    schema: Arc<Schema>,
}

impl Deref for Catalog {
    type Target = Schema;
    fn deref(&self) -> &Schema {
        &self.schema
    }
}

/// The classes of a tracker.
#[derive(Debug)]
pub struct Schema {
    pub classes: Vec<Class>,
    /// Saved queries that are not retired, by name.
    pub queries: Vec<query::Model>,
    issue: usize,
}

/// A class with its properties and, when it is a plain one, its rows in order.
#[derive(Debug)]
pub struct Class {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub label: String,
    pub properties: Vec<Property>,
    pub items: Vec<item::Model>,
    by_number: HashMap<i64, usize>,
}

/// A property of a class.
#[derive(Clone, Debug)]
pub struct Property {
    pub id: i64,
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub target: String,
    /// 1 to 6: the column of the issue that holds it.
    pub slot: Option<usize>,
    pub is_required: bool,
    pub help: String,
}

impl Property {
    /// Whether it links to people.
    pub fn is_person(&self) -> bool {
        self.target == "user"
    }

    /// Whether it links to anything.
    pub fn is_link(&self) -> bool {
        matches!(self.kind, Kind::Link | Kind::Multilink)
    }

    /// Whether people set it as a value: the title, messages and files have ways of their own.
    pub fn is_settable(&self) -> bool {
        !matches!(self.name.as_str(), "title" | "messages" | "files")
    }
}

impl Class {
    /// A property by its name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// A row by its number, also a retired one.
    pub fn item(&self, number: i64) -> Option<&item::Model> {
        self.by_number.get(&number).map(|at| &self.items[*at])
    }

    /// A living row by its name, in any case.
    pub fn item_named(&self, name: &str) -> Option<&item::Model> {
        self.items.iter().find(|item| !item.is_retired && item.name.eq_ignore_ascii_case(name.trim()))
    }

    /// The living rows, in order.
    pub fn living(&self) -> impl Iterator<Item = &item::Model> {
        self.items.iter().filter(|item| !item.is_retired)
    }
}

impl Schema {
    /// The class of issues.
    pub fn issue(&self) -> &Class {
        &self.classes[self.issue]
    }

    /// A class by its name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }

    /// The class that plays a part: `message`, `file`, `query`, `user`.
    pub fn class_of_kind(&self, kind: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.kind == kind)
    }

    /// A property of issues by its name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.issue().property(name)
    }

    /// The name of the row that a property links to; of people and issues there is none here.
    pub fn item_name(&self, property: &Property, number: i64) -> Option<&str> {
        self.class(&property.target)?.item(number).map(|item| item.name.as_str())
    }

    /// What a status says of its issue: `open`, `waiting` or `done`.
    pub fn meaning(&self, status: Option<i64>) -> &str {
        let item = status.and_then(|number| self.class("status")?.item(number));
        item.map(|item| item.meaning.as_str()).filter(|meaning| !meaning.is_empty()).unwrap_or("open")
    }

    /// The living row of a property's class with this name, as a value.
    pub fn named(&self, property: &str, name: &str) -> Option<Value> {
        let property = self.property(property)?;
        self.class(&property.target)?.item_named(name).map(|item| Value::Link(item.number))
    }
}

impl Catalog {
    /// The address of the tracker: `issues@hub.example.org`.
    pub fn address(&self) -> String {
        format!("{}@{}", self.tracker.name, self.domain)
    }

    /// The address of an issue: `issues+12@hub.example.org`.
    pub fn issue_address(&self, number: i64) -> String {
        format!("{}+{number}@{}", self.tracker.name, self.domain)
    }

    /// The path of an issue.
    pub fn issue_path(&self, number: i64) -> String {
        format!("{}{number}", self.path())
    }

    /// The path of the list, with a slash at the end.
    pub fn path(&self) -> String {
        if self.is_default { "/issues/".into() } else { format!("/issues/{}/", self.tracker.name) }
    }

    /// The scope in which people hold roles here.
    pub fn scope(&self) -> String {
        format!("tracker/{}", self.tracker.name)
    }

    /// The names by which texts elsewhere refer to an issue of this tracker ([`markup::autolink`]).
    pub fn mention_keys(&self, number: i64) -> Vec<String> {
        let mut keys = vec![format!("issue:{}/{number}", self.tracker.name)];
        if self.is_default {
            keys.push(format!("issue:{number}"));
        }
        keys
    }
}

/// The catalogs that were read, by tracker.
#[derive(Clone, Debug)]
pub struct Catalogs {
    /// The name of the default tracker.
    default: Arc<str>,
    domain: Arc<str>,
    known: Arc<Mutex<Known>>,
}

/// Schemas with the version of the catalog under which they were read.
type Known = HashMap<TrackerId, (i64, Arc<Schema>)>;

impl Catalogs {
    /// None read yet; `default` names the default tracker, `domain` is that of the hub's mail.
    pub fn new(default: &str, domain: &str) -> Self {
        Self { default: default.into(), domain: domain.into(), known: Arc::default() }
    }

    /// The catalog of a tracker, by name; the default one by the empty name.
    pub async fn named(&self, conn: &impl ConnectionTrait, name: &str) -> Result<Option<Catalog>, DbErr> {
        let name = if name.is_empty() { &self.default } else { name };
        match crate::tracker::by_name(conn, name).await? {
            Some(row) => self.of(conn, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Holds the trackers of these names until the commit: whoever changes issues of several holds them all before the
    /// first, so that no two wait for each other in a circle.
    pub(crate) async fn hold(&self, tx: &Tx, mut names: BTreeSet<String>) -> Result<(), DbErr> {
        if names.remove("") {
            names.insert(self.default.to_string());
        }
        crate::tracker::hold(tx, names).await
    }

    /// The catalog of a tracker whose row was just read.
    pub async fn of(&self, conn: &impl ConnectionTrait, tracker: tracker::Model) -> Result<Catalog, DbErr> {
        let known = self.lock().get(&tracker.id).filter(|(version, _)| *version == tracker.catalog_version).cloned();
        let schema = match known {
            Some((_, schema)) => schema,
            None => {
                let schema = Arc::new(read(conn, tracker.id).await?);
                self.lock().insert(tracker.id, (tracker.catalog_version, schema.clone()));
                schema
            }
        };
        Ok(Catalog { is_default: tracker.name == *self.default, domain: self.domain.clone(), tracker, schema })
    }

    /// Forgets a tracker, so that the next reader reads it anew: what a transaction that was taken back had cached.
    pub fn forget(&self, id: TrackerId) {
        self.lock().remove(&id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(conn: &impl ConnectionTrait, id: TrackerId) -> Result<Schema, DbErr> {
    let rows = class::Entity::find()
        .filter(class::Column::TrackerId.eq(id))
        .order_by_asc(class::Column::Position)
        .all(conn)
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let properties = property::Entity::find()
        .filter(property::Column::ClassId.is_in(ids.clone()))
        .order_by_asc(property::Column::Position)
        .all(conn)
        .await?;
    let items = item::Entity::find()
        .filter(item::Column::ClassId.is_in(ids))
        .order_by_asc(item::Column::Position)
        .order_by_asc(item::Column::Number)
        .all(conn)
        .await?;
    let classes: Vec<Class> = rows
        .into_iter()
        .map(|row| {
            let items: Vec<_> = items.iter().filter(|item| item.class_id == row.id).cloned().collect();
            let by_number = items.iter().enumerate().map(|(at, item)| (item.number, at)).collect();
            let properties =
                properties.iter().filter(|property| property.class_id == row.id).map(Property::from).collect();
            Class { id: row.id, name: row.name, kind: row.kind, label: row.label, properties, items, by_number }
        })
        .collect();
    let issue = classes.iter().position(|class| class.kind == "issue");
    let issue = issue.ok_or_else(|| DbErr::Custom(format!("tracker {id} has no class of issues")))?;
    let queries = query::Entity::find()
        .filter(query::Column::TrackerId.eq(id))
        .filter(query::Column::IsRetired.eq(false))
        .order_by_asc(query::Column::Name)
        .all(conn)
        .await?;
    Ok(Schema { classes, queries, issue })
}

impl From<&property::Model> for Property {
    fn from(row: &property::Model) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            label: row.label.clone(),
            kind: Kind::from_word(&row.kind).unwrap_or(Kind::Text),
            target: row.target.clone(),
            slot: row.slot.and_then(|slot| usize::try_from(slot).ok()),
            is_required: row.is_required,
            help: row.help.clone(),
        }
    }
}
