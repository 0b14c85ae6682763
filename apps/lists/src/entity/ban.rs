//! The table `list_ban`.

use sea_orm::entity::prelude::*;

use crate::ListId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_ban")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub list_id: ListId,
    /// An address, `@domain`, or one with `*`.
    pub pattern: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
