use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_in")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub blob: String,
    pub size: i64,
    pub envelope_from: String,
    /// How it came: `lmtp 127.0.0.1`.
    pub via: String,
    pub received_at: DateTimeUtc,
    /// What its sender wants to be told: `RET=HDRS ENVID=12`.
    pub dsn: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
