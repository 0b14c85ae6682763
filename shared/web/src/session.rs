//! Sessions: a random word in a cookie, its hash in a row.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use kernel::Settings;
use people::UserId;
use rand::Rng;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use store::{StoreError, Tx};

use crate::entity::session;

pub use crate::entity::session::Model as Session;

/// How long a session lives after it was last seen.
const LIFE: Duration = Duration::days(30);
/// How often a session's last sight is written down.
const SIGHT: Duration = Duration::minutes(10);

/// A random word of 256 bits, for cookies and links.
pub fn draw_secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Starts a session and gives the value of its cookie.
pub async fn start(tx: &Tx, user: UserId, address: &str, agent: &str) -> Result<String, StoreError> {
    let secret = draw_secret();
    let now = tx.now();
    let row = session::ActiveModel {
        user_id: Set(user),
        hash: Set(people::token::hash(&secret)),
        address: Set(address.to_owned()),
        agent: Set(agent.to_owned()),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(now + LIFE),
        confirmed_at: Set(now),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(secret)
}

/// Puts the cookie of a session started with [`start`] into an answer.
pub fn set_cookie(settings: &Settings, response: &mut axum::response::Response, secret: &str) {
    crate::cookie::set(settings, response, "session", secret, Some(LIFE.num_seconds()));
}

/// Takes the cookie of the session out of the browser.
pub fn clear_cookie(settings: &Settings, response: &mut axum::response::Response) {
    crate::cookie::set(settings, response, "session", "", Some(0));
}

/// The living session of a cookie's value.
pub(crate) async fn of_cookie(
    conn: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, DbErr> {
    let row = session::Entity::find().filter(session::Column::Hash.eq(people::token::hash(secret))).one(conn).await?;
    Ok(row.filter(|row| row.expires_at > now))
}

/// Whether the last sight of a session is old enough to be written anew.
pub(crate) fn is_stale(row: &Session, now: DateTime<Utc>) -> bool {
    now - row.seen_at > SIGHT
}

/// Notes that a session was seen, which lets it live on.
pub(crate) async fn seen(tx: &Tx, user: UserId, id: i64) -> Result<(), StoreError> {
    people::user::seen(tx, user).await?;
    session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(tx.now()))
        .col_expr(session::Column::ExpiresAt, Expr::value(tx.now() + LIFE))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the person behind a session has just shown a password or another factor.
pub async fn confirmed(tx: &Tx, id: i64) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::ConfirmedAt, Expr::value(tx.now()))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The living sessions of a user, the one seen last first.
pub async fn of_user(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<Vec<Session>, DbErr> {
    session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::SeenAt)
        .all(conn)
        .await
}

/// Ends one session of a user.
pub async fn end(tx: &Tx, user: UserId, id: i64) -> Result<(), StoreError> {
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every session of a user but `except`.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<i64>) -> Result<(), StoreError> {
    let mut ending = session::Entity::delete_many().filter(session::Column::UserId.eq(user));
    if let Some(id) = except {
        ending = ending.filter(session::Column::Id.ne(id));
    }
    ending.exec(tx).await?;
    Ok(())
}

/// Deletes sessions that have ended; how many.
pub async fn sweep(tx: &Tx) -> Result<u64, StoreError> {
    let swept = session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(tx.now())).exec(tx).await?;
    Ok(swept.rows_affected)
}
