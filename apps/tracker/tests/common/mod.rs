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
