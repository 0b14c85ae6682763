//! Commits in the search index, so that they are found and show what mentions them.

use async_trait::async_trait;
use jobs::{Job, JobError};
use journal::{Entry, Event, Failure, Subscriber};
use kernel::Hub;
use serde_json::{Value, json};
use store::Tx;

use crate::{PushId, query, url};

/// Commits that are indexed with one transaction.
const AT_ONCE: u64 = 100;

/// Asks for the commits of a push to be indexed.
pub struct Index;

#[async_trait]
impl Subscriber for Index {
    fn name(&self) -> &'static str {
        "commits/index"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["CommitsPushed"]
    }

    fn derives(&self) -> bool {
        true
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        if let Event::CommitsPushed { push, total: 1.., .. } = &entry.event {
            jobs::enqueue(tx, "IndexPush", &push.to_string(), json!({ "push": push })).await?;
        }
        Ok(())
    }
}

/// Indexes the commits of a push, some at a time.
pub struct IndexPush;

#[async_trait]
impl Job for IndexPush {
    fn name(&self) -> &'static str {
        "IndexPush"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let id = PushId(payload["push"].as_i64().unwrap_or_default());
        let Some((push, repository)) = query::push(&hub.store.read(), id).await? else { return Ok(()) };
        for page in 0.. {
            let revisions = query::revisions_of_push(&hub.store.read(), push.id, page * AT_ONCE, AT_ONCE).await?;
            if revisions.is_empty() {
                break;
            }
            let tx = hub.store.write().await?;
            for revision in revisions {
                let document = search::Document {
                    key: format!("commits/commit/{}/{}", repository.id, revision.commit_id),
                    module: "commits",
                    kind: "commit",
                    url: url::commit(&repository.name, &revision.commit_id),
                    title: revision.subject.clone(),
                    body: format!(
                        "{}\n{}{} {}\n{}",
                        revision.message,
                        search::UNSHOWN,
                        repository.name,
                        revision.commit_id,
                        revision.author_name
                    ),
                    participant: revision.participant_id,
                    at: revision.authored_at,
                    audience: repository.audience.clone(),
                };
                search::put(&tx, document).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}
