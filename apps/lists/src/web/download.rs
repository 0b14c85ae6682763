//! What programs fetch: raw mails, attachments, mboxes and feeds.

use std::collections::HashMap;
use std::io::Write;

use ::web::feed::{Feed, FeedEntry};
use ::web::{Error, Page, Result};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{self, HeaderName};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::context;
use markup::{Format, Viewer};
use store::{BlobId, StoreError, blobs};

use super::{Which, around, find_post, people_of, readable};
use crate::list::List;
use crate::query::{self, Post, Slice};
use crate::{ListId, Lists, PostId, mbox, show, url};

/// Posts that are read at a time.
const BATCH: u64 = 50;
/// Entries of a feed.
const NEWEST: u64 = 30;
/// Kinds of attachments that a browser is told of; others are bytes.
const TOLD: [&str; 8] = [
    "text/plain",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "application/gzip",
    "application/zip",
];

async fn bytes_of(lists: &Lists, blob: &BlobId) -> Result<Vec<u8>> {
    Ok(blobs::get(&lists.hub.store, &lists.hub.store.read(), blob).await?)
}

/// The bytes of a mail as they came.
pub async fn raw(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    let bytes = bytes_of(&lists, &post.blob).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response())
}

/// The HTML part of a mail, sanitised.
pub async fn html(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    let message = mail::Message::parse(&bytes_of(&lists, &post.blob).await?);
    let html = message.html().ok_or_else(|| Error::no("HTML part of this message"))?;
    page.render(
        "lists/post.html.html",
        context! {
            title: show::subject(&post.subject), list: around(&lists, &page, &list).await?,
            html: markup::sanitize::html(html), back: url::message(&list.name, &post.message_id, post.copy),
        },
    )
}

/// An attachment, always as a download: whoever sent it must not act in this site's name.
pub async fn file(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message, position, _)): Path<(String, String, usize, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    let message = mail::Message::parse(&bytes_of(&lists, &post.blob).await?);
    let file = message.attachments.into_iter().nth(position).ok_or_else(|| Error::no("such attachment"))?;
    let kind = TOLD.iter().find(|kind| **kind == file.content_type).copied().unwrap_or("application/octet-stream");
    let file_name = ::web::urlpart(if file.name.is_empty() { "attachment" } else { &file.name });
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{file_name}")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (HeaderName::from_static("content-security-policy"), "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

/// The whole archive of a list.
pub async fn list_mbox(State(lists): State<Lists>, page: Page, Path(name): Path<String>) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    Ok(stream(lists, Slice::List(list.id), &list.name))
}

/// The posts of a month.
pub async fn month_mbox(
    State(lists): State<Lists>,
    page: Page,
    Path((name, month)): Path<(String, String)>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let file = format!("{}-{month}", list.name);
    Ok(stream(lists, Slice::Month(list.id, month), &file))
}

/// The posts of a thread, as `b4` fetches them.
pub async fn thread_mbox(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    Ok(stream(lists, Slice::Thread(post.thread_id), "t"))
}

/// An mbox on its way out.
struct Sending {
    lists: Lists,
    slice: Slice,
    after: PostId,
    /// Absent when its end was sent.
    gzip: Option<GzEncoder<Vec<u8>>>,
}

impl Sending {
    /// The next bytes; `None` at the end.
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, StoreError> {
        let Some(mut gzip) = self.gzip.take() else { return Ok(None) };
        let conn = self.lists.hub.store.read();
        let rows = query::slice(&conn, &self.slice, self.after, BATCH).await?;
        for (id, blob, at) in &rows {
            let raw = blobs::get(&self.lists.hub.store, &conn, blob).await?;
            let mut text = Vec::with_capacity(raw.len() + 100);
            mbox::write(&mut text, &raw, *at);
            gzip.write_all(&text)?;
            self.after = *id;
        }
        if (rows.len() as u64) < BATCH {
            return Ok(Some((gzip.finish()?, self)));
        }
        let chunk = std::mem::take(gzip.get_mut());
        self.gzip = Some(gzip);
        Ok(Some((chunk, self)))
    }
}

/// An mbox that is read while it is sent, in the memory of a few mails.
fn stream(lists: Lists, slice: Slice, name: &str) -> Response {
    let gzip = GzEncoder::new(Vec::new(), Compression::default());
    let sending = Sending { lists, slice, after: PostId(0), gzip: Some(gzip) };
    let chunks = futures::stream::try_unfold(sending, Sending::next);
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename={safe}.mbox.gz")),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

/// The newest posts of all lists that the visitor may read.
pub async fn feed_of_all(State(lists): State<Lists>, page: Page) -> Result<Response> {
    let conn = lists.hub.store.read();
    let shown = query::lists(&conn, page.actor()).await?;
    let readable: Vec<ListId> = shown.iter().map(|list| list.id).collect();
    let names: HashMap<ListId, &str> = shown.iter().map(|list| (list.id, list.name.as_str())).collect();
    let posts = query::newest_of(&conn, &readable, NEWEST as usize).await?;
    let title = format!("Lists of {}", lists.hub.settings.name);
    feed(&lists, &page, &names, posts, title, "/lists/".into(), "/lists/.atom".into()).await
}

/// The newest posts of a list.
pub async fn list_feed(State(lists): State<Lists>, page: Page, Path(name): Path<String>) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let posts = query::newest(&lists.hub.store.read(), list.id, None, NEWEST).await?;
    let (at, path) = (url::list(&list.name), url::of_list(&list.name, "new.atom"));
    feed(&lists, &page, &name_of(&list), posts, list.title.clone(), at, path).await
}

/// The newest posts of a thread.
pub async fn thread_feed(
    State(lists): State<Lists>,
    page: Page,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let list = readable(&lists, &page, &name).await?;
    let (post, _) = find_post(&lists, &list, &message, which.copy).await?;
    let posts = query::newest(&lists.hub.store.read(), list.id, Some(post.thread_id), NEWEST).await?;
    let at = url::thread(&list.name, &post.message_id);
    let path = url::of_message(&list.name, &post.message_id, 0, "t.atom");
    feed(&lists, &page, &name_of(&list), posts, show::subject(&post.subject), at, path).await
}

fn name_of(list: &List) -> HashMap<ListId, &str> {
    HashMap::from([(list.id, list.name.as_str())])
}

async fn feed(
    lists: &Lists,
    page: &Page,
    names: &HashMap<ListId, &str>,
    posts: Vec<Post>,
    title: String,
    at: String,
    path: String,
) -> Result<Response> {
    let people = people_of(lists, posts.iter().map(|post| post.participant_id)).await?;
    let viewer = Viewer { knows_addresses: page.knows_addresses() };
    let tag = |list: &str| if names.len() > 1 { format!("[{list}] ") } else { String::new() };
    let entry = |list: &str, post: Post| FeedEntry {
        url: url::message(list, &post.message_id, post.copy),
        title: format!("{}{}", tag(list), show::subject(&post.subject)),
        author: show::who(&people, post.participant_id, &post.author).name,
        at: post.at,
        html: markup::message_html(&post.body, Format::Plain, &viewer),
    };
    let entries = posts.into_iter().filter_map(|post| Some(entry(names.get(&post.list_id)?, post))).collect();
    Ok(Feed { title, page: at, path, entries }.answer(&lists.hub))
}
