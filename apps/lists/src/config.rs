//! The `[lists]` table of the configuration.

use serde::{Deserialize, Serialize};

/// What the mailing lists are told by the configuration. Each list has settings of its own on its page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}
