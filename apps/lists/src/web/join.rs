//! Joining, leaving, and how a member gets mail.

use ::web::{CsrfForm, CurrentUser, Error, Page, Result};
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::{Context, context};
use people::user;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Deserialize;

use super::{around, back, errors, known};
use crate::list::List;
use crate::member::{self, Options};
use crate::subscription::{self, Confirmed, Pending};
use crate::{Lists, Refusal, delivery, entity, url};

/// Who wants to join or leave.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct JoinForm {
    address: String,
    name: String,
    /// A field that people do not see and programs fill in.
    website: String,
}

/// Asks with which address to join.
pub async fn form(State(lists): State<Lists>, page: Page, Path(name): Path<String>) -> Result<Response> {
    let list = known(&lists, &name).await?;
    page.render("lists/list.join.html", join_context(&lists, &page, &list, &JoinForm::default()).await?)
}

async fn join_context(lists: &Lists, page: &Page, list: &List, form: &JoinForm) -> Result<Context> {
    let emails = match page.actor().user() {
        Some(user) => user::emails(&lists.hub.store.read(), user).await?,
        None => vec![],
    };
    let confirmed = emails.into_iter().filter(|email| email.confirmed_at.is_some());
    let addresses: Vec<String> = confirmed.map(|email| email.address).collect();
    Ok(context! {
        title: format!("Join {}", list.title), list: around(lists, page, list).await?, addresses,
        address: form.address, name: form.name,
    })
}

/// Makes a person who has signed in a member at once; any other address is asked first.
pub async fn join(
    State(lists): State<Lists>,
    page: Page,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<JoinForm>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    lists.limit.take(page.client())?;
    if !form.website.is_empty() {
        return Ok(back(&lists, &page, &list, &asked(&form.address)));
    }
    let tx = lists.hub.store.write().await?;
    let done = if is_own(&tx, &page, &form.address).await? {
        let name = page.actor().name();
        let joined = subscription::join(&tx, &lists.hub, page.actor(), &list, name, &form.address).await;
        joined.map(|confirmed| said(&confirmed, &list))
    } else {
        let asking = subscription::ask_to_join(&tx, &lists.hub, &list, &form.name, &form.address, None).await;
        asking.map(|()| asked(&form.address))
    };
    match done {
        Ok(said) => {
            tx.commit().await?;
            Ok(back(&lists, &page, &list, &said))
        }
        Err(refusal @ (Refusal::BadAddress(_) | Refusal::Banned(_))) => {
            let mut context = join_context(&lists, &page, &list, &form).await?;
            context.insert("errors", &errors("address", refusal));
            page.refuse("lists/list.join.html", context)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Whether an address is a confirmed one of the visitor.
async fn is_own(conn: &impl ConnectionTrait, page: &Page, address: &str) -> Result<bool> {
    let Some(user) = page.actor().user() else { return Ok(false) };
    Ok(user::by_email(conn, address).await?.is_some_and(|owner| owner.id == user))
}

fn asked(address: &str) -> String {
    format!("A mail is on its way to {}. Follow what it says to confirm.", address.trim())
}

fn said(confirmed: &Confirmed, list: &List) -> String {
    match confirmed {
        Confirmed::Joined => format!("You are a member of {} now.", list.title),
        Confirmed::Waits => "A moderator decides now; you will get a mail.".to_owned(),
        Confirmed::Left => format!("You have left {}.", list.title),
        Confirmed::Delivers => format!("You get the mail of {} again.", list.title),
    }
}

/// Ends a membership of one of the visitor's own addresses; any other address is asked first.
pub async fn leave(
    State(lists): State<Lists>,
    page: Page,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<JoinForm>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    lists.limit.take(page.client())?;
    let tx = lists.hub.store.write().await?;
    let said = if is_own(&tx, &page, &form.address).await? {
        member::remove(&tx, page.actor(), &list, &form.address, "left on the web").await?;
        said(&Confirmed::Left, &list)
    } else {
        subscription::ask_to_leave(&tx, &lists.hub, &list, &form.address, None).await?;
        asked(&form.address)
    };
    tx.commit().await?;
    Ok(back(&lists, &page, &list, &said))
}

async fn pending(lists: &Lists, conn: &impl ConnectionTrait, secret: &str) -> Result<(Pending, List)> {
    let pending = subscription::by_secret(conn, secret, lists.hub.now()).await?.ok_or(Refusal::NoSuchSecret)?;
    let list = entity::list::Entity::find_by_id(pending.list_id).one(conn).await?;
    Ok((pending, list.ok_or(Refusal::NoSuchSecret)?))
}

/// Shows what a mailed secret is about; a mail program that looks at links changes nothing.
pub async fn confirm_form(State(lists): State<Lists>, page: Page, Path(secret): Path<String>) -> Result<Response> {
    let (pending, list) = pending(&lists, &lists.hub.store.read(), &secret).await?;
    let around = around(&lists, &page, &list).await?;
    let (kind, address) = (pending.kind, pending.address);
    page.render("lists/confirm.show.html", context! { title: "Confirm", list: around, kind, address, secret })
}

/// Uses a mailed secret up.
pub async fn confirm(
    State(lists): State<Lists>,
    page: Page,
    Path(secret): Path<String>,
    CsrfForm(_): CsrfForm<JoinForm>,
) -> Result<Response> {
    let tx = lists.hub.store.write().await?;
    let (pending, list) = pending(&lists, &tx, &secret).await?;
    let confirmed = subscription::confirm(&tx, &lists.hub, &list, pending).await?;
    tx.commit().await?;
    Ok(back(&lists, &page, &list, &said(&confirmed, &list)))
}

/// Shows the visitor's memberships in a list.
pub async fn membership(State(lists): State<Lists>, user: CurrentUser, Path(name): Path<String>) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let conn = lists.hub.store.read();
    let mut rows = Vec::new();
    for member in member::of_user(&conn, list.id, user.seat.user.id).await? {
        let bounces = delivery::of_member(&conn, list.id, &member.address, 3).await?;
        let bounce = |bounce: delivery::Bounce| serde_json::json!({ "at": bounce.at, "status": bounce.status, "reason": bounce.reason });
        rows.push(serde_json::json!({
            "id": member.id, "address": member.address, "delivery": member.delivery, "own_posts": member.own_posts,
            "no_duplicates": member.no_duplicates, "is_hidden": member.is_hidden, "joined_at": member.joined_at,
            "score": member.bounce_score, "bounces": bounces.into_iter().map(bounce).collect::<Vec<_>>(),
        }));
    }
    let around = around(&lists, &user, &list).await?;
    user.render("lists/membership.show.html", context! { title: "Your membership", list: around, rows })
}

/// How a member wants mail; what is not ticked does not come.
#[derive(Deserialize)]
pub struct OptionsForm {
    address: String,
    delivers: Option<String>,
    own_posts: Option<String>,
    no_duplicates: Option<String>,
    is_hidden: Option<String>,
}

/// Changes how the visitor gets mail.
pub async fn choose(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<OptionsForm>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let tx = lists.hub.store.write().await?;
    let own = member::of_user(&tx, list.id, user.seat.user.id).await?;
    let own = own.into_iter().find(|member| member.address_key == form.address.to_lowercase());
    let own = own.ok_or_else(|| Error::no(format!("membership of {}", form.address)))?;
    let options = Options {
        delivers: form.delivers.is_some(),
        own_posts: form.own_posts.is_some(),
        no_duplicates: form.no_duplicates.is_some(),
        is_hidden: form.is_hidden.is_some(),
    };
    member::choose(&tx, own, options).await?;
    tx.commit().await?;
    let here = url::of_list(&list.name, "membership");
    Ok(::web::see_other_saying(&lists.hub.settings, here, "Your choices are kept."))
}
