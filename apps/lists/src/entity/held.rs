//! The table `list_held`.

use people::ParticipantId;
use sea_orm::entity::prelude::*;
use store::BlobId;

use crate::{HeldId, ListId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "list_held")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: HeldId,
    pub list_id: ListId,
    pub participant_id: ParticipantId,
    pub author: String,
    pub address: String,
    pub message_id: String,
    pub subject: String,
    pub excerpt: String,
    pub blob: BlobId,
    pub size: i64,
    pub envelope_from: String,
    pub source: String,
    pub rule: String,
    pub reason: String,
    pub judgement: String,
    /// Of the secret by which a moderator decides by mail.
    pub hash: String,
    pub received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
