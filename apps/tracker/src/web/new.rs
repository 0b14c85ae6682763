//! Filing an issue by form.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use kernel::context;
use people::ParticipantId;
use web::{Result, Submission};

use super::here::Here;
use super::{fields, form};
use crate::change::{Change, Edit};
use crate::kind::Value;
use crate::rules::Deed;
use crate::{Refusal, Tracker, input, issue};

/// The empty form; properties may be given in the query, as `?priority=bug&title=crash`.
pub async fn blank(State(tracker): State<Tracker>, here: Here) -> Result<Response> {
    here.permit(Deed::File)?;
    let given = web::Fields(here.pairs.clone());
    let values = given_values(&tracker, &here, &given).await?;
    page(&tracker, &here, &given, &values, BTreeMap::new(), false).await
}

/// Files the issue.
pub async fn create(State(tracker): State<Tracker>, here: Here, submission: Submission) -> Result<Response> {
    here.permit(Deed::File)?;
    let fields = submission.fields.clone();
    let change = match form::read(&tracker, &here, submission, true).await? {
        Ok(mut change) => {
            // A field that was left at "none" asks for nothing, so that a new issue gets its status by itself.
            change.edits.retain(|_, edit| *edit != Edit::Set(Value::Empty));
            change
        }
        Err(errors) => return page(&tracker, &here, &fields, &BTreeMap::new(), errors, true).await,
    };
    match file(&tracker, &here, change).await {
        Ok(number) => Ok(web::see_other(here.catalog.issue_path(number))),
        Err(refusal) if refusal.is_failure() => Err(refusal.into()),
        Err(refusal) => {
            let name = if matches!(refusal, Refusal::NoTitle | Refusal::LongTitle) { "title" } else { "" };
            let errors = BTreeMap::from([(name.to_owned(), refusal.to_string())]);
            page(&tracker, &here, &fields, &BTreeMap::new(), errors, true).await
        }
    }
}

async fn file(tracker: &Tracker, here: &Here, change: Change) -> Result<i64, Refusal> {
    let tx = tracker.hub.store.write().await?;
    let done = issue::create(&tx, here.actor(), &here.catalog, change).await?;
    tx.commit().await?;
    Ok(done.number)
}

async fn given_values(tracker: &Tracker, here: &Here, given: &web::Fields) -> Result<BTreeMap<String, Value>> {
    let conn = tracker.hub.store.read();
    let mut values = BTreeMap::new();
    for property in here.catalog.issue().properties.iter().filter(|p| p.is_settable() && given.has(&p.name)) {
        let text = given.all(&property.name).collect::<Vec<_>>().join(",");
        if let Ok(edit) = input::edit(&conn, &here.catalog, here.actor(), property, &text, tracker.hub.now()).await? {
            values.insert(property.name.clone(), edit.apply(&Value::Empty));
        }
    }
    Ok(values)
}

async fn page(
    tracker: &Tracker,
    here: &Here,
    typed: &web::Fields,
    values: &BTreeMap<String, Value>,
    errors: BTreeMap<String, String>,
    refused: bool,
) -> Result<Response> {
    let ids = values.values().flat_map(Value::ids).map(|id| ParticipantId(*id));
    let people = people::participant::shown(&tracker.hub.store.read(), ids).await?;
    let may_set = here.may(Deed::Change, true);
    let context = context! {
        title: "File an issue",
        tracker_title: here.catalog.tracker.title,
        list_url: here.catalog.path(),
        address: here.catalog.address(),
        typed_title: typed.get("title"),
        message: typed.get("message"),
        format: if typed.get("format").is_empty() { "plain" } else { typed.get("format") },
        fields: if may_set { fields::all(&here.catalog, values, &people, refused.then_some(typed)) } else { vec![] },
        errors: errors,
    };
    if refused {
        here.refuse("tracker/issue.new.html", context)
    } else {
        here.render("tracker/issue.new.html", context)
    }
}
