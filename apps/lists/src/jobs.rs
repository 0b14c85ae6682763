//! What is done once a day: old secrets and counts are forgotten, moderators are reminded.

use async_trait::async_trait;
use chrono::Duration;
use jobs::{Every, Job, JobError};
use kernel::{Hub, context};
use sea_orm::EntityTrait;
use serde_json::Value;

use crate::notice::{Notice, deciders};
use crate::{answer, delivery, entity, held, subscription, url};

/// Tends the lists.
pub struct TendLists;

#[async_trait]
impl Job for TendLists {
    fn name(&self) -> &'static str {
        "TendLists"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::days(1)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        let tx = hub.store.write().await?;
        subscription::forget(&tx).await?;
        answer::forget(&tx).await?;
        delivery::forget(&tx).await?;
        for (list, count) in held::counts(&tx, tx.now() - Duration::hours(20)).await? {
            let Some(list) = entity::list::Entity::find_by_id(list).one(&tx).await? else { continue };
            let link = hub.url(&url::of_list(&list.name, "queue"));
            let retry = |refusal: crate::Refusal| JobError::Retry(refusal.to_string());
            let to = deciders(&tx, &list).await.map_err(retry)?;
            let notice = Notice { to, ..Notice::to("", "reminder", context! { count, link }) };
            notice.send(&tx, hub, &list).await.map_err(retry)?;
        }
        tx.commit().await?;
        Ok(())
    }
}
