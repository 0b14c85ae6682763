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

    /// Works until `stop` is cancelled; an early return is followed by another run after a pause.
    async fn run(&self, hub: &Hub, stop: Stop);
}
