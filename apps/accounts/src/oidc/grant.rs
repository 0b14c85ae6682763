//! Codes and tokens: issuing them, and exchanging one for the next.

use chrono::{DateTime, Duration, Utc};
use people::{User, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use store::{StoreError, Tx};

use super::client::Client;
use super::request::{Fault, Request, fault};
use super::{LIFE, jwt};
use crate::Refusal;
use crate::entity::{oidc_code, oidc_token};

/// How long a code may be exchanged.
const CODE: Duration = Duration::seconds(60);
/// How long a refresh token may be exchanged.
const REFRESH: Duration = Duration::days(30);

/// Issues a code for a request that somebody granted.
pub async fn code(
    tx: &Tx,
    client: &Client,
    user: UserId,
    request: &Request,
    auth_time: DateTime<Utc>,
) -> Result<String, StoreError> {
    let secret = web::session::draw_secret();
    let row = oidc_code::ActiveModel {
        hash: Set(people::token::hash(&secret)),
        client_id: Set(client.id),
        user_id: Set(user),
        redirect_uri: Set(request.redirect_uri.clone()),
        scope: Set(request.scope.clone()),
        nonce: Set(request.nonce.clone()),
        challenge: Set(request.challenge.clone()),
        auth_time: Set(auth_time),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + CODE),
        used_at: Set(None),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(secret)
}

/// What an exchange gives.
#[derive(Clone, Debug)]
pub struct Granted {
    pub user: User,
    pub scope: String,
    pub nonce: String,
    pub auth_time: DateTime<Utc>,
    pub access: String,
    pub refresh: Option<String>,
}

/// What came of an exchange. A refusal may have revoked tokens, so its transaction is committed too.
pub type Outcome = Result<Granted, Fault>;

/// Exchanges a code (RFC 6749 section 4.1.3).
pub async fn exchange(
    tx: &Tx,
    client: &Client,
    code: &str,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
) -> Result<Outcome, Refusal> {
    let found = oidc_code::Entity::find().filter(oidc_code::Column::Hash.eq(people::token::hash(code))).one(tx).await?;
    let Some(row) = found.filter(|row| row.client_id == client.id) else {
        return Ok(fault("invalid_grant", "There is no such code."));
    };
    if row.used_at.is_some() {
        revoke_family(tx, row.id).await?;
        return Ok(fault("invalid_grant", "The code was used before; what it gave is revoked."));
    }
    if row.expires_at <= tx.now() {
        return Ok(fault("invalid_grant", "The code is too old."));
    }
    if redirect_uri != Some(row.redirect_uri.as_str()) {
        return Ok(fault("invalid_grant", "The redirect_uri is not the one of the code."));
    }
    match (row.challenge.as_str(), verifier) {
        ("", None) => {}
        ("", Some(_)) => return Ok(fault("invalid_grant", "The code was issued without a code_challenge.")),
        (_, None) => return Ok(fault("invalid_grant", "The code_verifier is missing.")),
        (wanted, Some(verifier)) if (43..=128).contains(&verifier.len()) && jwt::challenge(verifier) == wanted => {}
        _ => return Ok(fault("invalid_grant", "The code_verifier is not the one of the code.")),
    }
    let used = oidc_code::Entity::update_many()
        .col_expr(oidc_code::Column::UsedAt, Expr::value(tx.now()))
        .filter(oidc_code::Column::Id.eq(row.id))
        .filter(oidc_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if used.rows_affected == 0 {
        revoke_family(tx, row.id).await?;
        return Ok(fault("invalid_grant", "The code was used at the same moment; what it gave is revoked."));
    }
    let Some(user) = entitled(tx, client, row.user_id).await? else {
        return Ok(fault("invalid_grant", "The person may not use this program."));
    };
    let descent = Descent { family: row.id, client: client.id, user: user.id, auth_time: row.auth_time };
    let access = token(tx, "access", &descent, &row.scope, LIFE).await?;
    let away = row.scope.split(' ').any(|scope| scope == "offline_access");
    let refresh = if away { Some(token(tx, "refresh", &descent, &row.scope, REFRESH).await?) } else { None };
    Ok(Ok(Granted { user, scope: row.scope, nonce: row.nonce, auth_time: row.auth_time, access, refresh }))
}

/// Exchanges a refresh token for the next one (section 6). The scope may shrink and never grow.
pub async fn refresh(tx: &Tx, client: &Client, secret: &str, scope: Option<&str>) -> Result<Outcome, Refusal> {
    let found = find(tx, "refresh", secret).await?.filter(|row| row.client_id == client.id);
    let Some(row) = found else { return Ok(fault("invalid_grant", "There is no such refresh token.")) };
    if row.used_at.is_some() {
        revoke_family(tx, row.family).await?;
        return Ok(fault("invalid_grant", "The refresh token was used before; all of its kin are revoked."));
    }
    if row.revoked_at.is_some() || row.expires_at <= tx.now() {
        return Ok(fault("invalid_grant", "The refresh token has ended."));
    }
    let held: Vec<&str> = row.scope.split(' ').collect();
    let wanted: Vec<&str> = scope.map_or_else(|| held.clone(), |scope| scope.split_whitespace().collect());
    if wanted.is_empty() || wanted.iter().any(|scope| !held.contains(scope)) {
        return Ok(fault("invalid_scope", "The scope may shrink and not grow."));
    }
    let Some(user) = entitled(tx, client, row.user_id).await? else {
        revoke_family(tx, row.family).await?;
        return Ok(fault("invalid_grant", "The person may not use this program."));
    };
    let used = oidc_token::Entity::update_many()
        .col_expr(oidc_token::Column::UsedAt, Expr::value(tx.now()))
        .filter(oidc_token::Column::Id.eq(row.id))
        .filter(oidc_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if used.rows_affected == 0 {
        revoke_family(tx, row.family).await?;
        return Ok(fault(
            "invalid_grant",
            "The refresh token was used at the same moment; all of its kin are revoked.",
        ));
    }
    let descent = Descent { family: row.family, client: client.id, user: user.id, auth_time: row.auth_time };
    let scope = wanted.join(" ");
    let access = token(tx, "access", &descent, &scope, LIFE).await?;
    // The next refresh token keeps the scope of the grant (section 6): only the access token is narrower.
    let next = token(tx, "refresh", &descent, &row.scope, REFRESH).await?;
    Ok(Ok(Granted { user, scope, nonce: String::new(), auth_time: row.auth_time, access, refresh: Some(next) }))
}

/// The person and the scope behind an access token that works at this moment.
pub async fn holder(
    conn: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<(User, String)>, Refusal> {
    let Some(row) = find(conn, "access", secret).await? else { return Ok(None) };
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Ok(None);
    }
    let Some(client) = super::client::by_id(conn, row.client_id).await? else { return Ok(None) };
    Ok(entitled(conn, &client, row.user_id).await?.map(|user| (user, row.scope)))
}

/// The user, when they are active and in the group that the program asks for.
pub async fn entitled(conn: &impl ConnectionTrait, client: &Client, user: UserId) -> Result<Option<User>, DbErr> {
    let Some(user) = people::user::by_id(conn, user).await?.filter(|user| user.state == "active") else {
        return Ok(None);
    };
    if client.required_group.is_empty() {
        return Ok(Some(user));
    }
    let groups = people::group::of_user(conn, user.id).await?;
    Ok(groups.iter().any(|(group, _)| group.name == client.required_group).then_some(user))
}

/// Ends every token of somebody.
pub async fn end_all(tx: &Tx, user: UserId) -> Result<(), StoreError> {
    oidc_token::Entity::delete_many().filter(oidc_token::Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Ends every token that a program has of somebody.
pub async fn end_of_client(tx: &Tx, user: UserId, client: i64) -> Result<(), StoreError> {
    oidc_token::Entity::delete_many()
        .filter(oidc_token::Column::UserId.eq(user))
        .filter(oidc_token::Column::ClientId.eq(client))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes what has ended. Used codes stay for a day, so that a second use is still noticed.
pub async fn sweep(tx: &Tx) -> Result<(), StoreError> {
    oidc_token::Entity::delete_many().filter(oidc_token::Column::ExpiresAt.lt(tx.now())).exec(tx).await?;
    let old = tx.now() - Duration::days(1);
    oidc_code::Entity::delete_many().filter(oidc_code::Column::ExpiresAt.lt(old)).exec(tx).await?;
    Ok(())
}

struct Descent {
    family: i64,
    client: i64,
    user: UserId,
    auth_time: DateTime<Utc>,
}

async fn token(tx: &Tx, kind: &str, descent: &Descent, scope: &str, life: Duration) -> Result<String, StoreError> {
    let secret = web::session::draw_secret();
    let row = oidc_token::ActiveModel {
        kind: Set(kind.into()),
        hash: Set(people::token::hash(&secret)),
        family: Set(descent.family),
        client_id: Set(descent.client),
        user_id: Set(descent.user),
        scope: Set(scope.to_owned()),
        auth_time: Set(descent.auth_time),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + life),
        used_at: Set(None),
        revoked_at: Set(None),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(secret)
}

async fn find(conn: &impl ConnectionTrait, kind: &str, secret: &str) -> Result<Option<oidc_token::Model>, DbErr> {
    oidc_token::Entity::find()
        .filter(oidc_token::Column::Hash.eq(people::token::hash(secret)))
        .filter(oidc_token::Column::Kind.eq(kind))
        .one(conn)
        .await
}

async fn revoke_family(tx: &Tx, family: i64) -> Result<(), StoreError> {
    oidc_token::Entity::update_many()
        .col_expr(oidc_token::Column::RevokedAt, Expr::value(tx.now()))
        .filter(oidc_token::Column::Family.eq(family))
        .filter(oidc_token::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
