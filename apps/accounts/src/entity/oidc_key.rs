//! The table `oidc_key`.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oidc_key")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kid: String,
    /// `ES256`.
    pub alg: String,
    /// PKCS #8, base64url.
    pub private: String,
    /// The members of the JWK that everybody may see, as JSON.
    pub public: String,
    pub created_at: DateTimeUtc,
    /// Since when it signs no more; it is published for a while yet.
    pub retired_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
