//! The table `list_member`.

use people::ParticipantId;
use sea_orm::entity::prelude::*;

use crate::{ListId, MemberId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_member")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: MemberId,
    pub list_id: ListId,
    /// As its owner writes it.
    pub address: String,
    /// Lower case.
    pub address_key: String,
    pub name: String,
    pub participant_id: ParticipantId,
    /// `on`, `off` (by the member), `bounces` or `moderator`.
    pub delivery: String,
    /// What happens to this member's posts; absent: what the list says.
    pub moderation: Option<String>,
    /// Whether the member gets copies of what they wrote.
    pub own_posts: bool,
    /// Whether the member gets no copy of what names them in To or Cc.
    pub no_duplicates: bool,
    /// Whether only moderators see the membership.
    pub is_hidden: bool,
    /// Opaque, 128 random bits: unsubscribes this member.
    pub token: String,
    #[sea_orm(select_as = "bigint")]
    pub bounce_score: i64,
    pub bounced_at: Option<DateTimeUtc>,
    pub joined_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
