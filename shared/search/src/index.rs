//! Filling the index.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use people::ParticipantId;
use sea_orm::sea_query::{Expr, LikeExpr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use store::{StoreError, Tuples, Tx};

use crate::entity::document;
use crate::mention;

/// The longest text of one document that is indexed, bytes.
const BODY: usize = 200_000;
/// Documents that one statement brings in.
const BATCH: usize = 200;

/// What follows this in a body is found and never shown: names, ids.
pub const UNSHOWN: char = '\u{1f}';
/// The kind of a document whose `#12` are examples and mention nothing: a page of a manual.
pub const EXAMPLES: &str = "manual";

/// One thing that can be found.
#[derive(Clone, Debug)]
pub struct Document {
    /// Unique for ever: `tracker/issue/12`, `lists/post/77`.
    pub key: String,
    pub module: &'static str,
    /// What it is, as people say it: `issue`, `message`, `post`, `commit`, `page`, `line`.
    pub kind: &'static str,
    pub url: String,
    pub title: String,
    /// Plain text.
    pub body: String,
    pub participant: Option<ParticipantId>,
    pub at: DateTime<Utc>,
    /// `public`, `members`, `admins`, `group:ID` or `user:ID`.
    pub audience: String,
}

/// Indexes a document, or indexes it anew when its key is known.
pub async fn put(tx: &Tx, document: Document) -> Result<(), StoreError> {
    put_many(tx, vec![document]).await
}

/// Indexes documents with a handful of statements; no key may come twice.
pub async fn put_many(tx: &Tx, documents: Vec<Document>) -> Result<(), StoreError> {
    let mut documents = documents.into_iter().peekable();
    while documents.peek().is_some() {
        put_batch(tx, documents.by_ref().take(BATCH).collect()).await?;
    }
    Ok(())
}

async fn put_batch(tx: &Tx, documents: Vec<Document>) -> Result<(), StoreError> {
    let mut mentions = HashMap::new();
    let mut rows = Vec::with_capacity(documents.len());
    for document in documents {
        let mut body = document.body.replace('\0', " ");
        body.truncate(body.floor_char_boundary(BODY));
        if document.kind != EXAMPLES {
            mentions.insert(document.key.clone(), mention::found_in(&document.title, &body));
        }
        rows.push(document::ActiveModel {
            key: Set(document.key),
            module: Set(document.module.into()),
            kind: Set(document.kind.into()),
            url: Set(document.url),
            title: Set(document.title.replace('\0', " ")),
            body: Set(body),
            participant_id: Set(document.participant),
            at: Set(document.at),
            audience: Set(document.audience),
            ..Default::default()
        });
    }
    // Triggers keep the full-text table in step with this one.
    document::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(document::Column::Key)
                .update_columns([
                    document::Column::Url,
                    document::Column::Title,
                    document::Column::Body,
                    document::Column::ParticipantId,
                    document::Column::At,
                    document::Column::Audience,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let known: Vec<(i64, String)> = document::Entity::find()
        .select_only()
        .columns([document::Column::Id, document::Column::Key])
        .filter(document::Column::Key.is_in(mentions.keys()))
        .tuples()
        .all(tx)
        .await?;
    let found = known.into_iter().filter_map(|(id, key)| Some((id, mentions.remove(&key)?))).collect();
    mention::keep(tx, found).await
}

/// Lets every document whose key starts with `prefix` be found by another audience only.
pub async fn show_to(tx: &Tx, prefix: &str, audience: &str) -> Result<(), StoreError> {
    document::Entity::update_many()
        .col_expr(document::Column::Audience, Expr::value(audience))
        .filter(document::Column::Key.like(begins_with(prefix)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The pattern of texts that begin with `prefix`, whose own `%` and `_` stand for themselves.
fn begins_with(prefix: &str) -> LikeExpr {
    let literal = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("{literal}%")).escape('\\')
}

/// Takes a document out of the index.
pub async fn remove(tx: &Tx, key: &str) -> Result<(), StoreError> {
    document::Entity::delete_many().filter(document::Column::Key.eq(key)).exec(tx).await?;
    Ok(())
}
