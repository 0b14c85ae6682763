//! Issues in the search index: one document an issue, with its title, its messages and its text files.

use std::collections::{BTreeMap, HashMap};

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
use crate::{IssueId, Tracker, numbers, query};

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
        self.answer_all(tx, &[entry]).await
    }

    async fn answer_all(&self, tx: &Tx, entries: &[&Entry]) -> Result<(), Failure> {
        let mut changed: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for entry in entries {
            if let Event::IssueCreated { tracker, issue, .. } | Event::IssueChanged { tracker, issue, .. } =
                &entry.event
            {
                changed.entry(tracker).or_default().push(*issue);
            }
        }
        for (tracker, numbers) in changed {
            let Some(catalog) = self.0.catalogs.named(tx, tracker).await? else { continue };
            let issues = query::issues(tx, &catalog, numbers).await?;
            put(&self.0, tx, &catalog, &issues).await?;
        }
        Ok(())
    }
}

/// The key of an issue's document.
pub fn key(catalog: &Catalog, number: i64) -> String {
    format!("{}{number}", prefix(catalog))
}

/// What the keys of all issues of a tracker begin with.
pub fn prefix(catalog: &Catalog) -> String {
    format!("tracker/{}/", catalog.tracker.name)
}

/// Indexes issues as they are now; retired ones are taken out.
async fn put(tracker: &Tracker, tx: &Tx, catalog: &Catalog, issues: &[Issue]) -> Result<(), Failure> {
    let (retired, living): (Vec<&Issue>, Vec<&Issue>) = issues.iter().partition(|issue| issue.row.is_retired);
    for issue in retired {
        search::remove(tx, &key(catalog, issue.row.number)).await?;
    }
    let ids: Vec<IssueId> = living.iter().map(|issue| issue.row.id).collect();
    let mut bodies: HashMap<IssueId, String> = HashMap::new();
    for message in query::messages_of(tx, &ids).await? {
        let Some(issue) = message.issue_id else { continue };
        let body = bodies.entry(issue).or_default();
        body.push_str(&message.body);
        body.push_str("\n\n");
    }
    for file in query::files_of(tx, &ids).await? {
        let Some(issue) = file.issue_id else { continue };
        let body = bodies.entry(issue).or_default();
        body.push_str(&file.name);
        body.push('\n');
        if file.content_type.starts_with("text/") && file.size <= TEXT_FILE && body.len() < MOST {
            let bytes = blobs::get(&tracker.hub.store, tx, &BlobId(file.blob)).await?;
            body.push_str(&String::from_utf8_lossy(&bytes));
            body.push('\n');
        }
    }
    let document = |issue: &&Issue| document(catalog, issue, bodies.remove(&issue.row.id).unwrap_or_default());
    Ok(search::put_many(tx, living.iter().map(document).collect()).await?)
}

fn document(catalog: &Catalog, issue: &Issue, body: String) -> search::Document {
    let own = catalog.is_default;
    search::Document {
        key: key(catalog, issue.row.number),
        module: "tracker",
        kind: "issue",
        url: catalog.issue_path(issue.row.number),
        title: title(catalog, issue),
        body: if own { body } else { numbers::qualified(&body, &catalog.tracker.name).into_owned() },
        participant: Some(issue.row.creator_id),
        at: issue.row.activity_at,
        audience: catalog.tracker.audience.clone(),
    }
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
        let issues = query::with_values(&tx, &catalog, rows).await?;
        put(&self.0, &tx, &catalog, &issues).await.map_err(|failure| JobError::Retry(failure.0))?;
        jobs::enqueue(&tx, self.name(), &format!("IndexTracker {name}"), json!({ "tracker": name, "after": last }))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
