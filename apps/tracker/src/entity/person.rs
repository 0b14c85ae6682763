//! The table `tracker_person`.
use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::TrackerId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_person")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    /// The id of the user in Roundup.
    pub number: i64,
    pub participant_id: ParticipantId,
    pub name: String,
    pub is_retired: bool,
    /// The line of an import, as it was.
    pub kept: String,
    pub journal: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
