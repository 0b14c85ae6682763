//! The table `push_ref`.
use crate::{PushId, RefId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "push_ref")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: RefId,
    pub push_id: PushId,
    /// From 0, in the order in which the version control system told of them.
    #[sea_orm(select_as = "bigint")]
    pub position: i64,
    /// `refs/heads/main`, `trunk`, `default`.
    pub refname: String,
    /// `branch`, `tag`, `annotated tag`, `reference`.
    pub kind: String,
    /// `created`, `updated`, `forced`, `deleted`.
    pub change: String,
    /// Empty when it was not there before.
    pub old_id: String,
    /// Empty when it is not there any more.
    pub new_id: String,
    /// How many commits are new with it.
    pub fresh: i64,
    /// What else happened, as JSON ([`crate::push::Summary`]).
    pub summary: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
