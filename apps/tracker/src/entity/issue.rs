//! The table `tracker_issue`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::{IssueId, TrackerId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_issue")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: IssueId,
    pub tracker_id: TrackerId,
    pub number: i64,
    pub title: String,
    pub link1: Option<i64>,
    pub link2: Option<i64>,
    pub link3: Option<i64>,
    pub link4: Option<i64>,
    pub link5: Option<i64>,
    pub link6: Option<i64>,
    pub creator_id: ParticipantId,
    pub created_at: DateTimeUtc,
    pub actor_id: ParticipantId,
    pub activity_at: DateTimeUtc,
    pub is_retired: bool,
    pub message_count: i64,
    pub version: i64,
    /// The line of an import, as it was.
    pub kept: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
