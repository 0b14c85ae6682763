//! Issues in the search index: one document an issue, with its title, its messages and its text files.

use async_trait::async_trait;
use jobs::{Job, JobError};
use journal::{Entry, Event, Failure, Subscriber};
use kernel::Hub;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use store::{BlobId, Tx, blobs};

use crate::catalog::Catalog;
use crate::entity::issue;
use crate::issue::Issue;
use crate::{Tracker, numbers, query};

/// Text files up to this size (bytes) can be found by their words.
const TEXT_FILE: i64 = 100_000;
/// The most that one document holds, bytes.
const MOST: usize = 200_000;

/// Keeps the index in step.
pub struct IndexIssues(pub Tracker);

#[async_trait]
impl Subscriber for IndexIssues {
    fn name(&self) -> &'static str {
        "tracker/index"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["IssueCreated", "IssueChanged"]
    }

    fn derives(&self) -> bool {
        true
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let (Event::IssueCreated { tracker, issue, .. } | Event::IssueChanged { tracker, issue, .. }) = &entry.event
        else {
            return Ok(());
        };
        let Some(catalog) = self.0.catalogs.named(tx, tracker).await? else { return Ok(()) };
        match query::issue(tx, &catalog, *issue).await? {
            Some(issue) => put(&self.0, tx, &catalog, &issue).await,
            None => Ok(()),
        }
    }
}

/// The key of an issue's document.
pub fn key(catalog: &Catalog, number: i64) -> String {
    format!("tracker/{}/{number}", catalog.tracker.name)
}

/// Indexes an issue as it is now; a retired one is taken out.
pub async fn put(tracker: &Tracker, tx: &Tx, catalog: &Catalog, issue: &Issue) -> Result<(), Failure> {
    let key = key(catalog, issue.row.number);
    if issue.row.is_retired {
        return Ok(search::remove(tx, &key).await?);
    }
    let mut body = String::new();
    for message in query::messages(tx, issue.row.id).await? {
        body.push_str(&message.body);
        body.push_str("\n\n");
    }
    for file in query::files(tx, issue.row.id).await? {
        body.push_str(&file.name);
        body.push('\n');
        if file.content_type.starts_with("text/") && file.size <= TEXT_FILE && body.len() < MOST {
            let bytes = blobs::get(&tracker.hub.store, tx, &BlobId(file.blob)).await?;
            body.push_str(&String::from_utf8_lossy(&bytes));
            body.push('\n');
        }
    }
    if !catalog.is_default {
        body = numbers::qualified(&body, &catalog.tracker.name).into_owned();
    }
    let document = search::Document {
        key,
        module: "tracker",
        kind: "issue",
        url: catalog.issue_path(issue.row.number),
        title: title(catalog, issue),
        body,
        participant: Some(issue.row.creator_id),
        at: issue.row.activity_at,
        audience: catalog.tracker.audience.clone(),
    };
    Ok(search::put(tx, document).await?)
}

/// `#12 Crash`, or `website#12 Crash`: a bare number would speak of the default tracker.
fn title(catalog: &Catalog, issue: &Issue) -> String {
    let name = if catalog.is_default { "" } else { &catalog.tracker.name };
    format!("{name}#{} {}", issue.row.number, issue.row.title)
}

/// Issues that one run of [`IndexTracker`] takes.
const BATCH: u64 = 200;

/// Indexes a tracker that was imported, some issues at a time; each run asks for the next.
pub struct IndexTracker(pub Tracker);

#[async_trait]
impl Job for IndexTracker {
    fn name(&self) -> &'static str {
        "IndexTracker"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let (Some(name), Some(after)) = (payload["tracker"].as_str(), payload["after"].as_i64()) else { return Ok(()) };
        let tx = hub.store.write().await?;
        let Some(catalog) = self.0.catalogs.named(&tx, name).await? else { return Ok(()) };
        let rows = issue::Entity::find()
            .filter(issue::Column::TrackerId.eq(catalog.tracker.id))
            .filter(issue::Column::Number.gt(after))
            .order_by_asc(issue::Column::Number)
            .limit(BATCH)
            .all(&tx)
            .await?;
        let Some(last) = rows.last().map(|row| row.number) else { return Ok(()) };
        for issue in query::with_values(&tx, &catalog, rows).await? {
            put(&self.0, &tx, &catalog, &issue).await.map_err(|failure| JobError::Retry(failure.0))?;
        }
        jobs::enqueue(&tx, self.name(), &format!("IndexTracker {name}"), json!({ "tracker": name, "after": last }))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
