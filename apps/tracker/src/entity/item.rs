//! The table `tracker_item`.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, serde::Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_item")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub class_id: i64,
    pub number: i64,
    pub name: String,
    pub position: f64,
    /// Of a status: `open`, `waiting` or `done`.
    pub meaning: String,
    pub is_retired: bool,
    pub created_at: DateTimeUtc,
    /// The line of an import, as it was.
    pub kept: String,
    /// The lines of an imported journal, as they were.
    pub journal: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
