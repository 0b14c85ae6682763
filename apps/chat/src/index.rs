//! `IndexLines`: what was said becomes findable, a day of a channel and an hour of it at a time.

use async_trait::async_trait;
use jobs::{Job, JobError};
use kernel::Hub;
use serde::Deserialize;
use serde_json::Value;

use crate::{ChannelId, query, web};

/// The name of the job.
pub const NAME: &str = "IndexLines";

/// Indexes the hours of a channel in which something was said since they were indexed last.
pub struct IndexLines;

#[derive(Deserialize)]
struct Payload {
    channel: ChannelId,
}

#[async_trait]
impl Job for IndexLines {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let Payload { channel } = serde_json::from_value(payload).map_err(|error| JobError::Fail(error.to_string()))?;
        let conn = hub.store.read();
        let Some(place) = query::channel_by_id(&conn, channel).await? else { return Ok(()) };
        let hours = query::hours_to_index(&conn, channel, hub.now()).await?;
        let tx = hub.store.write().await?;
        for hour in hours {
            let lines = query::said_in(&tx, channel, hour).await?;
            let Some(first) = lines.first() else { continue };
            let body: Vec<String> = lines.iter().map(|line| format!("<{}> {}", line.nick, line.text)).collect();
            let day = hour.format("%Y-%m-%d").to_string();
            let document = search::Document {
                key: format!("chat/{}/{}/{}", place.network, place.folded, hour.format("%Y-%m-%dT%H")),
                module: "chat",
                kind: "talk",
                url: web::url::line(&place.network, &place.name, &day, &first.mark),
                title: format!("{} on {}", place.name, hour.format("%Y-%m-%d %H:00 UTC")),
                body: body.join("\n"),
                participant: None,
                at: hour,
                audience: "public".into(),
            };
            search::put(&tx, document).await?;
        }
        Ok(tx.commit().await?)
    }
}
