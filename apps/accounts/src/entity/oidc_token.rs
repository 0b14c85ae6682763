//! The table `oidc_token`.
use people::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oidc_token")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// `access` or `refresh`.
    pub kind: String,
    pub hash: String,
    /// The number of the code from which it descends.
    pub family: i64,
    pub client_id: i64,
    pub user_id: UserId,
    pub scope: String,
    pub auth_time: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// When a refresh token was exchanged for the next one.
    pub used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
