//! Who mentions whom: an issue, the commits and the threads that speak of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use people::Actor;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use store::{StoreError, Tx};

use crate::entity::{document, mention};

/// The most things that one document may mention.
const MOST: usize = 200;
/// Rows that one statement brings in.
const ROWS: usize = 2_000;

/// A thing that mentions another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct Backlink {
    pub module: String,
    pub kind: String,
    pub url: String,
    pub title: String,
    pub at: DateTime<Utc>,
}

/// The canonical keys of what a text mentions ([`markup::autolink`]).
pub(crate) fn found_in(title: &str, body: &str) -> BTreeSet<String> {
    let keys = |text| markup::autolink::find(text).into_iter().map(|reference| reference.key);
    keys(title).chain(keys(body)).filter(|key| key.contains(':') && key.len() <= 500).take(MOST).collect()
}

/// Keeps what each document mentions, and forgets what it mentioned before.
pub(crate) async fn keep(tx: &Tx, found: Vec<(i64, BTreeSet<String>)>) -> Result<(), StoreError> {
    let documents = found.iter().map(|(document, _)| *document);
    mention::Entity::delete_many().filter(mention::Column::DocumentId.is_in(documents)).exec(tx).await?;
    let rows: Vec<_> = found
        .into_iter()
        .flat_map(|(document, targets)| targets.into_iter().map(move |target| (document, target)))
        .map(|(document, target)| mention::ActiveModel { document_id: Set(document), target: Set(target) })
        .collect();
    for rows in rows.chunks(ROWS) {
        mention::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What mentions any of `targets` (`issue:12`, `message:<id>`, `revision:12`) and `actor` may see, newest first.
pub async fn backlinks(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    targets: &[String],
    count: u64,
) -> Result<Vec<Backlink>, DbErr> {
    list(conn, actor, Condition::all().add(mention::Column::Target.is_in(targets)), count).await
}

/// What mentions a commit by any of its abbreviations of 7 digits or more.
pub async fn backlinks_of_commit(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: &str,
    count: u64,
) -> Result<Vec<Backlink>, DbErr> {
    let abbreviations = (7..=id.len()).filter_map(|n| id.get(..n)).map(|short| format!("commit:{short}"));
    list(conn, actor, Condition::all().add(mention::Column::Target.is_in(abbreviations)), count).await
}

async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    mentioning: Condition,
    count: u64,
) -> Result<Vec<Backlink>, DbErr> {
    document::Entity::find()
        .select_only()
        .columns([document::Column::Module, document::Column::Kind, document::Column::Url])
        .columns([document::Column::Title, document::Column::At])
        .join(
            JoinType::InnerJoin,
            document::Entity::belongs_to(mention::Entity)
                .from(document::Column::Id)
                .to(mention::Column::DocumentId)
                .into(),
        )
        .filter(mentioning)
        .filter(document::Column::Audience.is_in(actor.audiences()))
        .distinct()
        .order_by_desc(document::Column::At)
        .limit(count)
        .into_model()
        .all(conn)
        .await
}
