//! One day of a channel: every line with its permalink; `.txt` for programs and `.json` for scripts.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use http::header;
use kernel::context;
use web::{Error, Page, Result};

use super::{shown, url};
use crate::Chat;
use crate::query::{self, Channel, Logged};

pub async fn show(
    State(chat): State<Chat>,
    page: Page,
    Path((network, name, wanted)): Path<(String, String, String)>,
) -> Result<Response> {
    let (day, form) = wanted.split_once('.').unwrap_or((&wanted, "html"));
    let date: NaiveDate = day.parse().map_err(|_| Error::no(format!("day {day}; write one like 2026-11-21")))?;
    let day = date.to_string();
    let conn = chat.hub.store.read();
    let channel = query::channel(&conn, &network, &name).await?.ok_or_else(|| Error::no(format!("channel {name}")))?;
    let lines = query::day(&conn, channel.id, &day).await?;
    match form {
        "html" => {}
        "txt" => return Ok(text(&lines)),
        "json" => return Ok(axum::Json(lines).into_response()),
        other => return Err(Error::no(format!("form {other} of a day; there are .txt and .json"))),
    }
    let (before, after) = query::neighbours(&conn, channel.id, &day).await?;
    let here = url::day(&channel.network, &channel.name, &day);
    let last = lines.iter().map(|line| line.id).max().unwrap_or(0);
    let today = chat.hub.now().date_naive() == date;
    let to = |day: Option<String>| day.map(|day| url::day(&channel.network, &channel.name, &day));
    page.render("chat/day.html", context! {
        title: format!("{} on {day}", channel.name), day, blocks: shown::blocks(lines, &here), plain: format!("{here}.txt"),
        channel_url: url::channel(&channel.network, &channel.name), name: channel.name, network: channel.network,
        before: to(before), after: to(after), live: live(&channel, today, last),
    })
}

fn live(channel: &Channel, today: bool, last: i64) -> Option<String> {
    today.then(|| format!("{}live?after={last}", url::channel(&channel.network, &channel.name)))
}

/// The day as plain text, one line each: `[14:03:22] <ann> it crashes`.
fn text(lines: &[Logged]) -> Response {
    let mut out = String::new();
    for line in lines {
        let said = shown::plain(&line.text);
        let body = match line.kind.as_str() {
            "say" => format!("<{}> {said}", line.nick),
            "action" => format!("* {} {said}", line.nick),
            "notice" => format!("-{}- {said}", line.nick),
            "gap" => format!("*** {said}"),
            "join" => format!("*** {} joined", line.nick),
            "part" | "quit" => format!("*** {} left {said}", line.nick),
            "nick" => format!("*** {} is now {said}", line.nick),
            "topic" => format!("*** {} set the topic: {said}", line.nick),
            kind => format!("*** {} {kind} {said}", line.nick),
        };
        out.push_str(&format!("[{}] {}\n", line.at.format("%H:%M:%S"), body.trim_end()));
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], out).into_response()
}
