//! The channels, and one channel with its days.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::context;
use search::{Question, find};
use serde::Deserialize;
use store::Paging;
use web::{Error, Page, Result};

use super::url;
use crate::{Chat, query};

pub async fn list(State(chat): State<Chat>, page: Page) -> Result<Response> {
    let conn = chat.hub.store.read();
    let channels = query::channels(&conn).await?;
    let rows: Vec<_> = channels.iter().map(context_of).collect();
    page.render(
        "chat/channels.html",
        context! { title: "Chat", channels: rows, networks: chat.config.network.len(), feed: "/chat/.atom" },
    )
}

fn context_of(channel: &query::Channel) -> serde_json::Value {
    serde_json::json!({
        "network": channel.network, "name": channel.name, "topic": super::shown::plain(&channel.topic),
        "on": channel.state == "on", "state": channel.state, "url": url::channel(&channel.network, &channel.name),
    })
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

pub async fn show(
    State(chat): State<Chat>,
    page: Page,
    Path((network, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let conn = chat.hub.store.read();
    let channel = query::channel(&conn, &network, &name).await?.ok_or_else(|| Error::no(format!("channel {name}")))?;
    let days = query::days(&conn, channel.id, 366).await?;
    let mut month = String::new();
    let days: Vec<_> = days
        .into_iter()
        .map(|(day, lines)| {
            let its = day.get(..7).unwrap_or_default();
            let begins = if its == month { "" } else { its };
            let url = url::day(&channel.network, &channel.name, &day);
            let shown = serde_json::json!({ "url": url, "day": day, "lines": lines, "begins": begins });
            month = its.to_owned();
            shown
        })
        .collect();
    let key_prefix = Some(format!("chat/{}/{}/", channel.network, channel.folded));
    let question = Question { text: asked.q.clone(), key_prefix, newest: true, ..Question::default() };
    let found = find(&conn, page.actor(), &question, Paging::first(50)).await?;
    let found =
        found.map(|found| serde_json::json!({ "url": found.url, "title": found.title, "parts": found.parts() }));
    page.render(
        "chat/channel.html",
        context! {
            title: channel.name, channel: context_of(&channel), days, q: asked.q, found,
            feed: format!("{}.atom", url::channel(&channel.network, &channel.name)),
        },
    )
}
