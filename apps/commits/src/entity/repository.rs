//! The table `repository`.
use crate::RepositoryId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "repository")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: RepositoryId,
    /// As it stands in URLs: letters, digits, and `- _ .` in between.
    pub name: String,
    /// `git`, `svn` or `hg`.
    pub vcs: String,
    /// Where it lies on this machine; empty: it lives elsewhere and only tells of its pushes.
    pub path: String,
    pub description: String,
    /// The mail address to which its commits go; empty: none.
    pub list_address: String,
    /// The channel in which it is announced; empty: the bot decides.
    pub channel: String,
    /// The tracker that `#12` means; empty: the default one.
    pub tracker: String,
    /// Globs of branches, separated by blanks, on which a commit closes issues; empty: all.
    pub closes_on: String,
    /// The secret of its incoming webhooks.
    pub token: String,
    /// Who may see it: `public`, `members`, `group:ID`.
    pub audience: String,
    pub created_at: DateTimeUtc,
    pub pushed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
