//! The table `participant`.
use crate::{ParticipantId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participant")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ParticipantId,
    pub user_id: Option<UserId>,
    pub name: String,
    /// A mail address in lower case, or `irc:NETWORK:ACCOUNT` and the like; unique.
    pub address: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
