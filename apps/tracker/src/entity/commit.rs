//! The table `tracker_commit`.
use sea_orm::entity::prelude::*;

use crate::IssueId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_commit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub issue_id: IssueId,
    pub repository: String,
    pub commit_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
