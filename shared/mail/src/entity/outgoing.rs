use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_out")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub about: String,
    pub blob: String,
    pub size: i64,
    /// Fields put above the bytes for everybody, folded, each with its CRLF.
    pub headers: String,
    /// Fields put above that for each recipient, with `{token}` and its like, as JSON pairs.
    pub personal: Option<String>,
    /// `null`, `to`, `verp` or `token`.
    pub return_kind: String,
    pub return_path: String,
    pub message_id: String,
    pub subject: String,
    pub eight_bit: bool,
    pub utf8: bool,
    pub created_at: DateTimeUtc,
    /// When the next recipient is due; absent when none waits.
    pub due_at: Option<DateTimeUtc>,
    pub claimed_until: Option<DateTimeUtc>,
    /// The node that sends it.
    pub claimed_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
