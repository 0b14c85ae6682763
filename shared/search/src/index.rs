//! Filling the index.

use chrono::{DateTime, Utc};
use people::ParticipantId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use store::{StoreError, Tx};

use crate::entity::document;
use crate::mention;

/// The longest text of one document that is indexed, bytes.
const BODY: usize = 200_000;

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
    let mut body = document.body.replace('\0', " ");
    body.truncate(body.floor_char_boundary(BODY));
    let mentions = mention::found_in(&document.title, &body);
    let row = document::ActiveModel {
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
    };
    // Triggers keep the full-text table in step with this one.
    let row = document::Entity::insert(row)
        .on_conflict(
            OnConflict::column(document::Column::Key)
                .update_columns([
                    document::Column::Url, document::Column::Title, document::Column::Body,
                    document::Column::ParticipantId, document::Column::At, document::Column::Audience,
                ])
                .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    mention::keep(tx, row.id, mentions).await
}

/// Takes a document out of the index.
pub async fn remove(tx: &Tx, key: &str) -> Result<(), StoreError> {
    document::Entity::delete_many().filter(document::Column::Key.eq(key)).exec(tx).await?;
    Ok(())
}
