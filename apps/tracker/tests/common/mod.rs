//! A hub with the tracker, and forms.

use guildhall_tracker as tracker;
use testkit::TestHub;

/// A hub with the default tracker.
pub async fn hub() -> TestHub {
    let hub = TestHub::with([module as fn(&kernel::Hub) -> plug::Module]).await;
    tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("the default tracker");
    hub
}

fn module(hub: &kernel::Hub) -> plug::Module {
    tracker::module(hub, tracker::Config::default())
}

/// The fields of a form.
pub fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A hub whose tracker does as Roundup did.
#[allow(dead_code, reason = "each test file takes what it needs")]
pub async fn hub_like_roundup() -> TestHub {
    let hub = TestHub::with([like_roundup as fn(&kernel::Hub) -> plug::Module]).await;
    tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("the default tracker");
    hub
}

fn like_roundup(hub: &kernel::Hub) -> plug::Module {
    let mut config = tracker::Config::default();
    config.compat.subject_updates_title = true;
    tracker::module(hub, config)
}
