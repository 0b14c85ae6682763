//! The table `tracker_history`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::IssueId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_history")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub issue_id: IssueId,
    pub at: DateTimeUtc,
    pub participant_id: ParticipantId,
    /// `create`, `set`, `retired`, `restored`, `link` or `unlink`.
    pub action: String,
    pub source: String,
    pub message_number: Option<i64>,
    /// JSON: a list of [`Delta`](crate::change::Delta).
    pub changes: String,
    /// The line of an imported journal, as it was.
    pub kept: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
