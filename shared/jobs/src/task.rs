//! Long-lived work, such as an IRC connection.

use async_trait::async_trait;
use kernel::Hub;

/// Tells a task to stop: `stop.cancelled().await`.
pub type Stop = tokio_util::sync::CancellationToken;

/// Runs as long as the hub does, on one hub at a time.
#[async_trait]
pub trait Task: Send + Sync {
    /// The name of its lease: `chat/libera`.
    fn name(&self) -> String;

    /// Whether it goes on while its lease cannot be renewed, because the database is away, and ends only when another hub
    /// is known to have taken over.
    fn outlasts_the_database(&self) -> bool {
        false
    }

    /// Works until `stop` is cancelled; an early return is followed by another run after a pause.
    async fn run(&self, hub: &Hub, stop: Stop);
}
