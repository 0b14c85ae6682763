//! Finding a message of an issue by the Message-ID of its mail, for the search box of the hub.

use async_trait::async_trait;
use kernel::Hub;
use people::Actor;
use plug::Finder;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::StoreError;

use crate::change::Via;
use crate::entity::{message, tracker};
use crate::rules::{self, Deed};
use crate::{Tracker, query};

/// Copies of one mail that are looked at: it may have gone to several trackers.
const COPIES: u64 = 20;

/// Knows the messages of all trackers by their Message-IDs.
pub struct ByMessageId(pub Tracker);

#[async_trait]
impl Finder for ByMessageId {
    async fn find(&self, hub: &Hub, actor: &Actor, name: &str) -> Result<Option<String>, StoreError> {
        let conn = hub.store.read();
        let messages = message::Entity::find()
            .filter(message::Column::MessageId.eq(name))
            .order_by_asc(message::Column::Id)
            .limit(COPIES)
            .all(&conn)
            .await?;
        let ids = messages.iter().map(|message| message.tracker_id);
        let trackers = tracker::Entity::find().filter(tracker::Column::Id.is_in(ids)).all(&conn).await?;
        for message in messages {
            let tracker = trackers.iter().find(|tracker| tracker.id == message.tracker_id);
            let (Some(tracker), Some(issue)) = (tracker, message.issue_id) else { continue };
            let catalog = self.0.catalogs.of(&conn, tracker.clone()).await?;
            if !rules::allows(&catalog, actor, Deed::Read, false, Via::Web) {
                continue;
            }
            if let Some(number) = query::number_of(&conn, issue).await? {
                return Ok(Some(format!("{}#msg{}", catalog.issue_path(number), message.number)));
            }
        }
        Ok(None)
    }
}
