//! What a program is told of somebody (OpenID Connect Core section 5).

use kernel::Hub;
use people::User;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};

use crate::person;

/// The subject of a user: never given to anybody else.
pub fn subject(user: &User) -> String {
    user.id.to_string()
}

/// The claims that a scope opens.
pub async fn of(conn: &impl ConnectionTrait, hub: &Hub, user: &User, scope: &str) -> Result<Value, DbErr> {
    let asked = |name: &str| scope.split(' ').any(|scope| scope == name);
    let mut claims = json!({ "sub": subject(user) });
    if asked("profile") {
        claims["name"] = json!(person::shown(user));
        claims["preferred_username"] = json!(user.name);
        claims["profile"] = json!(hub.url(&format!("/people/{}", user.name)));
        claims["zoneinfo"] = json!(user.timezone);
    }
    if asked("email") {
        let emails = people::user::emails(conn, user.id).await?;
        if let Some(email) = emails.into_iter().find(|email| email.is_primary && email.confirmed_at.is_some()) {
            claims["email"] = json!(email.address);
            claims["email_verified"] = json!(true);
        }
    }
    if asked("groups") {
        let groups = people::group::of_user(conn, user.id).await?;
        claims["groups"] = groups.into_iter().map(|(group, _)| group.name).collect();
    }
    Ok(claims)
}
