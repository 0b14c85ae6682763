use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site_build")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub site: String,
    pub at: DateTimeUtc,
    pub revision: String,
    pub signature: String,
    /// Whether this is the build that people see; one of a site is.
    pub is_shown: bool,
    pub pages: i64,
    /// JSON: what the build complained of.
    pub warnings: String,
    /// JSON: the tree of pages.
    pub navigation: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
