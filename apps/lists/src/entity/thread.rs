//! The table `list_thread`.

use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::{ListId, ThreadId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_thread")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ThreadId,
    pub list_id: ListId,
    /// Hash and copy of the post with which it was made; unique in the list.
    pub begun_by: String,
    pub root_message_id: String,
    /// Whether even its first post answers something that is not here.
    pub root_is_reply: bool,
    pub subject: String,
    pub participant_id: ParticipantId,
    pub last_participant_id: ParticipantId,
    pub started_at: DateTimeUtc,
    pub last_at: DateTimeUtc,
    pub post_count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
