use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_out_rcpt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub mail_id: i64,
    pub address: String,
    pub token: Option<String>,
    /// `waiting`, `sent`, `failed` or `dropped`.
    pub state: String,
    #[sea_orm(select_as = "bigint")]
    pub tries: i64,
    pub due_at: Option<DateTimeUtc>,
    /// What the other side said last.
    pub reply: String,
    pub done_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
