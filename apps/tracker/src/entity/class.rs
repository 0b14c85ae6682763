//! The table `tracker_class`.
use sea_orm::entity::prelude::*;

use crate::TrackerId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_class")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tracker_id: TrackerId,
    pub name: String,
    /// `issue`, `message`, `file`, `query`, `user`, or `plain` for rows such as statuses.
    pub kind: String,
    /// The property by which rows are named.
    pub label: String,
    pub next_number: i64,
    #[sea_orm(select_as = "bigint")]
    pub position: i64,
    /// What an import must know to write the class as it was: header and order, as JSON.
    pub kept: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
