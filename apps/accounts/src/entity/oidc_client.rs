//! The table `oidc_client`.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oidc_client")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub client_id: String,
    /// SHA-256 of the secret, hexadecimal; empty for a public client.
    pub secret_hash: String,
    pub name: String,
    /// One a line.
    pub redirect_uris: String,
    /// The name of the group whose members may use it; empty: everybody.
    pub required_group: String,
    /// A program on somebody's own machine or in their browser, which can keep no secret.
    pub is_public: bool,
    /// It belongs to the project itself, so that nobody is asked for consent.
    pub is_trusted: bool,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
