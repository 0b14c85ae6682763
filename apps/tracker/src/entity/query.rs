//! The table `tracker_query`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::TrackerId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_query")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    pub number: i64,
    pub owner_id: ParticipantId,
    pub is_private: bool,
    pub name: String,
    /// The query string of the list: `status=1&sort=-activity`.
    pub query: String,
    pub is_retired: bool,
    pub created_at: DateTimeUtc,
    pub kept: String,
    pub journal: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
