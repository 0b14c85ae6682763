//! The keys that sign ID tokens, and their rotation.

use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use store::{Store, StoreError, Tx};

use super::jwt::{self, Signer};
use crate::Refusal;
use crate::entity::oidc_key;

pub use crate::entity::oidc_key::Model as Key;

/// How old a key gets before another one signs.
const LIFE: Duration = Duration::days(90);
/// How long a key is published after it has signed last: longer than any token of it lives.
const PUBLISHED: Duration = Duration::days(7);

/// The key that signs now; the first one is drawn when there is none.
pub async fn current(store: &Store) -> Result<Key, Refusal> {
    if let Some(key) = newest(&store.read()).await? {
        return Ok(key);
    }
    let tx = store.write().await?;
    let key = match newest(&tx).await? {
        Some(key) => key,
        None => draw(&tx).await?,
    };
    tx.commit().await?;
    Ok(key)
}

async fn newest(conn: &impl ConnectionTrait) -> Result<Option<Key>, DbErr> {
    oidc_key::Entity::find()
        .filter(oidc_key::Column::RetiredAt.is_null())
        .order_by_desc(oidc_key::Column::Id)
        .one(conn)
        .await
}

async fn draw(tx: &Tx) -> Result<Key, Refusal> {
    let private = Signer::draw().map_err(broken)?;
    let public = Signer::read(&private).map_err(broken)?.public();
    let row = oidc_key::ActiveModel {
        kid: Set(jwt::half_hash(&public.to_string())),
        alg: Set("ES256".into()),
        private: Set(private),
        public: Set(public.to_string()),
        created_at: Set(tx.now()),
        retired_at: Set(None),
        ..Default::default()
    };
    Ok(row.insert(tx).await?)
}

/// Lets another key sign from now on; the one before stays published.
pub async fn rotate(tx: &Tx) -> Result<(), Refusal> {
    oidc_key::Entity::update_many()
        .col_expr(oidc_key::Column::RetiredAt, Expr::value(tx.now()))
        .filter(oidc_key::Column::RetiredAt.is_null())
        .exec(tx)
        .await?;
    draw(tx).await?;
    Ok(())
}

/// Rotates when the key is old enough, and deletes keys whose tokens have all ended.
pub async fn tend(tx: &Tx) -> Result<(), Refusal> {
    if newest(tx).await?.is_some_and(|key| tx.now() - key.created_at > LIFE) {
        rotate(tx).await?;
    }
    oidc_key::Entity::delete_many().filter(oidc_key::Column::RetiredAt.lt(tx.now() - PUBLISHED)).exec(tx).await?;
    Ok(())
}

/// The published keys (RFC 7517), without any private member.
pub async fn published(conn: &impl ConnectionTrait) -> Result<Value, DbErr> {
    let rows = oidc_key::Entity::find().order_by_desc(oidc_key::Column::Id).all(conn).await?;
    let keys = rows.iter().map(|row| {
        let mut jwk: Value = serde_json::from_str(&row.public).unwrap_or_default();
        jwk["kid"] = json!(row.kid);
        jwk["alg"] = json!(row.alg);
        jwk["use"] = json!("sig");
        jwk
    });
    Ok(json!({ "keys": keys.collect::<Vec<_>>() }))
}

/// Signs claims with a key.
pub fn sign(key: &Key, claims: &Value) -> Result<String, Refusal> {
    Signer::read(&key.private).and_then(|signer| signer.sign(&key.kid, claims)).map_err(broken)
}

/// The claims of a token of ours, however old it is.
pub async fn verify(conn: &impl ConnectionTrait, token: &str) -> Result<Option<Value>, DbErr> {
    let Some(kid) = jwt::kid(token) else { return Ok(None) };
    let row = oidc_key::Entity::find().filter(oidc_key::Column::Kid.eq(kid)).one(conn).await?;
    let public = row.and_then(|row| serde_json::from_str::<Value>(&row.public).ok());
    Ok(public.and_then(|public| jwt::verify(&public, token)))
}

fn broken(error: jwt::BadKey) -> Refusal {
    Refusal::Store(StoreError::Damaged(error.to_string()))
}
