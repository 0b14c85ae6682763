//! One-click unsubscription (RFC 8058): a POST with the member's secret and nothing else ends the membership.
//!
//! A GET shows a button and changes nothing. Whoever asks twice, or with a secret that nobody has, hears the same, so
//! that nothing can be learnt from it.

use ::web::{Page, Result};
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use people::participant;
use sea_orm::EntityTrait;

use crate::{Lists, entity, member};

/// Shows what the secret would end.
pub async fn form(State(lists): State<Lists>, page: Page, Path(token): Path<String>) -> Result<Response> {
    let conn = lists.hub.store.read();
    let (mut title, mut address) = (None, None);
    if let Some(member) = member::by_token(&conn, &token).await? {
        let list = entity::list::Entity::find_by_id(member.list_id).one(&conn).await?;
        title = list.map(|list| list.title);
        address = Some(member.address);
    }
    page.render(
        "lists/unsubscribe.show.html",
        context! { title: "Unsubscribe", list_title: title, address, done: false },
    )
}

/// Ends the membership. The body is not read: the secret says everything (RFC 8058 section 3.2).
pub async fn leave(State(lists): State<Lists>, page: Page, Path(token): Path<String>) -> Result<Response> {
    let tx = lists.hub.store.write().await?;
    if let Some(member) = member::by_token(&tx, &token).await?
        && let Some(list) = entity::list::Entity::find_by_id(member.list_id).one(&tx).await?
    {
        let actor = participant::actor_of(&tx, &member.name, &member.address).await?;
        member::remove(&tx, &actor, &list, &member.address, "one-click unsubscription").await?;
    }
    tx.commit().await?;
    page.render(
        "lists/unsubscribe.show.html",
        context! {
            title: "Unsubscribed", list_title: None::<String>, address: None::<String>, done: true,
        },
    )
}
