//! The table `[tracker]` of the configuration.

use serde::{Deserialize, Serialize};

/// How issues are tracked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The tracker whose issues stand at `/issues/12`; it is made with the classic template when the hub starts.
    pub default: String,
    /// How Roundup did it, where Guildhall's own way differs.
    pub compat: Compat,
}

/// Roundup's defaults, off unless they are asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compat {
    /// Whether the subject of an answer by mail becomes the title of its issue.
    pub subject_updates_title: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { default: "issues".into(), compat: Compat::default() }
    }
}
