//! What the whole hub is told by its configuration.

use std::path::PathBuf;

/// Settings of the hub itself; each app has its own beside them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project's name, as people read it.
    pub name: String,
    /// One sentence on what the project is, for the front door.
    pub tagline: String,
    /// Where people reach the hub, without a slash at the end: `https://hub.example.org`.
    pub url: String,
    /// The domain of the hub's own mail addresses.
    pub mail_domain: String,
    /// The name of the time zone in which pages show times.
    pub timezone: String,
    /// The directory of the database, blobs and spool.
    pub data: PathBuf,
    /// 32 random bytes, drawn once and kept in the data directory: signs cookies and tokens.
    pub secret: Vec<u8>,
    /// Which of the hubs on one database this is: claims and leases bear it.
    pub node: String,
}

impl Settings {
    /// The absolute URL of a path of this hub: `/issues/1` to `https://hub.example.org/issues/1`.
    pub fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.url) } else { path.to_owned() }
    }

    /// The mail address of a mailbox of this hub.
    pub fn address(&self, local: &str) -> String {
        format!("{local}@{}", self.mail_domain)
    }

    /// Whether people reach the hub over TLS, so that cookies must be `Secure`.
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }
}
