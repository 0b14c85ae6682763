//! Feeds of the logs: an entry for each day on which somebody said something.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use web::feed::{Feed, FeedEntry};
use web::{Error, Page, Result};

use super::url;
use crate::query::{self, Channel, Talk};
use crate::{ChannelId, Chat};

/// Days back that a feed looks.
const DAYS: u64 = 30;
/// Entries of a feed.
const SIZE: usize = 60;

/// The days of all channels.
pub async fn all(State(chat): State<Chat>, _: Page) -> Result<Response> {
    let channels = query::channels(&chat.hub.store.read()).await?;
    let title = format!("Chat of {}", chat.hub.settings.name);
    answer(&chat, &channels, title, "/chat/".into()).await
}

/// The days of one channel.
pub async fn one(State(chat): State<Chat>, _: Page, Path((network, name)): Path<(String, String)>) -> Result<Response> {
    let found = query::channel(&chat.hub.store.read(), &network, &name).await?;
    let channel = found.ok_or_else(|| Error::no(format!("channel {name}")))?;
    let (title, page) = (channel.name.clone(), url::channel(&channel.network, &channel.name));
    answer(&chat, &[channel], title, page).await
}

async fn answer(chat: &Chat, channels: &[Channel], title: String, page: String) -> Result<Response> {
    let ids: Vec<ChannelId> = channels.iter().map(|channel| channel.id).collect();
    let since = (chat.hub.now() - chrono::Days::new(DAYS)).format("%Y-%m-%d").to_string();
    let mut days: BTreeMap<(String, ChannelId), Day> = BTreeMap::new();
    for talk in query::talk_since(&chat.hub.store.read(), &ids, &since).await? {
        days.entry((talk.day.clone(), talk.channel_id)).or_default().add(talk);
    }
    let entry = |((on, id), day): ((String, ChannelId), Day)| {
        let channel = channels.iter().find(|channel| channel.id == id)?;
        Some(day.entry(channel, &on))
    };
    let entries = days.into_iter().rev().filter_map(entry).take(SIZE).collect();
    Ok(Feed { title, path: format!("{page}.atom"), page, entries }.answer(&chat.hub))
}

/// What a day of a channel had.
#[derive(Default)]
struct Day {
    last: DateTime<Utc>,
    lines: i64,
    /// Who talked, and how many lines.
    nicks: Vec<(i64, String)>,
}

impl Day {
    fn add(&mut self, talk: Talk) {
        self.last = self.last.max(talk.last_at);
        self.lines += talk.lines;
        self.nicks.push((talk.lines, talk.nick));
    }

    fn entry(mut self, channel: &Channel, on: &str) -> FeedEntry {
        self.nicks.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let names: Vec<String> = self.nicks.iter().take(30).map(|(_, nick)| markup::escape(nick)).collect();
        let lines = if self.lines == 1 { "1 line".to_owned() } else { format!("{} lines", self.lines) };
        FeedEntry {
            url: url::day(&channel.network, &channel.name, on),
            title: format!("{} on {on}", channel.name),
            author: self.nicks.first().map(|(_, nick)| nick.clone()).unwrap_or_default(),
            at: self.last,
            html: format!("<p>{lines}, said by {}.</p>", names.join(", ")),
        }
    }
}
