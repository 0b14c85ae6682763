//! API tokens: bearer secrets of a user, kept as hashes.

use chrono::{DateTime, Duration, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use sha2::{Digest, Sha256};
use store::Tx;

use crate::entity::token;
use crate::{Refusal, UserId};

pub use crate::entity::token::Model as Token;

/// The hash under which a secret with at least 128 bits of luck is kept: SHA-256, hexadecimal.
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Keeps a token whose `secret` the caller drew and shows once.
pub async fn issue(
    tx: &Tx,
    user: UserId,
    label: &str,
    secret: &str,
    scopes: &[String],
    life: Option<Duration>,
) -> Result<Token, Refusal> {
    let row = token::ActiveModel {
        user_id: Set(user),
        label: Set(label.trim().to_owned()),
        hash: Set(hash(secret)),
        scopes: Set(scopes.join(" ")),
        created_at: Set(tx.now()),
        expires_at: Set(life.map(|life| tx.now() + life)),
        used_at: Set(None),
        ..Default::default()
    };
    Ok(row.insert(tx).await?)
}

/// The token of a secret, when it is known and not expired.
pub async fn verify(conn: &impl ConnectionTrait, secret: &str, now: DateTime<Utc>) -> Result<Option<Token>, DbErr> {
    let row = token::Entity::find().filter(token::Column::Hash.eq(hash(secret))).one(conn).await?;
    Ok(row.filter(|row| row.expires_at.is_none_or(|end| end > now)))
}

/// Notes that a token was used; called at most every few minutes for one token.
pub async fn used(tx: &Tx, id: i64) -> Result<(), Refusal> {
    let row = token::ActiveModel { id: Set(id), used_at: Set(Some(tx.now())), ..Default::default() };
    row.update(tx).await?;
    Ok(())
}

/// The tokens of a user, newest first.
pub async fn of_user(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<Token>, DbErr> {
    token::Entity::find().filter(token::Column::UserId.eq(user)).order_by_desc(token::Column::Id).all(conn).await
}

/// Revokes a token of a user at once.
pub async fn revoke(tx: &Tx, user: UserId, id: i64) -> Result<(), Refusal> {
    token::Entity::delete_many()
        .filter(token::Column::UserId.eq(user))
        .filter(token::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
