//! One page of a site, or a file of it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{NaiveTime, TimeZone, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kernel::{Hub, context};
use store::blobs;
use web::feed::{Feed, FeedEntry};
use web::{Error, Page, Result};

use crate::config::Site;
use crate::generate::{Entry, Heading};
use crate::query::{self, Build, StoredPage};
use crate::{Sites, publish};

/// One site, where it stands.
#[derive(Clone)]
pub struct Stand {
    pub hub: Hub,
    pub site: Site,
}

pub async fn first(State(stand): State<Stand>, page: Page) -> Result<Response> {
    show(&stand, &page, "").await
}

pub async fn any(
    State(stand): State<Stand>,
    page: Page,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    match path.as_str() {
        "news.atom" => return feed(&stand).await,
        "sitemap.xml" => return map(&stand.hub, std::slice::from_ref(&stand.site)).await,
        _ => {}
    }
    let conn = stand.hub.store.read();
    if let Some(build) = query::shown_build(&conn, &stand.site.name).await?
        && let Some(blob) = query::asset(&conn, build.id, &path).await?
    {
        return file(&stand.hub, &path, &blob, &headers).await;
    }
    show(&stand, &page, path.trim_end_matches('/').trim_end_matches(".html")).await
}

async fn show(stand: &Stand, page: &Page, path: &str) -> Result<Response> {
    let conn = stand.hub.store.read();
    let Some(build) = query::shown_build(&conn, &stand.site.name).await? else {
        return page.render_with(
            StatusCode::SERVICE_UNAVAILABLE,
            "site/unbuilt.html",
            context! { title: stand.site.label },
        );
    };
    let Some(found) = query::page(&conn, build.id, path).await? else {
        return moved(stand, page, &build, path).await;
    };
    let news = if path.is_empty() { query::news(&conn, build.id, 5).await? } else { vec![] };
    render(stand, page, &build, &found, news)
}

fn render(stand: &Stand, page: &Page, build: &Build, found: &StoredPage, news: Vec<query::News>) -> Result<Response> {
    let entries: Vec<Entry> = serde_json::from_str(&build.navigation).unwrap_or_default();
    let toc: Vec<Heading> = serde_json::from_str(&found.toc).unwrap_or_default();
    let toc: Vec<Heading> = toc.into_iter().filter(|heading| heading.level == 2).collect();
    let (before, after) = neighbours(&entries, &found.path);
    page.render(
        "site/page.html",
        context! {
            title: found.title, html: found.html, toc, nav: lines(&stand.site, &entries, &found.path, 0),
            mount: stand.site.mount, label: stand.site.label, source: found.source, day: found.day, news,
            before: before.map(|entry| link(&stand.site, entry)), after: after.map(|entry| link(&stand.site, entry)),
            feed: format!("{}/news.atom", stand.site.mount), revision: build.revision, built_at: build.at,
        },
    )
}

fn link(site: &Site, entry: &Entry) -> serde_json::Value {
    serde_json::json!({ "title": entry.title, "url": publish::url(site, entry.path.as_deref().unwrap_or_default()) })
}

/// The navigation as lines with a depth: the branch that holds `here` is open.
fn lines(site: &Site, entries: &[Entry], here: &str, depth: usize) -> Vec<serde_json::Value> {
    let mut out = vec![];
    for entry in entries {
        let active = entry.path.as_deref() == Some(here);
        let open = active || holds(entry, here);
        let url = entry.path.as_ref().map(|path| publish::url(site, path)).or_else(|| entry.url.clone());
        out.push(serde_json::json!({ "title": entry.title, "url": url, "depth": depth, "active": active }));
        if open || entry.path.is_none() {
            out.extend(lines(site, &entry.entries, here, depth + 1));
        }
    }
    out
}

fn holds(entry: &Entry, here: &str) -> bool {
    entry.entries.iter().any(|inner| inner.path.as_deref() == Some(here) || holds(inner, here))
}

/// The pages before and after one in the order of the navigation.
fn neighbours<'a>(entries: &'a [Entry], here: &str) -> (Option<&'a Entry>, Option<&'a Entry>) {
    fn flatten<'a>(entries: &'a [Entry], out: &mut Vec<&'a Entry>) {
        for entry in entries {
            if entry.path.is_some() {
                out.push(entry);
            }
            flatten(&entry.entries, out);
        }
    }
    let mut all = vec![];
    flatten(entries, &mut all);
    match all.iter().position(|entry| entry.path.as_deref() == Some(here)) {
        None => (None, None),
        Some(at) => (at.checked_sub(1).map(|before| all[before]), all.get(at + 1).copied()),
    }
}

/// A page that is not there: where it moved to, the site's own 404 page, or ours.
async fn moved(stand: &Stand, page: &Page, build: &Build, path: &str) -> Result<Response> {
    let conn = stand.hub.store.read();
    if let Some(target) = query::redirect(&conn, &stand.site.name, path).await? {
        return Ok(axum::response::Redirect::permanent(&publish::url(&stand.site, &target)).into_response());
    }
    if let Some(own) = query::page(&conn, build.id, "404").await? {
        let mut response = render(stand, page, build, &own, vec![])?;
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    }
    Err(Error::no(format!("page {path} in {}", stand.site.mount)))
}

async fn file(hub: &Hub, path: &str, blob: &store::BlobId, headers: &HeaderMap) -> Result<Response> {
    let tag = format!("\"{}\"", &blob.0[..32]);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let bytes = blobs::get(&hub.store, &hub.store.read(), blob).await?;
    let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    let mut response = ([(header::CONTENT_TYPE, kind), (header::ETAG, tag)], bytes).into_response();
    // A file of a site runs no script, whatever it is.
    let policy =
        HeaderValue::from_static("default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn feed(stand: &Stand) -> Result<Response> {
    let conn = stand.hub.store.read();
    let news = match query::shown_build(&conn, &stand.site.name).await? {
        Some(build) => query::news(&conn, build.id, 30).await?,
        None => vec![],
    };
    let entries = news.into_iter().map(|news| FeedEntry {
        url: publish::url(&stand.site, &news.path),
        at: Utc.from_utc_datetime(&news.day.and_time(NaiveTime::MIN)),
        title: news.title,
        author: stand.hub.settings.name.clone(),
        html: format!("<p>{}</p>", markup::escape(&news.summary)),
    });
    let title = format!("{}: news", stand.hub.settings.name);
    let (page, path) = (format!("{}/", stand.site.mount), format!("{}/news.atom", stand.site.mount));
    Ok(Feed { title, page, path, entries: entries.collect() }.answer(&stand.hub))
}

/// `/sitemap.xml`: the pages of all sites (sitemaps.org, protocol 0.9).
pub fn map_route(sites: &Sites) -> Router {
    async fn all(State(sites): State<Sites>) -> Result<Response> {
        map(&sites.hub, &sites.sites).await
    }
    Router::new().route("/sitemap.xml", get(all)).with_state(sites.clone())
}

async fn map(hub: &Hub, sites: &[Site]) -> Result<Response> {
    let conn = hub.store.read();
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for site in sites {
        let Some(build) = query::shown_build(&conn, &site.name).await? else { continue };
        for path in query::sources(&conn, build.id).await?.values() {
            let url = markup::escape(&hub.url(&publish::url(site, path)));
            xml.push_str(&format!("<url><loc>{url}</loc><lastmod>{}</lastmod></url>\n", build.at.format("%Y-%m-%d")));
        }
    }
    xml.push_str("</urlset>\n");
    Ok(([(header::CONTENT_TYPE, "application/xml")], xml).into_response())
}
