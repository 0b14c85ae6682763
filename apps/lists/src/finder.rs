//! Finding a mail by its Message-ID, for the search box of the hub.

use async_trait::async_trait;
use kernel::Hub;
use people::Actor;
use plug::Finder;
use store::StoreError;

use crate::{list, query, reading, url};

/// Knows the posts of every archive by their Message-IDs.
pub struct ByMessageId;

#[async_trait]
impl Finder for ByMessageId {
    async fn find(&self, hub: &Hub, actor: &Actor, name: &str) -> Result<Option<String>, StoreError> {
        let found = query::anywhere(&hub.store.read(), &reading::hash(name)).await?;
        let shown = found.into_iter().find(|(list, _)| list::may_read(actor, list));
        Ok(shown.map(|(list, message_id)| url::message(&list.name, &message_id, 0)))
    }
}
