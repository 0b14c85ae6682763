//! The table `tracker_held`.
use sea_orm::entity::prelude::*;

use crate::TrackerId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_held")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    /// The blob of the mail.
    pub raw: String,
    pub rcpt: String,
    pub from_name: String,
    pub from_address: String,
    pub subject: String,
    pub excerpt: String,
    pub message_id: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
