//! The table `mailing_list`.

use sea_orm::entity::prelude::*;

use crate::ListId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mailing_list")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ListId,
    pub name: String,
    pub title: String,
    pub description: String,
    /// Who reads the archive: `public`, `members` (anyone with an account) or `admins`.
    pub audience: String,
    /// Who sees the members: `members` (of the list) or `moderators`.
    pub roster: String,
    /// Whether the list of lists names it.
    pub is_listed: bool,
    /// Whether only moderators post.
    pub is_announce: bool,
    /// Whether a moderator decides who joins.
    pub needs_approval: bool,
    pub member_action: String,
    pub nonmember_action: String,
    /// Whether every post is held.
    pub is_emergency: bool,
    pub subject_prefix: String,
    /// Whether each member gets a copy of their own, with their own return path and link.
    pub is_personal: bool,
    /// Bytes; 0 is no limit of its own.
    pub max_size: i64,
    /// 0 is no limit.
    #[sea_orm(select_as = "bigint")]
    pub max_rcpts: i64,
    /// The score at which delivery stops; 0 counts and never stops.
    #[sea_orm(select_as = "bigint")]
    pub bounce_threshold: i64,
    /// After so many days without a bounce the score begins anew.
    #[sea_orm(select_as = "bigint")]
    pub bounce_stale_days: i64,
    pub post_count: i64,
    pub last_post_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
