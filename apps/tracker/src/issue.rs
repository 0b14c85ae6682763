//! The door of issues: forms, mails and commits all come through [`create`] and [`change`].

use std::collections::BTreeMap;

use journal::Event;
use people::{Actor, ParticipantId};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use store::Tx;

use crate::catalog::{Catalog, Property};
use crate::change::{Change, Delta, Edit, Via};
use crate::entity::{history, issue, value};
use crate::kind::Value;
use crate::rules::{self, Deed};
use crate::{IssueId, Refusal, message, query, tracker};

/// An issue with its properties.
#[derive(Clone, Debug)]
pub struct Issue {
    pub row: issue::Model,
    /// By name; a property without a value is absent. The title, messages and files are not among them.
    pub values: BTreeMap<String, Value>,
}

impl Issue {
    /// The value of a property.
    pub fn value(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// Those who are told of every message.
    pub fn nosy(&self) -> Vec<ParticipantId> {
        self.value("nosy").ids().iter().map(|id| ParticipantId(*id)).collect()
    }
}

/// What a door did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub number: i64,
    pub message: Option<i64>,
    /// Whether anything changed at all.
    pub changed: bool,
}

/// Files an issue.
pub async fn create(tx: &Tx, actor: &Actor, catalog: &Catalog, mut change: Change) -> Result<Done, Refusal> {
    permit(catalog, actor, Deed::File, true, change.via)?;
    let by = participant(tx, actor).await?;
    let title = checked_title(change.title.as_deref().unwrap_or_default())?;
    require(catalog, &change)?;
    tracker::touch(tx, catalog.tracker.id).await?;
    let number = tracker::next_number(tx, catalog.issue().id).await?;
    let mut issue = Issue { row: blank(tx, catalog, number, title, by), values: BTreeMap::new() };
    change.title = None;
    follow(catalog, &issue, &mut change, by, true);
    let deltas = apply(catalog, &mut issue, &change)?;
    let rows = own_rows(catalog, &mut issue, &deltas);
    let has_message = message::tidy(&mut change)?;
    issue.row.message_count = i64::from(has_message);
    let row = issue::ActiveModel { id: NotSet, ..issue.row.clone().into() };
    issue.row.id = issue::Entity::insert(row.reset_all()).exec(tx).await?.last_insert_id;
    insert_values(tx, &issue, &rows).await?;
    let message = if has_message { Some(message::add(tx, catalog, &issue, by, &mut change).await?) } else { None };
    write_history(tx, &issue, by, "create", change.via, message, &[]).await?;
    let event = Event::IssueCreated {
        tracker: catalog.tracker.name.clone(),
        issue: number,
        title: issue.row.title.clone(),
        url: catalog.issue_path(number),
        message,
        text: event_text(&change),
        audience: catalog.tracker.audience.clone(),
    };
    journal::append(tx, actor, event)?;
    Ok(Done { number, message, changed: true })
}

/// Changes an issue: properties, a message, files, all in one.
pub async fn change(
    tx: &Tx,
    actor: &Actor,
    catalog: &Catalog,
    number: i64,
    mut change: Change,
) -> Result<Done, Refusal> {
    tracker::touch(tx, catalog.tracker.id).await?;
    let mut issue = query::issue(tx, catalog, number).await?.ok_or(Refusal::NoIssue(number))?;
    let by = participant(tx, actor).await?;
    let own = issue.row.creator_id == by;
    if change.message.is_some() || !change.files.is_empty() {
        permit(catalog, actor, Deed::Comment, own, change.via)?;
    }
    let only_self = only_oneself(&change, by);
    if change.sets_properties() || (change.edits.contains_key("nosy") && !only_self) {
        permit(catalog, actor, Deed::Change, own, change.via)?;
    }
    collide(catalog, &issue, &mut change)?;
    follow(catalog, &issue, &mut change, by, false);
    let mut deltas = apply(catalog, &mut issue, &change)?;
    let has_message = message::tidy(&mut change)?;
    let message = if has_message { Some(message::add(tx, catalog, &issue, by, &mut change).await?) } else { None };
    if deltas.is_empty() && message.is_none() {
        return Ok(Done { number, message: None, changed: false });
    }
    deltas.sort_by(|a, b| a.property.cmp(&b.property));
    issue.row.actor_id = by;
    issue.row.activity_at = tx.now();
    issue.row.version += 1;
    issue.row.message_count += i64::from(has_message);
    save(tx, catalog, &mut issue, &deltas).await?;
    write_history(tx, &issue, by, "set", change.via, message, &deltas).await?;
    let changes = query::changes_in_words(tx, catalog, &deltas).await?;
    let event = Event::IssueChanged {
        tracker: catalog.tracker.name.clone(),
        issue: number,
        title: issue.row.title.clone(),
        url: catalog.issue_path(number),
        message,
        text: event_text(&change),
        changes,
        audience: catalog.tracker.audience.clone(),
    };
    journal::append(tx, actor, event)?;
    Ok(Done { number, message, changed: true })
}

/// Retires an issue, which takes it out of lists and keeps it for ever, or restores it.
pub async fn set_retired(tx: &Tx, actor: &Actor, catalog: &Catalog, number: i64, retired: bool) -> Result<(), Refusal> {
    tracker::touch(tx, catalog.tracker.id).await?;
    let issue = query::issue(tx, catalog, number).await?.ok_or(Refusal::NoIssue(number))?;
    permit(catalog, actor, Deed::Administer, false, Via::Web)?;
    let by = participant(tx, actor).await?;
    if issue.row.is_retired == retired {
        return Ok(());
    }
    let action = if retired { "retired" } else { "restored" };
    write_history(tx, &issue, by, action, Via::Web, None, &[]).await?;
    let title = issue.row.title.clone();
    let mut row: issue::ActiveModel = issue.row.into();
    row.is_retired = Set(retired);
    row.version = Set(row.version.unwrap() + 1);
    row.update(tx).await?;
    let word = |retired: bool| if retired { "retired" } else { "in use" }.to_owned();
    let event = Event::IssueChanged {
        tracker: catalog.tracker.name.clone(),
        issue: number,
        title,
        url: catalog.issue_path(number),
        message: None,
        text: String::new(),
        changes: vec![journal::Change { property: "retired".into(), from: word(!retired), to: word(retired) }],
        audience: catalog.tracker.audience.clone(),
    };
    journal::append(tx, actor, event)?;
    Ok(())
}

/// Refuses unless `actor` may do it.
pub fn permit(catalog: &Catalog, actor: &Actor, deed: Deed, own: bool, via: Via) -> Result<(), Refusal> {
    if rules::allows(catalog, actor, deed, own, via) {
        Ok(())
    } else {
        Err(Refusal::NotAllowed { who: actor.name().to_owned(), what: deed.words().to_owned() })
    }
}

/// The participant under whom an actor's deeds are kept; the hub itself has one too.
pub(crate) async fn participant(tx: &Tx, actor: &Actor) -> Result<ParticipantId, Refusal> {
    match actor.participant() {
        Some(id) => Ok(id),
        None => Ok(people::participant::by_address(tx, actor.name(), &format!("system:{}", actor.name())).await?),
    }
}

/// Refuses a new issue without a property that it must have; a mail is stored all the same.
fn require(catalog: &Catalog, change: &Change) -> Result<(), Refusal> {
    let given = |property: &Property| {
        change.edits.get(&property.name).is_some_and(|edit| edit.apply(&Value::Empty) != Value::Empty)
    };
    let mut wanted =
        catalog.issue().properties.iter().filter(|p| p.is_required && p.is_settable() && p.name != "status");
    match wanted.find(|property| change.via != Via::Mail && !given(property)) {
        Some(property) => Err(Refusal::Required(property.label.clone())),
        None => Ok(()),
    }
}

/// A new issue as it is before anything is known of it but its title; it has no id yet.
fn blank(tx: &Tx, catalog: &Catalog, number: i64, title: String, by: ParticipantId) -> issue::Model {
    issue::Model {
        id: IssueId(0),
        tracker_id: catalog.tracker.id,
        number,
        title,
        link1: None,
        link2: None,
        link3: None,
        link4: None,
        link5: None,
        link6: None,
        creator_id: by,
        created_at: tx.now(),
        actor_id: by,
        activity_at: tx.now(),
        is_retired: false,
        message_count: 0,
        version: 1,
        kept: None,
    }
}

fn checked_title(title: &str) -> Result<String, Refusal> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        0 => Err(Refusal::NoTitle),
        1..=500 => Ok(title),
        _ => Err(Refusal::LongTitle),
    }
}

/// Whether the nosy list is changed by nobody but the one who asks.
fn only_oneself(change: &Change, by: ParticipantId) -> bool {
    match change.edits.get("nosy") {
        Some(Edit::Delta { add, remove }) => add.iter().chain(remove).all(|id| *id == by.0),
        Some(Edit::Set(_)) => false,
        None => true,
    }
}

/// Drops edits that change nothing of what their author saw, and refuses those that overwrite somebody else's.
fn collide(catalog: &Catalog, issue: &Issue, change: &mut Change) -> Result<(), Refusal> {
    for (name, seen) in std::mem::take(&mut change.seen) {
        let now = if name == "title" { issue.row.title.clone() } else { issue.value(&name).stored() };
        let wanted = match (name.as_str(), change.edits.get(&name)) {
            ("title", _) => change.title.clone(),
            (_, Some(Edit::Set(value))) => Some(value.stored()),
            _ => None,
        };
        let Some(wanted) = wanted else { continue };
        if wanted == seen || wanted == now {
            change.edits.remove(&name);
            if name == "title" {
                change.title = None;
            }
        } else if now != seen {
            let label = catalog.property(&name).map_or(name.as_str(), |property| &property.label);
            return Err(Refusal::Collision(label.to_owned()));
        }
    }
    Ok(())
}

/// Adds what follows from a change by itself: the status, and who joins the nosy list.
fn follow(catalog: &Catalog, issue: &Issue, change: &mut Change, by: ParticipantId, is_new: bool) {
    let has_message = change.message.is_some();
    if !change.edits.contains_key("status")
        && (is_new || !change.keeps_status)
        && let Some(status) = rules::status_after(catalog, &issue.value("status"), is_new, has_message, change.via)
    {
        change.edits.insert("status".into(), Edit::Set(status));
    }
    if catalog.property("nosy").is_none() {
        return;
    }
    let assignee = match change.edits.get("assignedto") {
        Some(Edit::Set(value)) => value.ids().first().copied(),
        _ => None,
    };
    let leaves = matches!(change.edits.get("nosy"), Some(Edit::Delta { remove, .. }) if remove.contains(&by.0));
    let author = ((is_new || has_message) && !leaves && change.via != Via::Commit).then_some(by);
    let others = change.message.as_ref().map(|message| message.recipients.clone()).unwrap_or_default();
    let joins = rules::joins_nosy(assignee, author, &others, is_new);
    let asked = change.edits.get("nosy").map_or_else(|| issue.value("nosy"), |edit| edit.apply(&issue.value("nosy")));
    change.edits.insert("nosy".into(), Edit::Set(joins.apply(&asked)));
}

/// Applies the edits to the issue in memory and tells what became different.
fn apply(catalog: &Catalog, issue: &mut Issue, change: &Change) -> Result<Vec<Delta>, Refusal> {
    let mut deltas = Vec::new();
    if let Some(title) = &change.title {
        let title = checked_title(title)?;
        let (from, to) = (Value::Text(issue.row.title.clone()), Value::Text(title.clone()));
        deltas.extend(Delta::between("title", &from, &to));
        issue.row.title = title;
    }
    for (name, edit) in &change.edits {
        let property = catalog.property(name).filter(|property| property.is_settable());
        let property = property.ok_or_else(|| Refusal::NoProperty(name.clone()))?;
        let old = issue.value(name);
        let new = edit.apply(&old);
        if property.is_required && new == Value::Empty {
            return Err(Refusal::Required(property.label.clone()));
        }
        deltas.extend(Delta::between(name, &old, &new));
        if new == Value::Empty {
            issue.values.remove(name)
        } else {
            issue.values.insert(name.clone(), new)
        };
    }
    Ok(deltas)
}

/// Writes the row and the values that changed.
async fn save(tx: &Tx, catalog: &Catalog, issue: &mut Issue, deltas: &[Delta]) -> Result<(), Refusal> {
    let rows = own_rows(catalog, issue, deltas);
    let row: issue::ActiveModel = issue.row.clone().into();
    row.reset_all().update(tx).await?;
    if !rows.is_empty() {
        value::Entity::delete_many()
            .filter(value::Column::IssueId.eq(issue.row.id))
            .filter(value::Column::PropertyId.is_in(rows.iter().map(|property| property.id)))
            .exec(tx)
            .await?;
    }
    insert_values(tx, issue, &rows).await
}

/// Puts the links that changed into the issue's row; the other properties that changed have rows of their own.
fn own_rows<'a>(catalog: &'a Catalog, issue: &mut Issue, deltas: &[Delta]) -> Vec<&'a Property> {
    let changed = deltas.iter().filter_map(|delta| catalog.property(&delta.property));
    let (links, own): (Vec<_>, Vec<_>) = changed.partition(|property| property.slot.is_some());
    for (property, slot) in links.into_iter().filter_map(|property| Some((property, property.slot?))) {
        let link = issue.values.get(&property.name).and_then(|value| value.ids().first().copied());
        *link_mut(&mut issue.row, slot) = link;
    }
    own.into_iter().filter(|property| property.is_settable()).collect()
}

async fn insert_values(tx: &Tx, issue: &Issue, properties: &[&Property]) -> Result<(), Refusal> {
    let new: Vec<_> =
        properties.iter().flat_map(|property| value_rows(issue, property, &issue.value(&property.name))).collect();
    if !new.is_empty() {
        value::Entity::insert_many(new).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The column of an issue that a slot names.
pub(crate) fn link_mut(row: &mut issue::Model, slot: usize) -> &mut Option<i64> {
    match slot {
        1 => &mut row.link1,
        2 => &mut row.link2,
        3 => &mut row.link3,
        4 => &mut row.link4,
        5 => &mut row.link5,
        _ => &mut row.link6,
    }
}

fn value_rows(issue: &Issue, property: &Property, value: &Value) -> Vec<value::ActiveModel> {
    let row = |link: Option<i64>, amount: Option<f64>, text: Option<String>| value::ActiveModel {
        issue_id: Set(issue.row.id),
        property_id: Set(property.id),
        link: Set(link),
        amount: Set(amount),
        text: Set(text),
        ..Default::default()
    };
    match value {
        Value::Empty => vec![],
        Value::Text(text) => vec![row(None, None, Some(text.clone()))],
        Value::Number(number) => vec![row(None, Some(*number), None)],
        Value::Boolean(yes) => vec![row(None, Some(f64::from(u8::from(*yes))), None)],
        Value::Date(millis) => vec![row(None, Some(*millis as f64), None)],
        Value::Interval(span) => vec![row(None, Some(span.seconds()), Some(span.to_string()))],
        Value::Link(_) | Value::Links(_) => value.ids().iter().map(|id| row(Some(*id), None, None)).collect(),
    }
}

async fn write_history(
    tx: &Tx,
    issue: &Issue,
    by: ParticipantId,
    action: &str,
    via: Via,
    message: Option<i64>,
    deltas: &[Delta],
) -> Result<(), Refusal> {
    let changes = serde_json::to_string(deltas).map_err(|error| Refusal::Other(error.to_string()))?;
    let row = history::ActiveModel {
        issue_id: Set(issue.row.id),
        at: Set(tx.now()),
        participant_id: Set(by),
        action: Set(action.to_owned()),
        source: Set(via.word().to_owned()),
        message_number: Set(message),
        changes: Set(changes),
        kept: Set(None),
        ..Default::default()
    };
    history::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn event_text(change: &Change) -> String {
    change.message.as_ref().map(|message| message.text.chars().take(2000).collect()).unwrap_or_default()
}
