use sea_orm::entity::prelude::*;

use crate::ChannelId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_line")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub channel_id: ChannelId,
    pub at: DateTimeUtc,
    /// The day in UTC: `2026-11-21`.
    pub day: String,
    /// Unique on its day and channel: `14:03:22-k3f9`.
    pub mark: String,
    pub kind: String,
    pub nick: String,
    pub account: String,
    pub text: String,
    /// The bytes as they came, when they are not the text.
    pub raw: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
