//! Where outgoing mail goes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rustls::RootCertStore;

use crate::Config;

/// The server that takes all outgoing mail, as `mail.smarthost` names it.
#[derive(Clone)]
pub struct Smarthost {
    pub(super) host: String,
    pub(super) port: u16,
    /// TLS from the first byte (`smtps`).
    pub(super) implicit_tls: bool,
    pub(super) auth: Option<(String, String)>,
    /// Who may sign its certificate, where that is asked for.
    pub(super) roots: Arc<RootCertStore>,
    /// How long it may be silent (RFC 5321 section 4.5.3.2).
    pub(super) patience: Duration,
}

impl Smarthost {
    /// Reads `smtp://[user:password@]host[:port]` or `smtps://…`; the error says what is wrong and how to mend it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let shape = "write it like `smtp://127.0.0.1:25` or `smtps://user:password@mail.example.org`";
        let parsed = url::Url::parse(url).map_err(|error| format!("The smarthost is not a URL ({error}); {shape}."))?;
        let (implicit_tls, port) = match parsed.scheme() {
            "smtp" => (false, if parsed.username().is_empty() { 25 } else { 587 }),
            "smtps" => (true, 465),
            other => return Err(format!("The smarthost begins with `{other}:`; {shape}.")),
        };
        let host = parsed.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("The smarthost names no host; {shape}."))?;
        if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(format!("The smarthost has something behind the host; {shape}."));
        }
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let auth = match (parsed.username(), parsed.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err(format!("The smarthost has a password and no user; {shape}.")),
            (_, None) => return Err(format!("The smarthost has a user and no password; {shape}.")),
            (user, Some(password)) => Some((plain(user), plain(password))),
        };
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: parsed.port().unwrap_or(port),
            implicit_tls,
            auth,
            roots: Arc::new(tls::authorities()),
            patience: Duration::from_secs(300),
        })
    }

    /// Its host and port.
    pub fn place(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Whether it speaks TLS from the first byte (`smtps`).
    pub fn is_wrapped(&self) -> bool {
        self.implicit_tls
    }

    /// The smarthost of a configuration; `None` when it names none.
    pub fn of(config: &Config) -> Result<Option<Self>, String> {
        config.smarthost.as_deref().filter(|url| !url.is_empty()).map(Self::parse).transpose()
    }

    /// Whether it is this machine, so that nobody listens in between.
    pub(super) fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl std::fmt::Display for Smarthost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smarthosts_are_read() {
        let plain = Smarthost::parse("smtp://127.0.0.1:2525").unwrap();
        assert_eq!((plain.host.as_str(), plain.port, plain.implicit_tls), ("127.0.0.1", 2525, false));
        assert!(plain.is_here() && plain.auth.is_none());
        let relay = Smarthost::parse("smtp://hub%40x.org:p%3Aw@mail.x.org").unwrap();
        assert_eq!((relay.port, relay.auth), (587, Some(("hub@x.org".into(), "p:w".into()))));
        let tls = Smarthost::parse("smtps://u:p@mail.x.org").unwrap();
        assert_eq!((tls.port, tls.implicit_tls, tls.is_here()), (465, true, false));
        assert_eq!(Smarthost::parse("smtp://[::1]:26").unwrap().host, "::1");
    }

    #[test]
    fn faults_are_told_with_their_mend() {
        for bad in ["mail.x.org", "http://x", "smtp://", "smtp://u@x", "smtp://:p@x", "smtp://x/path", "smtp://x?y"] {
            assert!(Smarthost::parse(bad).err().unwrap().contains("write it like"), "{bad}");
        }
    }
}
