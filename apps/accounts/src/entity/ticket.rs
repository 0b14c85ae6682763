//! The table `account_ticket`.
use people::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_ticket")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// See [`crate::ticket::Kind`].
    pub kind: String,
    /// SHA-256 of the secret in the link, hexadecimal.
    pub hash: String,
    /// Whose account it opens, when there is one already.
    pub user_id: Option<UserId>,
    /// The mail address it is about; may be empty.
    pub address: String,
    /// What else the kind needs, as JSON; may be empty.
    pub data: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
