//! The `[accounts]` table of the configuration.

use serde::{Deserialize, Serialize};

use crate::gate::Gate;

/// How people come by an account, and what passwords may cost the machine.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who may sign up: `open`, everybody at once; `confirm`, who confirms a mail address; `approve`, who is let in by an
    /// administrator after that; `invite`, who was invited; `closed`, nobody.
    pub signup: Signup,
    /// How many passwords are hashed at a time, 19 MiB each; 0 means one a core.
    pub hashes: usize,
    /// How many more may wait for their turn before the hub says that it is busy.
    pub hashes_waiting: usize,
    /// Which paths of other web servers are for whom, for `/auth/check`.
    #[serde(rename = "gate")]
    pub gates: Vec<Gate>,
}

impl Default for Config {
    fn default() -> Self {
        Self { signup: Signup::Confirm, hashes: 0, hashes_waiting: 100, gates: vec![] }
    }
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signup {
    /// Everybody, at once; the mail address may be confirmed later.
    Open,
    /// Everybody who confirms a mail address.
    Confirm,
    /// Everybody who confirms a mail address and is let in by an administrator.
    Approve,
    /// Only who was invited.
    Invite,
    /// Nobody; administrators and the command line make accounts.
    Closed,
}
