//! The `[commits]` table of the configuration.

use mail::Size;
use serde::{Deserialize, Serialize};

/// How commits are mailed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether the module is on.
    pub enabled: bool,
    /// The part before the `@` of the address from which commit mail comes.
    pub sender: String,
    /// A push with more commits than this is mailed as one summary; 0: no limit.
    pub max_commit_mails: usize,
    /// The largest diff in a mail: `200 KB`; what is longer is cut at the end of a line; 0: mails have no diff.
    pub max_diff: Size,
    /// Lines longer than this many characters are cut in mails, since people read none of them; 0: no limit.
    pub max_line: usize,
    /// Subjects are cut to this many characters; 0: no limit.
    pub max_subject: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: true,
            sender: "commits".into(),
            max_commit_mails: 500,
            max_diff: Size(200_000),
            max_line: 500,
            max_subject: 500,
        }
    }
}
