//! Lists and issues for programs: JSON, CSV, Atom.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json_, json};
use web::Result;
use web::feed::{Feed, FeedEntry};

use super::here::Here;
use super::list::{read, text};
use super::show::Whole;
use crate::Tracker;
use crate::catalog::{Catalog, Property};
use crate::kind::{Kind, Value};
use crate::list::{self, Listing};

/// The most rows of a CSV file.
const CSV_ROWS: u64 = 100_000;

/// Whether a program asks for JSON.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.contains("application/json") && !accepts.contains("text/html")
}

async fn listing(tracker: &Tracker, here: &Here, filter: &crate::filter::Filter) -> Result<std::sync::Arc<Listing>> {
    let conn = tracker.hub.store.read();
    Ok(tracker.lists.page(&conn, &here.catalog, here.actor(), filter, tracker.hub.now()).await?)
}

/// The list as JSON: rows with the columns that were asked for, and how many there are; up to [`store::COUNTED`] where the
/// database has to count them.
pub async fn json(State(tracker): State<Tracker>, here: Here) -> Result<Response> {
    let filter = read(&here);
    let listing = listing(&tracker, &here, &filter).await?;
    let columns = list::columns(&here.catalog, &filter);
    let rows: Vec<Json_> = listing
        .page
        .items
        .iter()
        .map(|row| {
            let mut object = serde_json::Map::new();
            object.insert("url".into(), here.hub().url(&here.catalog.issue_path(row.number)).into());
            for name in &columns {
                let value = match (name.as_str(), here.catalog.property(name)) {
                    ("id", _) => row.number.into(),
                    ("messages", _) => row.message_count.into(),
                    ("title" | "creation" | "activity" | "creator" | "actor", _) | (_, None) => {
                        text(&here.catalog, &listing, row, name).into()
                    }
                    (_, Some(property)) => {
                        property_json(&here.catalog, property, &listing.value(row, property), &listing.people)
                    }
                };
                object.insert(name.clone(), value);
            }
            Json_::Object(object)
        })
        .collect();
    let page = &listing.page;
    Ok(Json(json!({
        "issues": rows, "total": page.total, "page": page.number, "size": page.size, "complaints": listing.complaints,
    }))
    .into_response())
}

/// A value for programs: names of rows and people, numbers of issues, plain values as they are.
fn property_json(
    catalog: &Catalog,
    property: &Property,
    value: &Value,
    people: &std::collections::HashMap<people::ParticipantId, people::Participant>,
) -> Json_ {
    let one = |id: &i64| -> Json_ {
        if property.is_person() {
            return people
                .get(&people::ParticipantId(*id))
                .map_or(Json_::Null, |person| person.user.clone().unwrap_or_else(|| person.name.clone()).into());
        }
        catalog.item_name(property, *id).map_or_else(|| (*id).into(), Json_::from)
    };
    match (value, property.kind) {
        (value, Kind::Multilink) => value.ids().iter().map(one).collect(),
        (Value::Link(id), _) => one(id),
        (Value::Empty, _) => Json_::Null,
        (Value::Number(number), _) => json!(number),
        (Value::Boolean(yes), _) => json!(yes),
        (value, _) => value.shown().into(),
    }
}

/// An issue as JSON, with its messages, files and history.
pub fn issue(here: &Here, whole: &Whole) -> Response {
    let (catalog, row) = (&here.catalog, &whole.issue.row);
    let person =
        |id: people::ParticipantId| whole.people.get(&id).map(|p| p.user.clone().unwrap_or_else(|| p.name.clone()));
    let properties: serde_json::Map<String, Json_> = catalog
        .issue()
        .properties
        .iter()
        .filter(|property| property.is_settable())
        .map(|property| {
            let value = whole.issue.value(&property.name);
            (property.name.clone(), property_json(catalog, property, &value, &whole.people))
        })
        .collect();
    let messages: Vec<Json_> = whole
        .messages
        .iter()
        .map(|message| json!({
            "id": message.number, "author": person(message.author_id), "date": message.created_at,
            "source": message.source, "format": message.format, "message_id": message.message_id, "text": message.body,
        }))
        .collect();
    let files: Vec<Json_> = whole
        .files
        .iter()
        .map(|file| {
            json!({
                "id": file.number, "name": file.name, "type": file.content_type, "size": file.size,
                "message": file.message_number,
                "url": here.hub().url(&format!("{}files/{}/{}", catalog.path(), file.number, web::urlpart(&file.name))),
            })
        })
        .collect();
    let history: Vec<Json_> = whole
        .history
        .iter()
        .map(|(entry, deltas)| {
            let changes: Vec<_> =
                deltas.iter().map(|delta| crate::query::in_words(catalog, delta, &whole.people)).collect();
            json!({
                "date": entry.at, "actor": person(entry.participant_id), "action": entry.action, "source": entry.source,
                "message": entry.message_number, "changes": changes,
            })
        })
        .collect();
    Json(json!({
        "id": row.number, "tracker": catalog.tracker.name, "url": here.hub().url(&catalog.issue_path(row.number)),
        "title": row.title, "creator": person(row.creator_id), "creation": row.created_at, "actor": person(row.actor_id),
        "activity": row.activity_at, "retired": row.is_retired, "version": row.version, "properties": properties,
        "messages": messages, "files": files, "history": history,
    }))
    .into_response()
}

/// The list as CSV (RFC 4180).
pub async fn csv(State(tracker): State<Tracker>, here: Here) -> Result<Response> {
    let filter = read(&here);
    let columns = list::columns(&here.catalog, &filter);
    let mut out = columns.iter().map(|name| cell(name)).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    let asked = (&filter, tracker.hub.now());
    list::whole(&tracker.hub.store.read(), &here.catalog, here.actor(), asked, CSV_ROWS, |listing| {
        for row in &listing.page.items {
            let cells: Vec<String> =
                columns.iter().map(|name| cell(&text(&here.catalog, listing, row, name))).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
    })
    .await?;
    let placed = format!("attachment; filename=\"{}.csv\"", here.catalog.tracker.name);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, placed)], out)
        .into_response())
}

/// A cell of CSV; what a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The list as a feed, what changed last first.
pub async fn atom(State(tracker): State<Tracker>, here: Here) -> Result<Response> {
    let mut filter = read(&here);
    (filter.page, filter.size) = (1, 50);
    let listing = listing(&tracker, &here, &filter).await?;
    let columns = list::columns(&here.catalog, &filter);
    let entries = listing.page.items.iter().map(|row| {
        let facts = columns.iter().filter(|name| !matches!(name.as_str(), "id" | "title" | "activity" | "messages"));
        let facts: Vec<String> = facts
            .map(|name| (name, text(&here.catalog, &listing, row, name)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("<li>{}: {}</li>", markup::escape(name), markup::escape(&value)))
            .collect();
        FeedEntry {
            url: here.catalog.issue_path(row.number),
            title: format!("#{} {}", row.number, row.title),
            author: text(&here.catalog, &listing, row, "actor"),
            at: row.activity_at,
            html: format!("<ul>{}</ul>", facts.concat()),
        }
    });
    let feed = Feed {
        title: format!("{} · {}", here.catalog.tracker.title, here.hub().settings.name),
        page: here.catalog.path(),
        path: here.here().to_owned(),
        entries: entries.collect(),
    };
    Ok(feed.answer(here.hub()))
}
