//! API tokens: what they may, and making them.

use chrono::Duration;
use people::{Actor, User};
use store::Tx;

use crate::Refusal;
use crate::audit::{self, Client, Deed};

/// What a token may, with what that means; `web` holds every request with a token to it.
pub const SCOPES: [(&str, &str); 3] = [
    ("read", "See what you may see"),
    ("write", "Change what you may change"),
    ("admin", "Do what you may as an administrator, with read or write"),
];

/// Tokens begin with this, so that scanners find those that were published by mistake.
const PREFIX: &str = "guildhall_";

/// Makes a token and gives its secret, which is kept nowhere.
pub async fn issue(
    tx: &Tx,
    actor: &Actor,
    user: &User,
    label: &str,
    scopes: &[&str],
    life: Option<Duration>,
    client: &Client,
) -> Result<String, Refusal> {
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.iter().any(|(known, _)| known == *scope)) {
        return Err(Refusal::Bad(format!("There is no scope {unknown}. The scopes are read, write and admin.")));
    }
    if !scopes.contains(&"read") && !scopes.contains(&"write") {
        return Err(Refusal::Bad("A token needs the scope read or write.".into()));
    }
    let label: String = label.chars().filter(|c| !c.is_control()).take(100).collect();
    if label.trim().is_empty() {
        return Err(Refusal::Bad("Say what the token is for.".into()));
    }
    let secret = format!("{PREFIX}{}", web::session::draw_secret());
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    people::token::issue(tx, user.id, &label, &secret, &scopes, life).await?;
    let detail = format!("{label}: {}", scopes.join(" "));
    audit::record(tx, actor, Deed::TokenMade, Some(user), client, &detail).await?;
    Ok(secret)
}

/// Revokes a token at once.
pub async fn revoke(tx: &Tx, actor: &Actor, user: &User, id: i64, client: &Client) -> Result<(), Refusal> {
    people::token::revoke(tx, user.id, id).await?;
    audit::record(tx, actor, Deed::TokenRevoked, Some(user), client, &id.to_string()).await?;
    Ok(())
}
