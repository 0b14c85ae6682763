//! The table `branch`.
use crate::RepositoryId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "branch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub repository_id: RepositoryId,
    /// `refs/heads/main`, `refs/tags/v1`.
    pub refname: String,
    /// The id it points at.
    pub head: String,
    pub moved_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
