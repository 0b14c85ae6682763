//! The pages on which somebody keeps their own account.

use axum::extract::State;
use axum::response::Response;
use kernel::{Context, context};
use people::profile::Profile;
use web::{CurrentUser, Fields};

use super::form::{self, Errors};
use super::fresh;
use crate::audit::{self, Client, Deed};
use crate::{Accounts, Refusal, address, login, password, profile, ticket};

/// What somebody says of themselves.
pub(super) async fn own(user: CurrentUser) -> web::Result<Response> {
    let own = &user.seat.user;
    let profile =
        Profile { display_name: own.display_name.clone(), about: own.about.clone(), timezone: own.timezone.clone() };
    user.render("accounts/me.profile.html", profile_context(&profile, Errors::new()))
}

fn profile_context(profile: &Profile, errors: Errors) -> Context {
    let zones: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    context! {
        title: "Profile", errors, zones, display_name: profile.display_name, about: profile.about,
        timezone: profile.timezone,
    }
}

/// Keeps it.
pub(super) async fn describe(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let profile = Profile {
        display_name: form::line(fields.get("display_name")),
        about: fields.get("about").to_owned(),
        timezone: fields.get("timezone").to_owned(),
    };
    let kept = async {
        let tx = accounts.hub.store.write().await?;
        profile::describe(&tx, &user.seat.user, &profile).await?;
        Ok(tx.commit().await?)
    };
    match kept.await {
        Ok(()) => Ok(web::see_other_saying(&accounts.hub.settings, "/me", "Your profile is kept.")),
        Err(refusal) => user.refuse("accounts/me.profile.html", profile_context(&profile, form::explain(refusal)?)),
    }
}

/// The addresses, those that wait to be confirmed among them.
pub(super) async fn addresses(State(accounts): State<Accounts>, user: CurrentUser) -> web::Result<Response> {
    user.render("accounts/me.addresses.html", addresses_context(&accounts, &user, "", Errors::new()).await?)
}

async fn addresses_context(
    accounts: &Accounts,
    user: &CurrentUser,
    typed: &str,
    errors: Errors,
) -> web::Result<Context> {
    let (conn, now) = (accounts.hub.store.read(), accounts.hub.now());
    let emails = people::user::emails(&conn, user.seat.user.id).await?;
    let emails: Vec<_> = emails
        .iter()
        .map(|email| {
            serde_json::json!({
                "address": email.address, "is_primary": email.is_primary, "confirmed_at": email.confirmed_at,
            })
        })
        .collect();
    let waiting = ticket::living(&conn, ticket::Kind::Address, Some(user.seat.user.id), now).await?;
    let waiting: Vec<_> = waiting
        .iter()
        .map(|ticket| serde_json::json!({ "address": ticket.address, "created_at": ticket.created_at }))
        .collect();
    let prove = fresh::is_needed(accounts, user);
    Ok(context! { title: "Addresses", emails, waiting, typed, errors, prove })
}

/// Asks for a further address to be confirmed.
pub(super) async fn add_address(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    accounts.letters.take(user.client())?;
    let typed = fields.get("address").to_owned();
    let added = async {
        fresh::prove(&accounts, &user, &fields).await?;
        let tx = accounts.hub.store.write().await?;
        address::ask(&tx, &user.seat.user, &typed, &Client::of(&user)).await?;
        Ok::<_, Refusal>(tx.commit().await?)
    };
    let said = format!("A mail went to {typed}. The address is yours when you open the link in it.");
    answer_address(&accounts, &user, &typed, added.await, &said).await
}

async fn answer_address(
    accounts: &Accounts,
    user: &CurrentUser,
    typed: &str,
    done: Result<(), Refusal>,
    said: &str,
) -> web::Result<Response> {
    match done {
        Ok(()) => Ok(web::see_other_saying(&accounts.hub.settings, "/me/addresses", said)),
        Err(refusal) => {
            let context = addresses_context(accounts, user, typed, form::explain(refusal)?).await?;
            user.refuse("accounts/me.addresses.html", context)
        }
    }
}

/// Lets mail go to another address.
pub(super) async fn make_primary(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let chosen = fields.get("address").to_owned();
    let done = async {
        fresh::prove(&accounts, &user, &fields).await?;
        let tx = accounts.hub.store.write().await?;
        address::make_primary(&tx, &accounts.hub, user.actor(), &user.seat.user, &chosen, &Client::of(&user)).await?;
        Ok::<_, Refusal>(tx.commit().await?)
    };
    answer_address(&accounts, &user, "", done.await, &format!("Your mail goes to {chosen} now.")).await
}

/// Takes an address away.
pub(super) async fn remove_address(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let gone = fields.get("address").to_owned();
    let done = async {
        fresh::prove(&accounts, &user, &fields).await?;
        let tx = accounts.hub.store.write().await?;
        address::remove(&tx, user.actor(), &user.seat.user, &gone, &Client::of(&user)).await?;
        Ok::<_, Refusal>(tx.commit().await?)
    };
    answer_address(&accounts, &user, "", done.await, &format!("{gone} is no longer yours.")).await
}

/// The form for another password.
pub(super) async fn password(user: CurrentUser) -> web::Result<Response> {
    user.render("accounts/me.password.html", context! { title: "Password" })
}

/// Keeps another password; every other session ends.
pub(super) async fn change_password(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    match keep_password(&accounts, &user, &fields).await {
        Ok(()) => {
            let said = "Your password is changed. Every other session has ended.";
            Ok(web::see_other_saying(&accounts.hub.settings, "/me/password", said))
        }
        Err(refusal) => {
            let context = context! { title: "Password", errors: form::explain(refusal)? };
            user.refuse("accounts/me.password.html", context)
        }
    }
}

async fn keep_password(accounts: &Accounts, user: &CurrentUser, fields: &Fields) -> Result<(), Refusal> {
    if !fields.has("current") {
        return Err(Refusal::WrongCurrent);
    }
    fresh::prove(accounts, user, fields).await?;
    let own = &user.seat.user;
    let known = login::known(accounts, own).await?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hash = password::prepare(&accounts.hasher, form::password(fields, "password"), &known).await?;
    let tx = accounts.hub.store.write().await?;
    let except = user.seat.session.as_ref().map(|session| session.id);
    password::change(&tx, user.actor(), own, hash, except, &Client::of(user)).await?;
    Ok(tx.commit().await?)
}

/// The browsers in which somebody is signed in.
pub(super) async fn sessions(State(accounts): State<Accounts>, user: CurrentUser) -> web::Result<Response> {
    let own = user.seat.session.as_ref().map(|session| session.id);
    let rows = web::session::of_user(&accounts.hub.store.read(), user.seat.user.id, accounts.hub.now()).await?;
    let sessions: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "id": row.id, "address": row.address, "agent": row.agent, "created_at": row.created_at,
                "seen_at": row.seen_at, "is_own": Some(row.id) == own,
            })
        })
        .collect();
    user.render("accounts/me.sessions.html", context! { title: "Sessions", sessions })
}

/// Ends one session, or every other one.
pub(super) async fn end_session(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let own = user.seat.session.as_ref().map(|session| session.id);
    let tx = accounts.hub.store.write().await?;
    let said = if let Ok(id) = fields.get("id").parse::<i64>() {
        web::session::end(&tx, user.seat.user.id, id).await?;
        "The session has ended."
    } else {
        web::session::end_all(&tx, user.seat.user.id, own).await?;
        "Every other session has ended."
    };
    audit::record(&tx, user.actor(), Deed::SessionEnded, Some(&user.seat.user), &Client::of(&user), fields.get("id"))
        .await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&accounts.hub.settings, "/me/sessions", said))
}
