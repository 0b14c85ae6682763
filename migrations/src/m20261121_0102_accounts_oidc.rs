//! The tables of the OpenID provider: keys, clients, codes, tokens, consents.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "oidc_key",
            vec![
                id(),
                text("kid"),
                text("alg"),
                text("private"),
                text("public"),
                time("created_at"),
                time_null("retired_at"),
            ],
        ),
        table(
            "oidc_client",
            vec![
                id(),
                text("client_id"),
                text("secret_hash"),
                text("name"),
                text("redirect_uris"),
                text("required_group"),
                yes_no("is_public"),
                yes_no("is_trusted"),
                time("created_at"),
            ],
        ),
        table(
            "oidc_code",
            vec![
                id(),
                text("hash"),
                number("client_id"),
                number("user_id"),
                text("redirect_uri"),
                text("scope"),
                text("nonce"),
                text("challenge"),
                time("auth_time"),
                time("created_at"),
                time("expires_at"),
                time_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs("oidc_code", "client_id", "oidc_client"))
        .foreign_key(&mut belongs("oidc_code", "user_id", "user"))
        .take(),
        table(
            "oidc_token",
            vec![
                id(),
                text("kind"),
                text("hash"),
                number("family"),
                number("client_id"),
                number("user_id"),
                text("scope"),
                time("auth_time"),
                time("created_at"),
                time("expires_at"),
                time_null("used_at"),
                time_null("revoked_at"),
            ],
        )
        .foreign_key(&mut belongs("oidc_token", "client_id", "oidc_client"))
        .foreign_key(&mut belongs("oidc_token", "user_id", "user"))
        .take(),
        table("oidc_consent", vec![number("user_id"), number("client_id"), text("scope"), time("at")])
            .primary_key(Index::create().col("user_id").col("client_id"))
            .foreign_key(&mut belongs("oidc_consent", "user_id", "user"))
            .foreign_key(&mut belongs("oidc_consent", "client_id", "oidc_client"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("oidc_key", &["kid"]),
        unique("oidc_client", &["client_id"]),
        unique("oidc_code", &["hash"]),
        index("oidc_code", &["expires_at"]),
        unique("oidc_token", &["hash"]),
        index("oidc_token", &["family"]),
        index("oidc_token", &["user_id"]),
        index("oidc_token", &["expires_at"]),
    ]
}
