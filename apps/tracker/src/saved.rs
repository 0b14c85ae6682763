//! The door of saved queries: a list under a name, for oneself or for everybody.

use people::{Actor, ParticipantId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::Serialize;
use store::Tx;

use crate::catalog::Catalog;
use crate::change::Via;
use crate::entity::query;
use crate::issue::participant;
use crate::rules::{self, Deed};
use crate::{Refusal, tracker};

pub use crate::entity::query::Model as Query;

/// The most queries that one person keeps in a tracker.
const MOST: usize = 200;

/// A query as an entry beside the list.
#[derive(Serialize)]
pub struct Entry {
    pub label: String,
    pub url: String,
    pub number: i64,
    pub is_private: bool,
}

impl Query {
    /// The entry that leads to the list.
    pub fn entry(&self, path: &str) -> Entry {
        // Roundup's queries show every status where they name none.
        let all = if self.query.contains("status=") || self.query.contains("state=") { "" } else { "state=all&" };
        let url = format!("{path}?{all}{}", self.query);
        Entry { label: self.name.clone(), url, number: self.number, is_private: self.is_private }
    }
}

/// Saves a list under a name; a query of the same name and owner is replaced.
pub async fn save(
    tx: &Tx,
    actor: &Actor,
    catalog: &Catalog,
    name: &str,
    query_string: &str,
    is_private: bool,
) -> Result<(), Refusal> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(80).collect();
    if name.is_empty() {
        return Err(Refusal::Other("A query needs a name.".into()));
    }
    if !actor.is_known() {
        return Err(Refusal::NotAllowed { who: actor.name().to_owned(), what: "save queries".into() });
    }
    let owner = participant(tx, actor).await?;
    let own = owned(tx, catalog, owner).await?;
    if own.len() >= MOST {
        return Err(Refusal::Other(format!("You have {MOST} queries here. Remove one first.")));
    }
    let known = own.into_iter().find(|query| query.name == name);
    let query_string: String = query_string.trim_start_matches('?').chars().take(4000).collect();
    if let Some(known) = known {
        let mut row: query::ActiveModel = known.into();
        row.query = Set(query_string);
        row.is_private = Set(is_private);
        row.update(tx).await?;
        return Ok(tracker::touch_catalog(tx, catalog.tracker.id).await?);
    }
    let class =
        catalog.class_of_kind("query").ok_or_else(|| Refusal::Other("This tracker keeps no queries.".into()))?;
    let number = tracker::next_number(tx, class.id).await?;
    let row = query::ActiveModel {
        tracker_id: Set(catalog.tracker.id),
        number: Set(number),
        owner_id: Set(owner),
        is_private: Set(is_private),
        name: Set(name),
        query: Set(query_string),
        is_retired: Set(false),
        created_at: Set(tx.now()),
        kept: Set(String::new()),
        journal: Set(String::new()),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(tracker::touch_catalog(tx, catalog.tracker.id).await?)
}

/// Retires a query of one's own; an administrator may retire any.
pub async fn remove(tx: &Tx, actor: &Actor, catalog: &Catalog, number: i64) -> Result<(), Refusal> {
    let row = query::Entity::find()
        .filter(query::Column::TrackerId.eq(catalog.tracker.id))
        .filter(query::Column::Number.eq(number))
        .one(tx)
        .await?;
    let may_all = rules::allows(catalog, actor, Deed::Administer, false, Via::Web);
    let row = row.filter(|row| may_all || actor.participant() == Some(row.owner_id)).ok_or(Refusal::NoQuery)?;
    let mut row: query::ActiveModel = row.into();
    row.is_retired = Set(true);
    row.update(tx).await?;
    Ok(tracker::touch_catalog(tx, catalog.tracker.id).await?)
}

async fn owned(tx: &Tx, catalog: &Catalog, owner: ParticipantId) -> Result<Vec<Query>, DbErr> {
    query::Entity::find()
        .filter(query::Column::TrackerId.eq(catalog.tracker.id))
        .filter(query::Column::OwnerId.eq(owner))
        .filter(query::Column::IsRetired.eq(false))
        .all(tx)
        .await
}

/// The queries that an actor sees: everybody's public ones and their own, by name.
pub fn of<'c>(catalog: &'c Catalog, actor: &Actor) -> Vec<&'c Query> {
    let own = actor.participant();
    catalog.queries.iter().filter(|query| !query.is_private || own == Some(query.owner_id)).take(300).collect()
}
