//! People, as administrators see them.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::{Context, context};
use people::{Role, User};
use serde::Deserialize;
use store::Paging;
use web::{Administrator, Error, Fields, PageNumber};

use super::form::{self, Errors};
use crate::audit::{self, Client, Deed};
use crate::{Accounts, Refusal, member, password, person, signup, ticket};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    state: Option<String>,
}

/// Everybody, in every state.
pub(super) async fn list(
    State(accounts): State<Accounts>,
    page: Administrator,
    number: PageNumber,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    page.render(
        "accounts/admin.people.html",
        list_context(&accounts, number, asked, &Fields::default(), Errors::new()).await?,
    )
}

async fn list_context(
    accounts: &Accounts,
    number: PageNumber,
    asked: Asked,
    fields: &Fields,
    errors: Errors,
) -> web::Result<Context> {
    let conn = accounts.hub.store.read();
    let state = asked.state.filter(|state| member::STATES.contains(&state.as_str()));
    let wanted = people::profile::Wanted { state: state.clone(), text: asked.q.clone() };
    let found = people::profile::list(&conn, &wanted, number.of(100)).await?;
    number.within(&found)?;
    let states: std::collections::BTreeMap<String, i64> = people::profile::states(&conn).await?.into_iter().collect();
    let signups = ticket::living(&conn, ticket::Kind::Signup, None, accounts.hub.now()).await?;
    let signups: Vec<_> = signups
        .iter()
        .filter_map(|ticket| Some((ticket, signup::wish(ticket).ok()?)))
        .map(|(ticket, wish)| {
            serde_json::json!({
                "name": wish.name, "address": ticket.address, "at": ticket.created_at, "expires_at": ticket.expires_at,
            })
        })
        .collect();
    let found = found.map(|user| {
        serde_json::json!({
            "name": user.name, "display_name": person::shown(&user), "state": user.state, "joined": user.created_at,
            "seen": user.seen_at,
        })
    });
    Ok(context! {
        title: "People", page: found, q: asked.q, state, states, signups, errors, name: fields.get("name"),
        display_name: fields.get("display_name"), address: fields.get("address"),
    })
}

/// Makes an account; its owner chooses a password by the link that is shown.
pub(super) async fn add(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    match make(&accounts, &page, &fields).await {
        Ok((user, link)) => page.render("accounts/admin.link.html", link_context(&user, &link)),
        Err(refusal) => {
            let asked = Asked { q: String::new(), state: None };
            let context = list_context(&accounts, PageNumber(1), asked, &fields, form::explain(refusal)?).await?;
            page.refuse("accounts/admin.people.html", context)
        }
    }
}

fn link_context(user: &User, link: &str) -> Context {
    let minutes = ticket::Kind::Reset.life().num_minutes();
    context! { title: "A link for a password", name: user.name, link, minutes }
}

async fn make(accounts: &Accounts, page: &Administrator, fields: &Fields) -> Result<(User, String), Refusal> {
    let (name, shown, client) = (fields.get("name"), form::line(fields.get("display_name")), Client::of(page));
    let tx = accounts.hub.store.write().await?;
    let user = people::user::create(&tx, name, &shown, fields.get("address"), true, "active").await?;
    signup::welcome(&tx, &user, &client).await?;
    let link = password::reset_link(&tx, &accounts.hub, page.actor(), &user, &client).await?;
    tx.commit().await?;
    Ok((user, link))
}

pub(super) async fn find(accounts: &Accounts, name: &str) -> web::Result<User> {
    let found = people::user::by_name(&accounts.hub.store.read(), name).await?;
    found.ok_or_else(|| Error::no(format!("person called {name}")))
}

/// One account.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
) -> web::Result<Response> {
    let user = find(&accounts, &name).await?;
    page.render("accounts/admin.person.html", person_context(&accounts, &user, Errors::new()).await?)
}

async fn person_context(accounts: &Accounts, user: &User, errors: Errors) -> web::Result<Context> {
    let (conn, now) = (accounts.hub.store.read(), accounts.hub.now());
    let emails: Vec<_> = people::user::emails(&conn, user.id)
        .await?
        .into_iter()
        .map(|email| serde_json::json!({ "address": email.address, "is_primary": email.is_primary }))
        .collect();
    let grants: Vec<_> = people::profile::grants(&conn, user.id)
        .await?
        .into_iter()
        .map(|grant| serde_json::json!({ "role": grant.role.word(), "scope": grant.scope }))
        .collect();
    let groups: Vec<String> =
        people::group::of_user(&conn, user.id).await?.into_iter().map(|(group, _)| group.name).collect();
    let sessions = web::session::of_user(&conn, user.id, now).await?.len();
    let tokens = people::token::of_user(&conn, user.id).await?.len();
    let has_password = password::stored(&conn, user.id).await?.is_some();
    let wanted = audit::Wanted { user: Some(user.id), kind: None };
    let lines = audit::lines(&conn, &wanted, Paging::first(20)).await?.items;
    let roles: Vec<&str> = Role::ALL.iter().skip(1).map(|role| role.word()).collect();
    Ok(context! {
        title: user.name, name: user.name, display_name: person::shown(user), state: user.state,
        joined: user.created_at, seen: user.seen_at, emails, grants, groups, sessions, tokens, has_password, lines,
        roles, errors,
    })
}

/// Runs a change of an account and goes back to its page, with the reason when it was refused.
async fn answer(
    accounts: &Accounts,
    page: &Administrator,
    user: &User,
    done: Result<(), Refusal>,
    said: &str,
) -> web::Result<Response> {
    match done {
        Ok(()) => Ok(web::see_other_saying(&accounts.hub.settings, format!("/admin/people/{}", user.name), said)),
        Err(refusal) => {
            let context = person_context(accounts, user, form::explain(refusal)?).await?;
            page.refuse("accounts/admin.person.html", context)
        }
    }
}

/// Lets somebody in, shuts them out, or takes that back.
pub(super) async fn set_state(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let (user, wanted, client) = (find(&accounts, &name).await?, fields.get("state"), Client::of(&page));
    let done = async {
        let tx = accounts.hub.store.write().await?;
        if user.state == "waiting" && wanted == "active" {
            signup::approve(&tx, &accounts.hub, page.actor(), &user, &client).await?;
        } else {
            member::set_state(&tx, page.actor(), &user, wanted, &client).await?;
        }
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &user, done.await, &format!("{name} is {wanted} now.")).await
}

fn role(fields: &Fields) -> Result<Role, Refusal> {
    Role::from_word(fields.get("role")).ok_or_else(|| Refusal::Bad("Choose a role.".into()))
}

/// Gives a role in a scope.
pub(super) async fn grant(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let user = find(&accounts, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::grant(&tx, page.actor(), &user, role(&fields)?, fields.get("scope"), &Client::of(&page)).await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &user, done.await, "The role is given.").await
}

/// Takes a role in a scope.
pub(super) async fn revoke(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let user = find(&accounts, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::revoke(&tx, page.actor(), &user, role(&fields)?, fields.get("scope"), &Client::of(&page)).await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &user, done.await, "The role is taken.").await
}

/// Makes a link by which somebody chooses a password once.
pub(super) async fn reset_link(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> web::Result<Response> {
    let user = find(&accounts, &name).await?;
    let tx = accounts.hub.store.write().await?;
    let link = password::reset_link(&tx, &accounts.hub, page.actor(), &user, &Client::of(&page)).await?;
    tx.commit().await?;
    page.render("accounts/admin.link.html", link_context(&user, &link))
}

/// Ends every session of somebody.
pub(super) async fn end_sessions(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> web::Result<Response> {
    let user = find(&accounts, &name).await?;
    let tx = accounts.hub.store.write().await?;
    web::session::end_all(&tx, user.id, None).await?;
    audit::record(&tx, page.actor(), Deed::SessionEnded, Some(&user), &Client::of(&page), "all").await?;
    tx.commit().await?;
    answer(&accounts, &page, &user, Ok(()), "Every session has ended.").await
}
