//! The table `account_audit`.
use people::UserId;
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "account_audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    /// See [`crate::audit::Deed`].
    pub kind: String,
    /// Whose account it is about; no foreign key, so that the line outlives the account.
    pub user_id: Option<UserId>,
    /// The name of that account, as it was then.
    pub name: String,
    /// Who did it.
    pub actor: String,
    /// From where.
    pub address: String,
    /// With which program.
    pub agent: String,
    pub detail: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
