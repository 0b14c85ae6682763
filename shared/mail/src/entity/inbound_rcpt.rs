use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_in_rcpt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub mail_id: i64,
    pub address: String,
    /// The mailbox that answers; empty while none has been asked, or none does.
    pub mailbox: String,
    /// `waiting`, `done`, `refused`, `kept` or `dropped`.
    pub state: String,
    #[sea_orm(select_as = "bigint")]
    pub tries: i64,
    /// When it is handed over next; absent when nothing waits.
    pub due_at: Option<DateTimeUtc>,
    /// What the mailbox said last.
    pub reply: String,
    pub done_at: Option<DateTimeUtc>,
    /// What its sender wants to be told of this recipient: `NOTIFY=NEVER ORCPT=rfc822;ann@x.org`.
    pub dsn: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
