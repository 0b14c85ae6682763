//! The page of one issue.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use kernel::{Context, context};
use people::{Participant, ParticipantId};
use serde::Serialize;
use web::{Result, Submission};

use super::fields;
use super::here::Here;
use super::machine;
use crate::catalog::{Catalog, Property};
use crate::change::Delta;
use crate::entity::{file, history, message};
use crate::issue::Issue;
use crate::kept::Kept;
use crate::kind::{Kind, Value};
use crate::rules::Deed;
use crate::{Refusal, Tracker, TrackerId, numbers, query};

/// The page of an issue; `.json` gives it to programs.
pub async fn show(State(tracker): State<Tracker>, here: Here, headers: axum::http::HeaderMap) -> Result<Response> {
    let Some(number) = here.number else {
        return match here.format.as_str() {
            "atom" => machine::atom(State(tracker), here).await,
            "csv" => machine::csv(State(tracker), here).await,
            "json" => machine::json(State(tracker), here).await,
            _ => Ok(Redirect::permanent(&here.catalog.path()).into_response()),
        };
    };
    let whole = tracker.wholes.get(&tracker, &here, number).await?;
    if here.format == "json" || machine::wants_json(&headers) {
        return Ok(machine::issue(&here, &whole));
    }
    let links = backlinks(&tracker, &here, number).await?;
    let context = context(&here, &whole, links, &tracker, None, BTreeMap::new())?;
    here.render("tracker/issue.show.html", context)
}

/// The page again, with what was typed and what is wrong with it.
pub async fn refuse(
    tracker: &Tracker,
    here: &Here,
    number: i64,
    submission: &Submission,
    errors: BTreeMap<String, String>,
) -> Result<Response> {
    let whole = Whole::read(tracker, here, number).await?;
    let links = backlinks(tracker, here, number).await?;
    let context = context(here, &whole, links, tracker, Some(submission), errors)?;
    here.refuse("tracker/issue.show.html", context)
}

/// An issue with everything that its page shows.
pub struct Whole {
    pub issue: Issue,
    pub messages: Vec<message::Model>,
    pub files: Vec<file::Model>,
    pub history: Vec<(history::Model, Vec<Delta>)>,
    pub people: HashMap<ParticipantId, Participant>,
    pub titles: HashMap<i64, String>,
    pub linking: Vec<(i64, i64, String)>,
    /// The thread as HTML, for strangers and for people who may see addresses, for a minute.
    thread: [Kept<i64>; 2],
    /// The fields of its properties as HTML.
    fields: Kept<()>,
}

/// Issues that are kept; beyond it all are forgotten.
const KEPT: usize = 200;
/// How often an issue is read again because something changed while it was read.
const READ_AGAIN: usize = 3;
/// How long (minutes) names of people may be old on a page.
const FRESH: i64 = 1;

/// Issues that were read, until something changes in their tracker.
#[derive(Clone, Default)]
pub struct Wholes(Arc<Mutex<HashMap<(TrackerId, i64), Known>>>);

/// The versions of the tracker and of its catalog, and the minute in which an issue was read.
type Known = ((i64, i64), i64, Arc<Whole>);

impl Wholes {
    /// The issue of a number, read when it is not known as it is now.
    pub async fn get(&self, tracker: &Tracker, here: &Here, number: i64) -> Result<Arc<Whole>> {
        let row = &here.catalog.tracker;
        let (key, minute) = ((row.id, number), tracker.hub.now().timestamp() / 60);
        let versions = (row.version, row.catalog_version);
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, read, whole)) = lock().get(&key)
            && *known == versions
            && minute - read <= FRESH
        {
            return Ok(whole.clone());
        }
        let whole = Arc::new(Whole::read(tracker, here, number).await?);
        let mut known = lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, (versions, minute, whole.clone()));
        Ok(whole)
    }
}

impl Whole {
    /// Reads it all as it stood between two changes of its tracker, as long as there is a moment between two.
    pub async fn read(tracker: &Tracker, here: &Here, number: i64) -> Result<Self> {
        let row = &here.catalog.tracker;
        let mut version = row.version;
        let mut whole = Self::read_once(tracker, here, number).await?;
        for _ in 0..READ_AGAIN {
            let now = crate::tracker::by_name(&tracker.hub.store.read(), &row.name).await?;
            let Some(now) = now.map(|row| row.version).filter(|now| *now != version) else { break };
            version = now;
            whole = Self::read_once(tracker, here, number).await?;
        }
        Ok(whole)
    }

    /// A fixed number of queries, however long the issue is.
    async fn read_once(tracker: &Tracker, here: &Here, number: i64) -> Result<Self> {
        let conn = tracker.hub.store.read();
        let catalog = &here.catalog;
        let issue = query::issue(&conn, catalog, number).await?.ok_or(Refusal::NoIssue(number))?;
        let messages = query::messages(&conn, issue.row.id).await?;
        let files = query::files(&conn, issue.row.id).await?;
        let history = query::history(&conn, issue.row.id).await?;
        let history: Vec<_> = history
            .into_iter()
            .map(|row| {
                let deltas: Vec<Delta> = serde_json::from_str(&row.changes).unwrap_or_default();
                (row, deltas)
            })
            .collect();
        let mut ids = vec![issue.row.creator_id, issue.row.actor_id];
        ids.extend(messages.iter().map(|message| message.author_id));
        ids.extend(history.iter().map(|(row, _)| row.participant_id));
        ids.extend(query::people_in(catalog, history.iter().flat_map(|(_, deltas)| deltas)));
        let mut numbers = Vec::new();
        for property in &catalog.issue().properties {
            let value = issue.value(&property.name);
            if property.is_person() {
                ids.extend(value.ids().iter().map(|id| ParticipantId(*id)));
            } else if property.target == catalog.issue().name {
                numbers.extend(value.ids());
            }
        }
        let people = people::participant::shown(&conn, ids).await?;
        let titles = query::titles(&conn, catalog, &numbers).await?;
        let linking = query::linking_here(&conn, catalog, number).await?;
        let (thread, fields) = Default::default();
        Ok(Self { issue, messages, files, history, people, titles, linking, thread, fields })
    }

    /// The thread as HTML, made anew each minute.
    fn thread(&self, tracker: &Tracker, here: &Here) -> Result<Arc<str>> {
        let kept = &self.thread[usize::from(here.knows_addresses())];
        let html = kept.get(tracker.hub.now().timestamp() / 60, || {
            let thread = thread(&here.catalog, self, here.knows_addresses());
            tracker.hub.templates.render("tracker/issue.thread.html", &context! { thread })
        })?;
        Ok(html)
    }

    /// The fields of its properties as HTML; with what was typed and what is wrong with it, when it was refused.
    fn fields(
        &self,
        tracker: &Tracker,
        catalog: &Catalog,
        typed: Option<&web::Fields>,
        errors: &BTreeMap<String, String>,
    ) -> Result<Arc<str>> {
        let render = || {
            let fields = fields::all(catalog, &self.issue.values, &self.people, typed);
            tracker.hub.templates.render("tracker/issue.fields.html", &context! { fields, errors })
        };
        if typed.is_some() {
            return Ok(render()?.into());
        }
        Ok(self.fields.get((), render)?)
    }
}

/// What mentions the issue: commits, threads, other issues.
async fn backlinks(tracker: &Tracker, here: &Here, number: i64) -> Result<Vec<search::Backlink>> {
    let keys = here.catalog.mention_keys(number);
    let links = search::backlinks(&tracker.hub.store.read(), here.actor(), &keys, 50).await?;
    let own = here.catalog.issue_path(number);
    Ok(links.into_iter().filter(|link| link.url != own).collect())
}

#[derive(Serialize)]
struct Prop {
    name: String,
    label: String,
    text: String,
    tags: Vec<Link>,
    people: Vec<Participant>,
    issues: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    label: String,
    url: String,
}

#[derive(Serialize)]
struct Entry {
    is_message: bool,
    id: String,
    author: Participant,
    who: Participant,
    at: DateTime<Utc>,
    url: String,
    html: String,
    number: String,
    source: String,
    /// Where the mail stands as it came, for those who may see addresses.
    raw: Option<String>,
    files: Vec<Attached>,
}

#[derive(Serialize)]
struct Attached {
    name: String,
    url: String,
    size: i64,
    #[serde(rename = "type")]
    kind: String,
}

fn context(
    here: &Here,
    whole: &Whole,
    backlinks: Vec<search::Backlink>,
    tracker: &Tracker,
    submission: Option<&Submission>,
    errors: BTreeMap<String, String>,
) -> Result<Context> {
    let (catalog, issue) = (&here.catalog, &whole.issue);
    let row = &issue.row;
    let own = here.actor().participant() == Some(row.creator_id);
    let status = issue.value("status").ids().first().copied();
    let typed = submission.map(|submission| &submission.fields);
    let may_change = here.may(Deed::Change, own);
    let status_name =
        catalog.property("status").and_then(|property| catalog.item_name(property, status?)).unwrap_or("no status");
    let follows = here.actor().participant().is_some_and(|id| issue.nosy().contains(&id));
    let thread = whole.thread(tracker, here)?;
    let fields = may_change.then(|| whole.fields(tracker, catalog, typed, &errors)).transpose()?;
    Ok(context! {
        title: format!("#{} {}", row.number, row.title),
        number: row.number,
        issue_title: row.title,
        typed_title: typed.map_or(row.title.as_str(), |fields| if fields.has("title") { fields.get("title") } else { &row.title }),
        url: catalog.issue_path(row.number),
        list_url: catalog.path(),
        tracker_title: catalog.tracker.title,
        state: serde_json::json!({ "kind": catalog.meaning(status), "label": status_name }),
        creator: whole.people.get(&row.creator_id),
        created: row.created_at,
        activity: row.activity_at,
        is_retired: row.is_retired,
        address: catalog.issue_address(row.number),
        props: props(catalog, whole),
        fields: fields.as_deref().unwrap_or_default(),
        thread: &*thread,
        loose_files: whole.files.iter().filter(|file| file.message_number.is_none()).map(|file| attached(catalog, file)).collect::<Vec<_>>(),
        backlinks,
        linking: linking(catalog, whole),
        message: typed.map_or("", |fields| fields.get("message")),
        format: typed.map_or("plain", |fields| fields.get("format")),
        may_comment: here.may(Deed::Comment, own),
        may_change: may_change,
        may_administer: here.may(Deed::Administer, own),
        is_stranger: here.actor().participant().is_none(),
        follows: follows,
        errors: errors,
        json: format!("{}.json", catalog.issue_path(row.number)),
    })
}

fn props(catalog: &Catalog, whole: &Whole) -> Vec<Prop> {
    let settable = catalog.issue().properties.iter().filter(|property| property.is_settable());
    settable.map(|property| prop(catalog, whole, property)).collect()
}

fn prop(catalog: &Catalog, whole: &Whole, property: &Property) -> Prop {
    let value = whole.issue.value(&property.name);
    let mut prop = Prop {
        name: property.name.clone(),
        label: property.label.clone(),
        text: String::new(),
        tags: vec![],
        people: vec![],
        issues: vec![],
    };
    if property.is_person() {
        let known = value.ids().iter().filter_map(|id| whole.people.get(&ParticipantId(*id)).cloned());
        prop.people = known.collect();
    } else if property.target == catalog.issue().name {
        prop.issues = value.ids().iter().map(|number| issue_link(catalog, *number, whole.titles.get(number))).collect();
    } else if property.kind == Kind::Multilink {
        let tag = |number: &i64| {
            let name = catalog.item_name(property, *number)?;
            let url = format!("{}?{}={}", catalog.path(), property.name, web::urlpart(name));
            Some(Link { label: name.to_owned(), url })
        };
        prop.tags = value.ids().iter().filter_map(tag).collect();
    } else {
        prop.text = query::shown(catalog, property, &value, &whole.people);
    }
    prop
}

fn issue_link(catalog: &Catalog, number: i64, title: Option<&String>) -> Link {
    let label = format!("#{number} {}", title.map_or("", String::as_str));
    Link { label, url: catalog.issue_path(number) }
}

#[derive(Serialize)]
struct Linking {
    label: String,
    issue: Link,
}

fn linking(catalog: &Catalog, whole: &Whole) -> Vec<Linking> {
    let named = |id: i64| catalog.issue().properties.iter().find(|property| property.id == id);
    let link = |(property, number, title): &(i64, i64, String)| {
        let label = named(*property).map_or_else(String::new, |property| property.label.clone());
        Linking { label, issue: issue_link(catalog, *number, Some(title)) }
    };
    whole.linking.iter().map(link).collect()
}

/// Messages and changes in the order in which they came.
fn thread(catalog: &Catalog, whole: &Whole, knows_addresses: bool) -> Vec<Entry> {
    let viewer = markup::Viewer { knows_addresses };
    let who = |id: ParticipantId| {
        whole.people.get(&id).cloned().unwrap_or_else(|| Participant {
            id,
            name: "somebody".into(),
            user: None,
            url: None,
            address: String::new(),
        })
    };
    let html = |text: &str, format| {
        let html = markup::message_html(text, format, &viewer);
        if catalog.is_default { html } else { numbers::relinked(&html, &catalog.path()) }
    };
    let messages = whole.messages.iter().map(|message| {
        let format = markup::Format::from_name(&message.format).unwrap_or_default();
        let author = who(message.author_id);
        let own = whole.files.iter().filter(|file| file.message_number == Some(message.number));
        Entry {
            is_message: true,
            id: format!("msg{}", message.number),
            who: author.clone(),
            author,
            at: message.created_at,
            url: format!("{}#msg{}", catalog.issue_path(whole.issue.row.number), message.number),
            html: html(&message.body, format),
            number: format!("msg{}", message.number),
            source: if message.source == "import" { "web".into() } else { message.source.clone() },
            raw: message.raw.as_ref().filter(|_| knows_addresses).map(|_| raw_path(catalog, message.number)),
            files: own.map(|file| attached(catalog, file)).collect(),
        }
    });
    let changes = whole.history.iter().filter_map(|(row, deltas)| {
        let html = told(catalog, whole, row, deltas)?;
        let who = who(row.participant_id);
        Some(Entry {
            is_message: false,
            id: format!("change{}", row.id),
            author: who.clone(),
            who,
            at: row.at,
            url: String::new(),
            html,
            number: String::new(),
            source: String::new(),
            raw: None,
            files: vec![],
        })
    });
    let mut entries: Vec<Entry> = messages.chain(changes).collect();
    // Stable: of one moment the message comes first, then what changed with it.
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// A change as one line of HTML: `changed status from <del>unread</del> to <b>chatting</b>`.
fn told(catalog: &Catalog, whole: &Whole, row: &history::Model, deltas: &[Delta]) -> Option<String> {
    match row.action.as_str() {
        "retired" => return Some("retired this issue".into()),
        "restored" => return Some("restored this issue".into()),
        "create" if deltas.is_empty() => return None,
        _ => {}
    }
    let parts: Vec<String> = deltas.iter().filter_map(|delta| step(catalog, whole, delta)).collect();
    if parts.is_empty() { None } else { Some(parts.join(", ")) }
}

fn step(catalog: &Catalog, whole: &Whole, delta: &Delta) -> Option<String> {
    let escape = |text: &str| markup::escape(text);
    let property = catalog.property(&delta.property);
    let label = escape(property.map_or(delta.property.as_str(), |property| &property.label));
    if let Some(property) = property.filter(|property| property.kind == Kind::Multilink) {
        let (from, to) = (Value::from_stored(property.kind, &delta.from), Value::from_stored(property.kind, &delta.to));
        let only = |a: &Value, b: &Value| {
            let ids = a.ids().iter().filter(|id| !b.ids().contains(id)).copied().collect();
            query::shown(catalog, property, &Value::links(ids), &whole.people)
        };
        let (added, removed) = (only(&to, &from), only(&from, &to));
        let whole = if property.name == "nosy" { format!("the {label}") } else { label };
        return match (escape(&added), escape(&removed)) {
            (added, removed) if added.is_empty() && removed.is_empty() => None,
            (added, removed) if removed.is_empty() => Some(format!("added <b>{added}</b> to {whole}")),
            (added, removed) if added.is_empty() => Some(format!("removed <del>{removed}</del> from {whole}")),
            (added, removed) => {
                Some(format!("added <b>{added}</b> to {whole} and removed <del>{removed}</del> from it"))
            }
        };
    }
    let change = query::in_words(catalog, delta, &whole.people);
    let (from, to) = (escape(&change.from), escape(&change.to));
    // "Assigned to" is half of a sentence already.
    if let Some(verb) = label.strip_suffix(" to").filter(|_| !to.is_empty()) {
        let before = if from.is_empty() { String::new() } else { format!(" instead of <del>{from}</del>") };
        return Some(format!("{verb} it to <b>{to}</b>{before}"));
    }
    Some(match (from.is_empty(), to.is_empty()) {
        (true, _) => format!("set {label} to <b>{to}</b>"),
        (_, true) => format!("cleared {label}, which was <del>{from}</del>"),
        _ => format!("changed {label} from <del>{from}</del> to <b>{to}</b>"),
    })
}

fn raw_path(catalog: &Catalog, message: i64) -> String {
    format!("{}msg/{message}/raw", catalog.path())
}

fn attached(catalog: &Catalog, file: &file::Model) -> Attached {
    let url = format!("{}files/{}/{}", catalog.path(), file.number, web::urlpart(&file.name));
    Attached { name: file.name.clone(), url, size: file.size, kind: file.content_type.clone() }
}
