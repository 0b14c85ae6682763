//! Step-up: what changes how somebody gets in wants a password shown within the last five minutes.

use chrono::Duration;
use web::{CurrentUser, Fields};

use super::form;
use crate::delay::Try;
use crate::{Accounts, Refusal, login};

const FRESH: Duration = Duration::minutes(5);

/// Whether the form has to ask for the password.
pub fn is_needed(accounts: &Accounts, user: &CurrentUser) -> bool {
    let confirmed = user.seat.session.as_ref().map(|session| session.confirmed_at);
    confirmed.is_none_or(|at| accounts.hub.now() - at > FRESH)
}

/// Lets a form through whose session is fresh or whose field `current` has the password; tokens never come through.
pub async fn prove(accounts: &Accounts, user: &CurrentUser, fields: &Fields) -> Result<(), Refusal> {
    let Some(session) = &user.seat.session else {
        return Err(Refusal::Bad("A token cannot change how you get in. Log in with a browser.".into()));
    };
    if !is_needed(accounts, user) && !fields.has("current") {
        return Ok(());
    }
    check(accounts, user, fields).await?;
    let tx = accounts.hub.store.write().await?;
    web::session::confirmed(&tx, session.id).await?;
    Ok(tx.commit().await?)
}

/// Checks the password in the field `current`.
pub async fn check(accounts: &Accounts, user: &CurrentUser, fields: &Fields) -> Result<(), Refusal> {
    let name = &user.seat.user.name;
    let attempt = Try::new(name, user.client(), Some("session"));
    accounts.delays.begin(&attempt, accounts.hub.now()).map_err(Refusal::Wait)?;
    let right = login::check(accounts, name, form::password(fields, "current")).await;
    right.map_err(|refusal| match refusal {
        Refusal::WrongPassword => Refusal::WrongCurrent,
        other => other,
    })?;
    accounts.delays.succeeded(&attempt);
    Ok(())
}
