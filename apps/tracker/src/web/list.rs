//! The page of a list.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::context;
use serde::Serialize;
use web::{PageNumber, Result};

use super::here::Here;
use super::machine;
use crate::catalog::{Catalog, Property};
use crate::filter::{Filter, Order};
use crate::list::{self, Listing, Row};
use crate::rules::Deed;
use crate::{Tracker, moderation, query, saved};

/// A cell of the table, by what it shows.
#[derive(Serialize)]
struct Cell<'a> {
    kind: &'static str,
    text: String,
    /// Of a state its meaning.
    #[serde(skip_serializing_if = "str::is_empty")]
    more: &'a str,
    /// Of a number what it counts.
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'static str,
}

#[derive(Serialize)]
struct Line<'a> {
    number: i64,
    url: String,
    cells: Vec<Cell<'a>>,
    /// The heading above this row, when the group begins with it.
    group: Option<String>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    label: String,
    /// The direction in which a click sorts first.
    first: String,
    tone: &'static str,
}

/// The list of issues; as JSON for programs that accept only that.
pub async fn list(
    State(tracker): State<Tracker>,
    here: Here,
    number: PageNumber,
    headers: HeaderMap,
) -> Result<Response> {
    if machine::wants_json(&headers) {
        return machine::json(State(tracker), here).await;
    }
    let filter = read(&here);
    let conn = tracker.hub.store.read();
    let actor = here.actor();
    let listing = tracker.lists.page(&conn, &here.catalog, actor, &filter, tracker.hub.now()).await?;
    number.within(&listing.page)?;
    let columns = list::columns(&here.catalog, &filter);
    let templates = &tracker.hub.templates;
    let rows = listing.rows.get(tracker.hub.now().timestamp() / 60, || {
        let lines = lines(&here.catalog, &listing, &columns, &filter);
        templates.render("tracker/issue.rows.html", &context! { lines, width: columns.len() })
    })?;
    let head = listing.head.get(here.here().to_owned(), || {
        let columns: Vec<_> = columns.iter().map(|name| column(&here.catalog, name)).collect();
        let sort = filter.sort.first().map_or_else(|| "-activity".to_owned(), Order::written);
        templates.render("tracker/issue.head.html", &context! { columns, sort, here: here.here() })
    })?;
    let side = listing.side.get(here.here().to_owned(), || {
        let groups = side(&here.catalog, &filter, here.here());
        templates.render("tracker/issue.side.html", &context! { groups })
    })?;
    let queries = saved::of(&here.catalog, actor);
    let moderates = moderation::may_moderate(&here.catalog, actor);
    let held = if moderates { moderation::count(&conn, &here.catalog).await? } else { 0 };
    let path = here.catalog.path();
    let query_string = here.here().split_once('?').map_or("", |(_, query)| query).to_owned();
    here.render(
        "tracker/issue.list.html",
        context! {
            title: here.catalog.tracker.title,
            path_here: path,
            head: &*head,
            rows: &*rows,
            listing_page: listing.page_numbers(),
            complaints: listing.complaints,
            q: typed(&here),
            views: views(&here, &filter),
            filter_groups: &*side,
            filters: hidden(&here),
            queries: queries.iter().map(|query| query.entry(&path)).collect::<Vec<_>>(),
            query_string: query_string,
            may_file: here.offers_filing(),
            may_save: here.actor().is_known(),
            may_administer: here.may(Deed::Administer, false),
            held: held,
            feed: with_query(&format!("{}.atom", path.trim_end_matches('/')), &query_string),
            csv: with_query(&format!("{}.csv", path.trim_end_matches('/')), &query_string),
        },
    )
}

/// The filter of a request.
pub fn read(here: &Here) -> Filter {
    Filter::read(&here.pairs, |name| list::knows(&here.catalog, name))
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn typed(here: &Here) -> String {
    let typed = here.pairs.iter().find(|(name, _)| matches!(name.as_str(), "q" | "@search_text" | ":search_text"));
    typed.map(|(_, text)| text.clone()).unwrap_or_default()
}

/// What the search box must send along, so that a search keeps the filters.
fn hidden(here: &Here) -> Vec<(String, String)> {
    let others =
        here.pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "q" | "page" | "@search_text" | "@startwith"));
    others.cloned().collect()
}

fn column(catalog: &Catalog, name: &str) -> Column {
    let label = match name {
        "id" => "#".into(),
        "creation" => "filed".into(),
        "creator" => "by".into(),
        "messages" => "msgs".into(),
        name => catalog.property(name).map_or_else(|| name.to_owned(), |property| property.label.clone()),
    };
    let first = match name {
        "id" | "activity" | "creation" | "messages" => format!("-{name}"),
        name => name.to_owned(),
    };
    let tone = if matches!(name, "id" | "messages") { "num" } else { "" };
    Column { name: name.to_owned(), label, first, tone }
}

fn lines<'a>(catalog: &'a Catalog, listing: &Listing, columns: &[String], filter: &Filter) -> Vec<Line<'a>> {
    let mut last: Option<String> = None;
    let line = |row: &Row| {
        let heading = filter.group.as_ref().map(|order| {
            let text = text(catalog, listing, row, &order.property);
            if text.is_empty() { format!("no {}", order.property) } else { text }
        });
        let group = if heading == last { None } else { heading.clone() };
        last = heading;
        let cells = columns.iter().map(|name| cell(catalog, listing, row, name)).collect();
        Line { number: row.number, url: catalog.issue_path(row.number), cells, group }
    };
    listing.page.items.iter().map(line).collect()
}

fn cell<'a>(catalog: &'a Catalog, listing: &Listing, row: &Row, name: &str) -> Cell<'a> {
    let (kind, more, label) = match name {
        "id" => ("id", "", ""),
        "title" => ("title", "", ""),
        "creation" | "activity" => ("at", "", ""),
        "messages" => ("num", "", "messages"),
        "creator" | "actor" => ("person", "", ""),
        "status" => {
            let status = catalog.property(name).map(|property| listing.value(row, property));
            ("state", catalog.meaning(status.and_then(|value| value.ids().first().copied())), "")
        }
        name => match catalog.property(name) {
            Some(property) if property.is_person() => ("person", "", ""),
            Some(property) if property.kind == crate::kind::Kind::Multilink => ("tags", "", ""),
            _ => ("text", "", ""),
        },
    };
    Cell { kind, text: text(catalog, listing, row, name), more, label }
}

/// What a column shows, as text; times as RFC 3339.
pub fn text(catalog: &Catalog, listing: &Listing, row: &Row, name: &str) -> String {
    let person = |id| listing.people.get(&id).map(|person| person.name.clone()).unwrap_or_default();
    match name {
        "id" => row.number.to_string(),
        "title" => row.title.clone(),
        "creation" => row.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "activity" => row.activity_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "creator" => person(row.creator_id),
        "actor" => person(row.actor_id),
        "messages" => row.message_count.to_string(),
        name => match catalog.property(name) {
            Some(property) => query::shown(catalog, property, &listing.value(row, property), &listing.people),
            None => String::new(),
        },
    }
}

#[derive(Serialize)]
struct View {
    label: String,
    url: String,
    active: bool,
}

/// The tabs: open, waiting, done, all, and what is mine.
fn views(here: &Here, filter: &Filter) -> Vec<View> {
    let path = here.catalog.path();
    let state: Option<String> = filter.of("state").next().map(|term| term.values.join(","));
    let plain = filter.of("assignedto").next().is_none() && filter.of("creator").next().is_none();
    let mine = |name: &str| filter.of(name).any(|term| term.values.iter().any(|value| value == "@me"));
    let view = |label: &str, query: &str, active| View { label: label.into(), url: format!("{path}{query}"), active };
    let is = |wanted: &str| plain && state.as_deref() == Some(wanted);
    let open = plain && state.is_none() && filter.of("status").next().is_none() && filter.text.is_empty();
    let mut views = vec![
        view("Open", "", open || is("open")),
        view("Waiting", "?state=waiting", is("waiting")),
        view("Done", "?state=done", is("done")),
        view("All", "?state=all", is("all")),
    ];
    if here.actor().participant().is_some() {
        views.push(view("Assigned to me", "?assignedto=@me", mine("assignedto")));
        views.push(view("Filed by me", "?creator=@me&state=all", mine("creator")));
    }
    views
}

#[derive(Serialize)]
struct Group {
    label: String,
    items: Vec<View>,
}

/// The filters beside the list: one group for each link to few rows.
fn side(catalog: &Catalog, filter: &Filter, here: &str) -> Vec<Group> {
    let links = catalog.issue().properties.iter().filter(|p| p.is_link() && p.is_settable() && !p.is_person());
    links.filter_map(|property| group(catalog, filter, here, property)).collect()
}

fn group(catalog: &Catalog, filter: &Filter, here: &str, property: &Property) -> Option<Group> {
    let class = catalog.class(&property.target).filter(|class| class.kind == "plain")?;
    class.living().next()?;
    let chosen: Vec<&String> = filter.of(&property.name).flat_map(|term| &term.values).collect();
    let items = class.living().take(15).map(|item| {
        let active = chosen.iter().any(|c| c.eq_ignore_ascii_case(&item.name) || **c == item.number.to_string());
        let wanted = if active { None } else { Some(item.name.as_str()) };
        View { label: item.name.clone(), url: set_query(here, &property.name, wanted), active }
    });
    Some(Group { label: property.label.clone(), items: items.collect() })
}

/// The URL with one name of its query set, and back on the first page.
fn set_query(here: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let mut pairs: BTreeMap<usize, (String, String)> = super::here::pairs(query)
        .into_iter()
        .filter(|(known, _)| known != name && known != "page")
        .enumerate()
        .collect();
    if let Some(value) = value {
        pairs.insert(usize::MAX, (name.to_owned(), value.to_owned()));
    }
    let written: Vec<String> =
        pairs.values().map(|(name, value)| format!("{}={}", web::urlpart(name), web::urlpart(value))).collect();
    with_query(path, &written.join("&"))
}
