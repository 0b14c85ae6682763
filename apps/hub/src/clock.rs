//! A clock that is set back must not let work wait through the same time twice.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobs::Stop;
use kernel::Hub;
use store::StoreError;
use tokio::time::Instant;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Less than this is the ordinary work of a time server.
const JUMP: TimeDelta = TimeDelta::seconds(5);

/// Compares the clock with the machine's steady one until `stop`; where it was set back, what was due becomes due.
pub async fn watch(hub: &Hub, stop: Stop) {
    let mut last = (hub.now(), Instant::now());
    // While the hub was not running the clock may have been set back too: nothing was written later than now.
    match journal::query::last_at(&hub.store.read()).await {
        Ok(Some(at)) if at - hub.now() > JUMP => mend(hub, at - hub.now()).await,
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the journal could not be asked for its last time"),
    }
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
        // On PostgreSQL the time is that of the server, for all hubs; without an answer it goes on as it went.
        if let Err(error) = hub.store.set_clock().await {
            tracing::debug!(%error, "the database server did not tell the time");
        }
        let now = (hub.now(), Instant::now());
        let jump = jumped(last, now);
        last = now;
        if jump < -JUMP {
            mend(hub, -jump).await;
        } else if jump > JUMP {
            tracing::warn!(seconds = jump.num_seconds(), "the clock was set forward");
        }
    }
}

/// How far the clock went beyond what the steady clock says.
fn jumped(last: (DateTime<Utc>, Instant), now: (DateTime<Utc>, Instant)) -> TimeDelta {
    let steady = TimeDelta::from_std(now.1.saturating_duration_since(last.1)).unwrap_or_default();
    now.0 - last.0 - steady
}

async fn mend(hub: &Hub, by: TimeDelta) {
    tracing::warn!(seconds = by.num_seconds(), "the clock was set back; what was due meanwhile is due now");
    let mended: Result<(), StoreError> = async {
        jobs::set_back(hub, by).await?;
        mail::outbound::set_back(hub, by).await
    }
    .await;
    if let Err(error) = mended {
        tracing::error!(%error, "work may wait until the clock is where it was");
    }
}
