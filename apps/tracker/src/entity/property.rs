//! The table `tracker_property`.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_property")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub class_id: i64,
    pub name: String,
    pub label: String,
    /// See [`Kind`](crate::kind::Kind).
    pub kind: String,
    /// The class to which a link goes.
    pub target: String,
    /// The column `link1` to `link6` of the issue that holds this link; others stand in `tracker_value`.
    #[sea_orm(select_as = "bigint")]
    pub slot: Option<i64>,
    #[sea_orm(select_as = "bigint")]
    pub position: i64,
    pub is_required: bool,
    pub help: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
