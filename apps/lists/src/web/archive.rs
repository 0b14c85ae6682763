//! Reading: a list, a month, a thread, a message.

use ::web::{Error, Page, PageNumber, Result};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use kernel::{Context, context};
use markup::Viewer;
use search::Question;
use serde::{Deserialize, Serialize};

use super::{ROWS, Which, around, find_post, people_of, readable};
use crate::list::{self, List};
use crate::policy::Step;
use crate::query::Post;
use crate::show::{self, Who};
use crate::{Lists, query, reading, url};

/// Posts on one page of a month.
const MONTH: u64 = 500;

/// `/lists/dev` leads to `/lists/dev/`, and `/lists/dev.atom` to its feed.
pub async fn bare(Path(name): Path<String>) -> Redirect {
    match name.strip_suffix(".atom") {
        Some(list) => Redirect::permanent(&url::of_list(&url::part(list), "new.atom")),
        None => Redirect::permanent(&url::list(&url::part(&name))),
    }
}

/// `/lists/dev/MESSAGE-ID` leads to `/lists/dev/MESSAGE-ID/`.
pub async fn bare_message(Path((list, message)): Path<(String, String)>) -> Redirect {
    Redirect::permanent(&url::message(&url::part(&list), &message, 0))
}

/// Leads to a Message-ID, or the hash of one, on whatever list has it.
pub async fn anywhere(State(lists): State<Lists>, page: Page, Path(message): Path<String>) -> Result<Redirect> {
    let message = message.trim_matches(['<', '>']);
    let conn = lists.hub.store.read();
    let mut found = query::anywhere(&conn, &reading::hash(message)).await?;
    if found.is_empty() && super::is_hash(message) {
        found = query::anywhere(&conn, message).await?;
    }
    let shown = found.iter().find(|(list, _)| list::may_read(page.actor(), list));
    let (list, message_id) = shown.ok_or_else(|| Error::no(format!("message <{message}> on any list")))?;
    Ok(Redirect::to(&url::message(&list.name, message_id, 0)))
}

/// `?q=words`
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct ThreadRow {
    url: String,
    subject: String,
    who: Who,
    last_who: Who,
    replies: i64,
    last_at: DateTime<Utc>,
}

/// Shows the threads of a list, the last active first, or what a search in it finds.
pub async fn list(
    State(lists): State<Lists>,
    page: Page,
    Path(name): Path<String>,
    number: PageNumber,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    if !asked.q.trim().is_empty() {
        return search_in(&lists, &page, &list, number, &asked.q).await;
    }
    let threads = query::threads(&lists.hub.store.read(), list.id, number.of(ROWS)).await?;
    number.within(&threads)?;
    let writers = threads.items.iter().flat_map(|row| [row.participant_id, row.last_participant_id]);
    let people = people_of(&lists, writers).await?;
    let threads = threads.map(|row| ThreadRow {
        url: url::thread(&list.name, &row.root_message_id),
        subject: show::subject(&row.subject),
        who: show::who(&people, row.participant_id, ""),
        last_who: show::who(&people, row.last_participant_id, ""),
        replies: row.post_count - 1,
        last_at: row.last_at,
    });
    let months = months(&lists, &list, "").await?;
    let around = around(&lists, &page, &list).await?;
    let feed = around.feed.clone();
    page.render("lists/list.show.html", context! { title: list.title, list: around, threads, months, feed, q: asked.q })
}

#[derive(Serialize)]
struct Month {
    label: String,
    url: String,
    count: i64,
    active: bool,
}

async fn months(lists: &Lists, list: &List, here: &str) -> Result<Vec<Month>> {
    let found = query::months(&lists.hub.store.read(), list.id).await?;
    let month = |(label, count): (String, i64)| Month {
        url: url::month(&list.name, &label),
        active: label == here,
        label,
        count,
    };
    Ok(found.into_iter().map(month).collect())
}

async fn search_in(lists: &Lists, page: &Page, list: &List, number: PageNumber, q: &str) -> Result<Response> {
    let prefix = crate::archive::search_prefix(&list.name);
    let question = Question { text: q.to_owned(), key_prefix: Some(prefix), ..Question::default() };
    let found = search::find(&lists.hub.store.read(), page.actor(), &question, number.of(ROWS)).await?;
    number.within(&found)?;
    let found = found.map(|found| {
        serde_json::json!({
            "url": found.url, "title": show::subject(&found.title), "at": found.at, "who": found.who, "parts": found.parts(),
        })
    });
    let around = around(lists, page, list).await?;
    page.render("lists/list.search.html", context! { title: format!("{q} in {}", list.title), list: around, found, q })
}

/// Shows the posts of a month, each below what it answers.
pub async fn month(
    State(lists): State<Lists>,
    page: Page,
    Path((name, month)): Path<(String, String)>,
    number: PageNumber,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let posts = query::of_month(&lists.hub.store.read(), list.id, &month, number.of(MONTH)).await?;
    if posts.total == 0 {
        return Err(Error::no(format!("post on {} in {month}", list.name)));
    }
    number.within(&posts)?;
    let people = people_of(&lists, posts.items.iter().map(|line| line.participant_id)).await?;
    let tree = show::tree(&list, &posts.items, &people, None);
    let paging = posts.map(|_| ());
    let months = months(&lists, &list, &month).await?;
    let place = months.iter().position(|other| other.active);
    let later = place.and_then(|place| months.get(place.checked_sub(1)?)).map(|month| month.url.clone());
    let earlier = place.and_then(|place| months.get(place + 1)).map(|month| month.url.clone());
    let mbox = format!("{}mbox.gz", url::month(&list.name, &month));
    let context = context! {
        title: format!("{} {month}", list.title), list: around(&lists, &page, &list).await?, month, tree, paging, months,
        later, earlier, mbox,
    };
    page.render("lists/month.show.html", context)
}

/// Shows a thread whole.
pub async fn thread(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    page.render("lists/thread.show.html", thread_context(&lists, &page, &list, &post).await?)
}

async fn thread_context(lists: &Lists, page: &Page, list: &List, post: &Post) -> Result<Context> {
    let conn = lists.hub.store.read();
    let row = query::thread(&conn, post.thread_id).await?.ok_or_else(|| Error::no("such thread"))?;
    let posts = query::of_thread(&conn, post.thread_id).await?;
    let people = people_of(lists, posts.iter().map(|post| post.participant_id)).await?;
    let files = query::files(&conn, posts.iter().filter(|post| post.files > 0).map(|post| post.id)).await?;
    let viewer = Viewer { knows_addresses: page.knows_addresses() };
    let messages = show::conversation(list, &posts, &people, &files, &viewer);
    let (last_id, last_copy) =
        posts.last().map_or((post.message_id.clone(), 0), |last| (last.message_id.clone(), last.copy));
    let writers: std::collections::HashSet<_> = posts.iter().map(|post| post.participant_id).collect();
    let of_thread = |what: &str| url::of_message(&list.name, &row.root_message_id, 0, what);
    Ok(context! {
        title: show::subject(&row.subject), list: around(lists, page, list).await?, messages,
        feed: of_thread("t.atom"), mbox: of_thread("t.mbox.gz"),
        reply: url::of_message(&list.name, &last_id, last_copy, "reply"), writers: writers.len(),
        live: format!("thread:{}", row.id), is_cut: row.post_count > posts.len() as i64, count: row.post_count, started_at: row.started_at,
        last_at: row.last_at, body: "",
    })
}

/// Shows one message, its place in the thread, what mentions it, and why it was let through.
pub async fn message(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, others) = find_post(&lists, &list, &message, which.copy).await?;
    if post.message_id != message {
        return Ok(Redirect::to(&url::message(&list.name, &post.message_id, post.copy)).into_response());
    }
    page.render("lists/post.show.html", message_context(&lists, &page, &list, &post, &others).await?)
}

/// What the page of a message shows; an answer that was refused comes back on it.
pub(super) async fn message_context(
    lists: &Lists,
    page: &Page,
    list: &List,
    post: &Post,
    others: &[Post],
) -> Result<Context> {
    let conn = lists.hub.store.read();
    let lines = query::tree(&conn, post.thread_id).await?;
    let people = people_of(lists, lines.iter().map(|line| line.participant_id)).await?;
    let tree = show::tree(list, &lines, &people, Some(post.id));
    let place = tree.iter().position(|branch| branch.is_here);
    let previous = place.and_then(|place| tree.get(place.checked_sub(1)?)).map(|branch| branch.url.clone());
    let next = place.and_then(|place| tree.get(place + 1)).map(|branch| branch.url.clone());
    let files = query::files(&conn, [post.id]).await?;
    let viewer = Viewer { knows_addresses: page.knows_addresses() };
    let shown = show::message(list, post, &people, files.get(&post.id).map_or(&[], Vec::as_slice), &viewer);
    let here = lists.hub.url(&url::message(&list.name, &post.message_id, post.copy));
    let targets = [format!("message:{}", post.message_id), here];
    let mentions = search::backlinks(&conn, page.actor(), &targets, 20).await?;
    let steps: Vec<Step> = serde_json::from_str(&post.judgement).unwrap_or_default();
    let of = |what: &str| url::of_message(&list.name, &post.message_id, post.copy, what);
    let copies: Vec<_> = others.iter().map(|other| url::message(&list.name, &other.message_id, other.copy)).collect();
    Ok(context! {
        title: show::subject(&post.subject), list: around(lists, page, list).await?, message: shown, tree, previous, next,
        mentions, steps, copies, message_id: post.message_id, hash: post.hash, size: post.size, plain: of("raw"),
        raw: of("raw"), html: post.has_html.then(|| of("html")), reply: of("reply"), body: "",
        thread: url::thread(&list.name, &post.message_id), mbox: of("t.mbox.gz"),
    })
}
