//! Messages of issues and the files that come with them.

use people::ParticipantId;
use sea_orm::{ActiveValue::Set, EntityTrait};
use store::{Tx, blobs};

use crate::catalog::Catalog;
use crate::change::{Change, NewFile, Via};
use crate::entity::{file, message};
use crate::issue::Issue;
use crate::{Refusal, body, tracker};

/// The longest message, bytes.
const LONGEST: usize = 1 << 20;

/// Brings the text of a change into the form in which it is kept; whether the change has a message at all.
pub(crate) fn tidy(change: &mut Change) -> Result<bool, Refusal> {
    let new = change.message.get_or_insert_default();
    let text = new.text.replace("\r\n", "\n");
    new.text = text.trim_end().trim_start_matches('\n').to_owned();
    if new.text.len() > LONGEST {
        return Err(Refusal::LongMessage);
    }
    let has_message = !new.text.is_empty() || !change.files.is_empty();
    if !has_message {
        change.message = None;
    }
    Ok(has_message)
}

/// Adds the message of a change that is tidy and its files to an issue; the number of the message comes back.
///
/// Files without a text make a message that names them, so that those on the nosy list hear of them.
pub(crate) async fn add(
    tx: &Tx,
    catalog: &Catalog,
    issue: &Issue,
    by: ParticipantId,
    change: &mut Change,
) -> Result<i64, Refusal> {
    let files = std::mem::take(&mut change.files);
    let new = change.message.get_or_insert_default();
    let class =
        catalog.class_of_kind("message").ok_or_else(|| Refusal::Other("This tracker has no messages.".into()))?;
    let number = tracker::next_number(tx, class.id).await?;
    let message_id = new
        .message_id
        .clone()
        .unwrap_or_else(|| format!("{}.{}.msg{number}@{}", catalog.tracker.name, issue.row.number, catalog.domain));
    let format = if new.format.is_empty() { "plain" } else { &new.format };
    let row = message::ActiveModel {
        tracker_id: Set(catalog.tracker.id),
        number: Set(number),
        issue_id: Set(Some(issue.row.id)),
        author_id: Set(by),
        sent_at: Set(tx.now()),
        created_at: Set(tx.now()),
        source: Set(if change.via == Via::Web { "web" } else { change.via.word() }.to_owned()),
        format: Set(format.to_owned()),
        summary: Set(body::summary(&new.text)),
        body: Set(new.text.clone()),
        message_id: Set(message_id),
        in_reply_to: Set(new.in_reply_to.clone()),
        recipients: Set(serde_json::to_string(&new.recipients).unwrap_or_default()),
        raw: Set(new.raw.clone()),
        is_retired: Set(false),
        ..Default::default()
    };
    message::Entity::insert(row).exec_without_returning(tx).await?;
    for new in files {
        add_file(tx, catalog, issue, by, number, new).await?;
    }
    Ok(number)
}

async fn add_file(
    tx: &Tx,
    catalog: &Catalog,
    issue: &Issue,
    by: ParticipantId,
    message: i64,
    new: NewFile,
) -> Result<(), Refusal> {
    let class = catalog.class_of_kind("file").ok_or_else(|| Refusal::Other("This tracker has no files.".into()))?;
    let number = tracker::next_number(tx, class.id).await?;
    let blob = blobs::put(tx, &new.bytes).await?;
    let row = file::ActiveModel {
        tracker_id: Set(catalog.tracker.id),
        number: Set(number),
        issue_id: Set(Some(issue.row.id)),
        message_number: Set(Some(message)),
        name: Set(if new.name.is_empty() { "unnamed".into() } else { new.name }),
        content_type: Set(new.content_type),
        size: Set(new.bytes.len() as i64),
        blob: Set(blob.0),
        creator_id: Set(by),
        created_at: Set(tx.now()),
        is_retired: Set(false),
        ..Default::default()
    };
    file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
