//! A context for every template of the chat.

use kernel::context;
use plug::Sample;

/// The samples that a test renders.
pub fn all() -> Vec<Sample> {
    let channel = serde_json::json!({
        "network": "libera", "name": "#dev", "topic": "release 1.0 on Friday", "on": true, "state": "on", "url": "/chat/libera/dev/",
    });
    let line = serde_json::json!({
        "id": "14:03:22-k3f9", "number": 1, "at": "2026-11-21T14:03:22Z", "time": "14:03:22", "nick": "ann",
        "html": "it crashes", "kind": "say", "url": "/chat/libera/dev/2026-11-21#14:03:22-k3f9",
    });
    let blocks = serde_json::json!([{ "summary": "", "lines": [line.clone()] }, { "summary": "1 joined", "lines": [line.clone()] }]);
    let days = serde_json::json!([{ "day": "2026-11-21", "lines": 120, "begins": "2026-11", "url": "/chat/libera/dev/2026-11-21" }]);
    let found = serde_json::json!({ "items": [], "number": 1, "size": 50, "total": 0 });
    vec![
        Sample::new(
            "chat/channels.html",
            context! { title: "Chat", channels: std::slice::from_ref(&channel), networks: 1 },
        ),
        Sample::new("chat/channels.html", context! { title: "Chat", channels: Vec::<u8>::new(), networks: 0 }),
        Sample::new("chat/channel.html", context! { title: "#dev", channel, days, q: "", found }),
        Sample::new(
            "chat/day.html",
            context! {
                title: "#dev on 2026-11-21", day: "2026-11-21", blocks, plain: "/x.txt", channel_url: "/chat/libera/dev/",
                name: "#dev", network: "libera", before: "/y", after: None::<String>, live: "/chat/libera/dev/live?after=1",
            },
        ),
        Sample::new("chat/line.html", context! { line }),
    ]
}
