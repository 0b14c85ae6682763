//! The door of trackers: making one, its settings, and the rows of its schema.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use store::Tx;

use crate::entity::{class, item, property, tracker};
use crate::kind::Kind;
use crate::schema::{self, ClassSpec};
use crate::{Refusal, TrackerId};

pub use crate::entity::tracker::Model as Row;

/// Names that are parts of paths below `/issues/`.
const TAKEN: [&str; 12] =
    ["new", "queries", "held", "settings", "leave", "files", "msg", "messages", "atom", "csv", "json", "query"];

/// The name in the form in which it is kept, or why it cannot be one.
pub fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim().to_lowercase();
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let sound = name.chars().all(inner)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with(['-', '_'])
        && name.len() <= 40
        && !TAKEN.contains(&name.as_str());
    if sound { Ok(name) } else { Err(Refusal::BadName(name)) }
}

/// Makes a tracker with the classes of a template.
pub async fn create(tx: &Tx, name: &str, title: &str, template: &str) -> Result<Row, Refusal> {
    let name = checked_name(name)?;
    let classes = schema::template(template).ok_or_else(|| Refusal::NoTemplate(template.to_owned()))?;
    let row = empty(tx, &name, title, template).await?;
    for (position, spec) in classes.into_iter().enumerate() {
        add_class(tx, row.id, position, spec).await?;
    }
    Ok(row)
}

/// Makes a tracker without any class, for an import to fill.
pub async fn empty(tx: &Tx, name: &str, title: &str, template: &str) -> Result<Row, Refusal> {
    if by_name(tx, name).await?.is_some() {
        return Err(Refusal::NameTaken(name.to_owned()));
    }
    let title = if title.trim().is_empty() { name } else { title.trim() };
    let row = tracker::ActiveModel {
        name: Set(name.to_owned()),
        title: Set(title.to_owned()),
        template: Set(template.to_owned()),
        audience: Set("public".into()),
        may_file: Set("member".into()),
        may_comment: Set("member".into()),
        may_change: Set("developer".into()),
        strangers: Set("hold".into()),
        catalog_version: Set(1),
        version: Set(1),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?)
}

async fn add_class(tx: &Tx, tracker: TrackerId, position: usize, spec: &ClassSpec) -> Result<(), Refusal> {
    let properties: Vec<_> = spec
        .properties
        .iter()
        .map(|(name, label, kind, target)| NewProperty { name, label, kind: *kind, target })
        .collect();
    let class = define(tx, tracker, position, (spec.name, spec.kind, spec.label), &properties).await?;
    let rows = spec.items.iter().enumerate().map(|(at, (name, meaning))| item::ActiveModel {
        class_id: Set(class.id),
        number: Set(at as i64 + 1),
        name: Set((*name).to_owned()),
        position: Set(at as f64 + 1.0),
        meaning: Set((*meaning).to_owned()),
        is_retired: Set(false),
        created_at: Set(tx.now()),
        kept: Set(String::new()),
        journal: Set(String::new()),
        ..Default::default()
    });
    if !spec.items.is_empty() {
        item::Entity::insert_many(rows).exec_without_returning(tx).await?;
        let mut class: class::ActiveModel = class.into();
        class.next_number = Set(spec.items.len() as i64 + 1);
        class.update(tx).await?;
    }
    Ok(())
}

/// A property that a class is defined with.
pub struct NewProperty<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: Kind,
    pub target: &'a str,
}

/// Makes a class; its first six links get a column of the issue each.
pub async fn define(
    tx: &Tx,
    tracker: TrackerId,
    position: usize,
    (name, kind, label): (&str, &str, &str),
    properties: &[NewProperty<'_>],
) -> Result<class::Model, Refusal> {
    let class = class::ActiveModel {
        tracker_id: Set(tracker),
        name: Set(name.to_owned()),
        kind: Set(kind.to_owned()),
        label: Set(label.to_owned()),
        next_number: Set(1),
        position: Set(position as i64),
        ..Default::default()
    };
    let class = class.insert(tx).await?;
    let mut slots = 1..=6;
    let rows: Vec<_> = properties
        .iter()
        .enumerate()
        .map(|(at, new)| property::ActiveModel {
            class_id: Set(class.id),
            name: Set(new.name.to_owned()),
            label: Set(new.label.to_owned()),
            kind: Set(new.kind.word().to_owned()),
            target: Set(new.target.to_owned()),
            slot: Set(if kind == "issue" && new.kind == Kind::Link { slots.next() } else { None }),
            position: Set(at as i64),
            is_required: Set(new.name == "title" && kind == "issue"),
            help: Set(String::new()),
            ..Default::default()
        })
        .collect();
    property::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(class)
}

/// Makes the default tracker of a new hub, unless it is there.
pub async fn ensure_default(tx: &Tx, name: &str, title: &str) -> Result<(), Refusal> {
    if by_name(tx, name).await?.is_none() {
        create(tx, name, title, "classic").await?;
    }
    Ok(())
}

/// The tracker of a name.
pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<Row>, DbErr> {
    tracker::Entity::find().filter(tracker::Column::Name.eq(name.trim().to_lowercase())).one(conn).await
}

/// All trackers by name.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Row>, DbErr> {
    tracker::Entity::find().order_by_asc(tracker::Column::Name).all(conn).await
}

/// Counts a change of issues, and so holds the tracker until the commit: numbers are given in order.
pub(crate) async fn touch(tx: &Tx, id: TrackerId) -> Result<(), DbErr> {
    tracker::Entity::update_many()
        .col_expr(tracker::Column::Version, Expr::col(tracker::Column::Version).add(1))
        .filter(tracker::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Holds the trackers of these names as [`touch`] does, in the order of their ids.
pub(crate) async fn hold(tx: &Tx, names: BTreeSet<String>) -> Result<(), DbErr> {
    let names = names.iter().map(|name| name.trim().to_lowercase());
    let trackers = tracker::Entity::find().filter(tracker::Column::Name.is_in(names));
    trackers.order_by_asc(tracker::Column::Id).lock(LockType::NoKeyUpdate).all(tx).await?;
    Ok(())
}

/// Counts a change of the schema or of its rows.
pub(crate) async fn touch_catalog(tx: &Tx, id: TrackerId) -> Result<(), DbErr> {
    tracker::Entity::update_many()
        .col_expr(tracker::Column::Version, Expr::col(tracker::Column::Version).add(1))
        .col_expr(tracker::Column::CatalogVersion, Expr::col(tracker::Column::CatalogVersion).add(1))
        .filter(tracker::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the next number of a class; numbers are never given twice.
pub(crate) async fn next_number(tx: &Tx, class: i64) -> Result<i64, DbErr> {
    let rows = class::Entity::update_many()
        .col_expr(class::Column::NextNumber, Expr::col(class::Column::NextNumber).add(1))
        .filter(class::Column::Id.eq(class))
        .exec_with_returning(tx)
        .await?;
    rows.first().map(|row| row.next_number - 1).ok_or_else(|| DbErr::Custom(format!("the class {class} is gone")))
}
