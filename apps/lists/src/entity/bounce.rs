//! The table `list_bounce`.

use sea_orm::entity::prelude::*;

use crate::ListId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_bounce")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub list_id: ListId,
    pub address_key: String,
    pub at: DateTimeUtc,
    /// RFC 3463, `5.1.1`; empty when the report names none.
    pub status: String,
    pub reason: String,
    pub scored: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
