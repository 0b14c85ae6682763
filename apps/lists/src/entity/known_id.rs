//! The table `list_message_id`.

use sea_orm::entity::prelude::*;

use crate::{ListId, ThreadId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_message_id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub list_id: ListId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub thread_id: ThreadId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
