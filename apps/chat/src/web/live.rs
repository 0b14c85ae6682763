//! New lines as they are said.
//!
//! Lines do not enter the journal, so they come as they are over the stream of the page ([`web::live`]). One task a hub
//! hears of them: from the bot of this hub at once, from the bot of another one on the same database by a slow poll.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use kernel::{Hub, context};
use serde::Deserialize;
use tokio::sync::watch;
use web::{Error, Page, Result};

use super::{shown, url};
use crate::query::{self, Channel, Logged};
use crate::{Chat, log};

/// How often the log is looked at for what the bot of another hub heard.
const POLL: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: i64,
}

/// The stream of a channel's new lines.
pub async fn tail(
    State(chat): State<Chat>,
    page: Page,
    Path((network, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response> {
    let conn = chat.hub.store.read();
    let channel = query::channel(&conn, &network, &name).await?.ok_or_else(|| Error::no(format!("channel {name}")))?;
    let last = web::live::seen(&headers).unwrap_or(asked.after);
    let head = chat.heads.listen(&chat.hub);
    let tail = Tail { hub: chat.hub, channel, last, waiting: VecDeque::new(), head };
    page.stream(futures::stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((event, tail))
    }))
}

/// The number of the last line, while somebody wants to know.
#[derive(Clone, Default)]
pub struct Heads(Arc<Mutex<Option<watch::Receiver<i64>>>>);

impl Heads {
    /// Changes with each new line. The first listener starts the task, the last one ends it.
    fn listen(&self, hub: &Hub) -> watch::Receiver<i64> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(head) = kept.as_ref().filter(|head| head.has_changed().is_ok()) {
            return head.clone();
        }
        let (sender, head) = watch::channel(0);
        *kept = Some(head.clone());
        tokio::spawn(hear(hub.clone(), sender));
        head
    }
}

async fn hear(hub: Hub, head: watch::Sender<i64>) {
    let mut bell = hub.store.bell(log::BELL);
    // One receiver is the one that is kept for those to come.
    while head.receiver_count() > 1 {
        bell.mark_unchanged();
        match query::last_id(&hub.store.read()).await {
            Ok(last) => {
                head.send_if_modified(|known| std::mem::replace(known, last) != last);
            }
            Err(error) => tracing::warn!(%error, "open logs wait for the database"),
        }
        tokio::select! {
            _ = bell.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

struct Tail {
    hub: Hub,
    channel: Channel,
    last: i64,
    waiting: VecDeque<Logged>,
    head: watch::Receiver<i64>,
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.last = line.id;
                return self.event(line);
            }
            self.head.mark_unchanged();
            match query::since(&self.hub.store.read(), self.channel.id, self.last).await {
                Ok(lines) if !lines.is_empty() => self.waiting.extend(lines),
                Ok(_) => self.head.changed().await.ok()?,
                Err(error) => {
                    tracing::warn!(%error, "a live log ends");
                    return None;
                }
            }
        }
    }

    fn event(&self, line: Logged) -> Option<Event> {
        let id = line.id.to_string();
        let page = url::day(&self.channel.network, &self.channel.name, &line.at.format("%Y-%m-%d").to_string());
        let html = self.hub.templates.render("chat/line.html", &context! { line: shown::shown(line, &page) });
        html.ok().map(|html| Event::default().id(id).data(html))
    }
}
