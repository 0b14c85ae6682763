//! What people let programs know of them.

use people::{User, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use store::Tx;

use super::client::Client;
use super::grant;
use crate::Refusal;
use crate::audit::{self, Deed};
use crate::entity::{oidc_client, oidc_consent};

/// Whether somebody has let a program know all of `scope`.
pub async fn covers(conn: &impl ConnectionTrait, user: UserId, client: &Client, scope: &str) -> Result<bool, DbErr> {
    if client.is_trusted {
        return Ok(true);
    }
    let given = oidc_consent::Entity::find_by_id((user, client.id)).one(conn).await?;
    let given = given.map(|row| row.scope).unwrap_or_default();
    Ok(!given.is_empty() && scope.split(' ').all(|asked| given.split(' ').any(|known| known == asked)))
}

/// Keeps that somebody lets a program know `scope`, beside what it knew before.
pub async fn give(tx: &Tx, user: &User, client: &Client, scope: &str, from: &audit::Client) -> Result<(), Refusal> {
    let before =
        oidc_consent::Entity::find_by_id((user.id, client.id)).one(tx).await?.map(|row| row.scope).unwrap_or_default();
    let mut all: Vec<&str> = before.split(' ').chain(scope.split(' ')).filter(|scope| !scope.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    let row = oidc_consent::ActiveModel {
        user_id: Set(user.id),
        client_id: Set(client.id),
        scope: Set(all.join(" ")),
        at: Set(tx.now()),
    };
    oidc_consent::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([oidc_consent::Column::UserId, oidc_consent::Column::ClientId])
                .update_columns([oidc_consent::Column::Scope, oidc_consent::Column::At])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::ConsentGiven, Some(user), from, &format!("{}: {scope}", client.name)).await?;
    Ok(())
}

/// Takes the consent back; every token that the program has of this person ends.
pub async fn take(tx: &Tx, user: &User, client: i64, from: &audit::Client) -> Result<(), Refusal> {
    oidc_consent::Entity::delete_by_id((user.id, client)).exec(tx).await?;
    grant::end_of_client(tx, user.id, client).await?;
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::ConsentTaken, Some(user), from, &client.to_string()).await?;
    Ok(())
}

/// The programs that somebody lets know of them, with what.
pub async fn of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<(Client, String, chrono::DateTime<chrono::Utc>)>, DbErr> {
    let rows = oidc_consent::Entity::find().filter(oidc_consent::Column::UserId.eq(user)).all(conn).await?;
    let clients = oidc_client::Entity::find()
        .filter(oidc_client::Column::Id.is_in(rows.iter().map(|row| row.client_id)))
        .all(conn)
        .await?;
    let with = |client: Client| {
        let row = rows.iter().find(|row| row.client_id == client.id)?;
        Some((client, row.scope.clone(), row.at))
    };
    Ok(clients.into_iter().filter_map(with).collect())
}
