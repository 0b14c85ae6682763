//! A form becomes a [`Change`].

use std::collections::BTreeMap;

use web::{Fields, Result, Submission};

use super::here::Here;
use crate::change::{Change, Edit, NewFile, NewMessage, Via};
use crate::{Tracker, input};

/// The change that a form asks for, or the sentences for the fields that cannot be read.
pub async fn read(
    tracker: &Tracker,
    here: &Here,
    submission: Submission,
    with_properties: bool,
) -> Result<std::result::Result<Change, BTreeMap<String, String>>> {
    let Submission { fields, files } = submission;
    let mut change = Change { via: Via::Web, ..Change::default() };
    let mut errors = BTreeMap::new();
    if fields.has("title") && with_properties {
        change.title = Some(fields.get("title").to_owned());
        seen(&fields, "title", &mut change);
    }
    if with_properties {
        errors = properties(tracker, here, &fields, &mut change).await?;
    }
    let text = fields.0.iter().rev().find(|(name, _)| name == "message").map(|(_, text)| text.clone());
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        let format = if fields.get("format") == "markdown" { "markdown" } else { "plain" };
        change.message = Some(NewMessage { text, format: format.into(), ..NewMessage::default() });
    }
    change.files = files
        .into_iter()
        .map(|file| NewFile { name: file.name, content_type: file.content_type, bytes: file.bytes })
        .collect();
    Ok(if errors.is_empty() { Ok(change) } else { Err(errors) })
}

async fn properties(
    tracker: &Tracker,
    here: &Here,
    fields: &Fields,
    change: &mut Change,
) -> Result<BTreeMap<String, String>> {
    let conn = tracker.hub.store.read();
    let mut errors = BTreeMap::new();
    for property in here.catalog.issue().properties.iter().filter(|property| property.is_settable()) {
        // A choice of several sends nothing when nothing is chosen: what was seen tells that it was asked.
        if !fields.has(&property.name) && !fields.has(&format!("was.{}", property.name)) {
            continue;
        }
        let text = fields.all(&property.name).collect::<Vec<_>>().join(",");
        match input::edit(&conn, &here.catalog, here.actor(), property, &text, tracker.hub.now()).await? {
            Ok(Edit::Delta { add, remove }) => {
                change.edits.insert(property.name.clone(), Edit::Delta { add, remove });
            }
            Ok(edit) => {
                change.edits.insert(property.name.clone(), edit);
                seen(fields, &property.name, change);
            }
            Err(sentence) => {
                errors.insert(property.name.clone(), sentence);
            }
        }
    }
    Ok(errors)
}

fn seen(fields: &Fields, name: &str, change: &mut Change) {
    let field = format!("was.{name}");
    if fields.has(&field) {
        change.seen.insert(name.to_owned(), fields.get(&field).to_owned());
    }
}
