//! The table `tracker_message`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::{IssueId, TrackerId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_message")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    pub number: i64,
    pub issue_id: Option<IssueId>,
    pub author_id: ParticipantId,
    pub sent_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    /// `web`, `mail`, `commit` or `import`.
    pub source: String,
    pub format: String,
    pub summary: String,
    pub body: String,
    /// Without angle brackets.
    pub message_id: String,
    /// Without angle brackets; empty when it answers nothing.
    pub in_reply_to: String,
    /// Those who have it already, as a JSON list of participants.
    pub recipients: String,
    /// The blob of the mail that brought it.
    pub raw: Option<String>,
    pub is_retired: bool,
    pub kept: Option<String>,
    pub journal: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
