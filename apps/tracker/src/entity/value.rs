//! The table `tracker_value`.
use sea_orm::entity::prelude::*;

use crate::IssueId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker_value")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub issue_id: IssueId,
    pub property_id: i64,
    /// Of a link: the number of its target; of a link to a person: the participant.
    pub link: Option<i64>,
    /// Of a number, a boolean (0 or 1), a date (milliseconds) or an interval (seconds).
    pub amount: Option<f64>,
    pub text: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
