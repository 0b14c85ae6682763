//! The table `user`.
use crate::{ParticipantId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UserId,
    /// Canonical: lower case, unique for ever.
    pub name: String,
    pub display_name: String,
    /// `active`, `unconfirmed`, `waiting` (for approval), `disabled`.
    pub state: String,
    pub participant_id: ParticipantId,
    pub timezone: String,
    pub about: String,
    pub created_at: DateTimeUtc,
    pub seen_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
