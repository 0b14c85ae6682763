//! New lines as they are said (Server-Sent Events, HTML Living Standard section 9.2).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use kernel::{Hub, context};
use serde::Deserialize;
use web::{Error, Result};

use super::{shown, url};
use crate::query::{self, Channel, Logged};
use crate::{Chat, log};

/// How long a stream lasts before the browser opens a new one.
const LIFE: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: i64,
}

pub async fn tail(
    State(chat): State<Chat>,
    Path((network, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let conn = chat.hub.store.read();
    let channel = query::channel(&conn, &network, &name).await?.ok_or_else(|| Error::no(format!("channel {name}")))?;
    // A browser that lost the connection says which line it saw last.
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let stream = follow(chat.hub, channel, seen.unwrap_or(asked.after));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

struct Tail {
    hub: Hub,
    channel: Channel,
    last: i64,
    waiting: std::collections::VecDeque<Logged>,
    bell: tokio::sync::watch::Receiver<u64>,
    end: tokio::time::Instant,
}

fn follow(hub: Hub, channel: Channel, last: i64) -> impl Stream<Item = Result<Event, Infallible>> {
    let bell = hub.store.bell(log::BELL);
    let end = tokio::time::Instant::now() + LIFE;
    let tail = Tail { hub, channel, last, waiting: std::collections::VecDeque::new(), bell, end };
    futures::stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    })
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.last = line.id;
                return self.event(line);
            }
            self.bell.mark_unchanged();
            match query::since(&self.hub.store.read(), self.channel.id, self.last).await {
                Ok(lines) if !lines.is_empty() => self.waiting.extend(lines),
                Ok(_) => tokio::select! {
                    changed = self.bell.changed() => changed.ok()?,
                    () = tokio::time::sleep(Duration::from_secs(5)) => {}
                    () = tokio::time::sleep_until(self.end) => return None,
                },
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
