//! Passwords: keeping them, and checking who shows one.

use kernel::Hub;
use people::{Actor, User, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use store::Tx;

use crate::audit::{self, Client, Deed};
use crate::entity::password;
use crate::hashing::Hasher;
use crate::{Refusal, Ticket, oidc, strength, ticket};

/// Judges and hashes a new password of somebody of whom `known` is known. No transaction may be open.
pub async fn prepare(hasher: &Hasher, password: &str, known: &[&str]) -> Result<String, Refusal> {
    strength::judge(password, known).map_err(Refusal::WeakPassword)?;
    hasher.hash(password).await
}

/// Keeps the hash of a new password and ends every session of the user but `except`, every token
/// that programs have of them, and every reset link.
pub async fn change(
    tx: &Tx,
    actor: &Actor,
    user: &User,
    hash: String,
    except: Option<i64>,
    client: &Client,
) -> Result<(), Refusal> {
    keep(tx, user.id, hash).await?;
    web::session::end_all(tx, user.id, except).await?;
    oidc::grant::end_all(tx, user.id).await?;
    ticket::end_all(tx, ticket::Kind::Reset, user.id).await?;
    audit::record(tx, actor, Deed::PasswordChanged, Some(user), client, "").await?;
    Ok(())
}

/// Sets a new password by a reset link, which is used up.
pub async fn reset(tx: &Tx, ticket: &Ticket, user: &User, hash: String, client: &Client) -> Result<(), Refusal> {
    if !ticket::spend(tx, ticket).await? {
        return Err(Refusal::DeadTicket("Ask for a new one."));
    }
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::ResetUsed, Some(user), client, "").await?;
    change(tx, &actor, user, hash, None, client).await
}

/// A link by which somebody chooses a password once, made for them by an administrator; the URL, whole.
pub async fn reset_link(tx: &Tx, hub: &Hub, actor: &Actor, user: &User, client: &Client) -> Result<String, Refusal> {
    let issued = ticket::issue(tx, ticket::Kind::Reset, Some(user.id), "", "").await?;
    audit::record(tx, actor, Deed::ResetAsked, Some(user), client, "link made by hand").await?;
    Ok(hub.url(&format!("/reset/{}", issued.secret)))
}

/// Keeps the hash of a user's password in place of the one before.
pub(crate) async fn keep(tx: &Tx, user: UserId, hash: String) -> Result<(), Refusal> {
    let row = password::ActiveModel { user_id: Set(user), hash: Set(hash), changed_at: Set(tx.now()) };
    password::Entity::insert(row)
        .on_conflict(
            OnConflict::column(password::Column::UserId)
                .update_columns([password::Column::Hash, password::Column::ChangedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Renews a hash whose parameters are old, unless the password was changed meanwhile.
pub(crate) async fn renew(tx: &Tx, user: UserId, old: &str, hash: String) -> Result<(), Refusal> {
    use sea_orm::sea_query::Expr;
    password::Entity::update_many()
        .col_expr(password::Column::Hash, Expr::value(hash))
        .filter(password::Column::UserId.eq(user))
        .filter(password::Column::Hash.eq(old))
        .exec(tx)
        .await?;
    Ok(())
}

/// What is kept of a user's password, when there is one.
pub(crate) async fn stored(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<password::Model>, DbErr> {
    password::Entity::find_by_id(user).one(conn).await
}
