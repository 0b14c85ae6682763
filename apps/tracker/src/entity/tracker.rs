//! The table `tracker`.
use sea_orm::entity::prelude::*;

use crate::TrackerId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracker")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: TrackerId,
    pub name: String,
    pub title: String,
    pub template: String,
    /// Who may read: `public` or `members`.
    pub audience: String,
    /// The least role: `member`, `developer` and so on.
    pub may_file: String,
    pub may_comment: String,
    pub may_change: String,
    /// What becomes of mail from people without an account: `hold`, `accept` or `refuse`.
    pub strangers: String,
    /// Counts changes of the schema and its items; caches of them are keyed by it.
    pub catalog_version: i64,
    /// Counts changes of issues; caches of lists are keyed by it.
    pub version: i64,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
