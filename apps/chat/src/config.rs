//! The table `[chat]`.

use serde::{Deserialize, Serialize};

/// Where the bot is and what it says there.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The networks: one `[[chat.network]]` each.
    pub network: Vec<Network>,
}

/// One IRC network.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// The word for it in URLs: `libera`.
    pub name: String,
    /// `irc.libera.chat:6697`.
    pub server: String,
    /// Whether the connection is encrypted; the server's certificate is checked.
    pub tls: bool,
    /// A PEM file of certificate authorities to trust instead of the public ones, for a server of your own.
    pub tls_ca: String,
    /// A PEM file with the bot's own certificate; without a password file the account is proved by it (SASL EXTERNAL).
    pub tls_cert: String,
    /// The PEM file with its key; empty: it is in the same file.
    pub tls_key: String,
    pub nick: String,
    /// The channels that the bot joins and logs: `#pypy`.
    pub channels: Vec<String>,
    /// The account for SASL; empty: none, or the one that the certificate belongs to.
    pub sasl_user: String,
    /// The file with the account's password (SASL PLAIN).
    pub sasl_password_file: String,
    /// What is announced on the channels: `commits`, `issues`, `posts`, `news`.
    pub announce: Vec<String>,
    /// How many lines may be said at once before the bot waits.
    pub burst: u32,
    /// Seconds between lines after that.
    pub pace: f64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            name: "irc".into(),
            server: String::new(),
            tls: true,
            tls_ca: String::new(),
            tls_cert: String::new(),
            tls_key: String::new(),
            nick: "guildhall".into(),
            channels: vec![],
            sasl_user: String::new(),
            sasl_password_file: String::new(),
            announce: ["commits", "issues", "posts", "news"].map(str::to_owned).to_vec(),
            burst: 5,
            pace: 2.0,
        }
    }
}
