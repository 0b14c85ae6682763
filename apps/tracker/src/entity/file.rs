//! The table `tracker_file`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::{IssueId, TrackerId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_file")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    pub number: i64,
    pub issue_id: Option<IssueId>,
    pub message_number: Option<i64>,
    pub name: String,
    pub content_type: String,
    /// The name of the bytes.
    pub blob: String,
    pub size: i64,
    pub creator_id: ParticipantId,
    pub created_at: DateTimeUtc,
    pub is_retired: bool,
    pub kept: Option<String>,
    pub journal: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
