use sea_orm::entity::prelude::*;

use crate::ChannelId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_channel")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ChannelId,
    pub network: String,
    /// As it is written: `#pypy`.
    pub name: String,
    /// Folded, for comparison.
    pub folded: String,
    pub topic: String,
    /// `on`, or why the bot is not there.
    pub state: String,
    pub seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
