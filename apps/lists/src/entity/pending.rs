//! The table `list_pending`.

use sea_orm::entity::prelude::*;

use crate::ListId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_pending")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub list_id: ListId,
    /// `join`, `leave` or `approve` (a moderator decides).
    pub kind: String,
    pub address: String,
    pub name: String,
    /// Of the secret.
    pub hash: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
