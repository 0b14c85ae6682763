//! Who shows a name and a password.

use people::User;

use crate::{Accounts, Refusal, password};

/// The user whose name or confirmed address is `who` and whose password is `password`. Whether a name is unknown, a
/// password wrong, an account disabled or without a password: the answer and its time are the same.
pub async fn check(accounts: &Accounts, who: &str, password: &str) -> Result<User, Refusal> {
    let (user, stored) = find(accounts, who).await?;
    let verdict = accounts.hasher.verify(stored.clone(), password).await?;
    let Some(user) = user.filter(|_| verdict.is_right) else { return Err(Refusal::WrongPassword) };
    match user.state.as_str() {
        "active" => {}
        "waiting" => return Err(Refusal::Waiting),
        _ => return Err(Refusal::WrongPassword),
    }
    if let Some(stored) = &stored {
        accounts.verified.remember(user.id, password, stored, accounts.hub.now());
    }
    if let Some(old) = stored.filter(|_| verdict.is_old) {
        let hash = accounts.hasher.hash(password).await?;
        let tx = accounts.hub.store.write().await?;
        password::renew(&tx, user.id, &old, hash).await?;
        tx.commit().await?;
    }
    Ok(user)
}

/// The active user whose password was right for [`check`] lately and is right still; costs no hash.
pub async fn recall(accounts: &Accounts, who: &str, password: &str) -> Result<Option<User>, Refusal> {
    let (Some(user), Some(stored)) = find(accounts, who).await? else { return Ok(None) };
    let is_right = accounts.verified.knows(user.id, password, &stored, accounts.hub.now());
    Ok(Some(user).filter(|user| is_right && user.state == "active"))
}

async fn find(accounts: &Accounts, who: &str) -> Result<(Option<User>, Option<String>), Refusal> {
    let conn = accounts.hub.store.read();
    let user = match people::user::by_name(&conn, who).await? {
        Some(user) => Some(user),
        None => people::user::by_email(&conn, who).await?,
    };
    let stored = match &user {
        Some(user) => password::stored(&conn, user.id).await?,
        None => None,
    };
    Ok((user, stored.map(|row| row.hash)))
}

/// What others know of a user, which makes a password out of it a weak one.
pub async fn known(accounts: &Accounts, user: &User) -> Result<Vec<String>, Refusal> {
    let emails = people::user::emails(&accounts.hub.store.read(), user.id).await?;
    let mut known: Vec<String> = emails.into_iter().map(|email| email.address).collect();
    known.extend([user.name.clone(), user.display_name.clone(), accounts.hub.settings.name.clone()]);
    Ok(known)
}
