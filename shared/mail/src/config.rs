//! The `[mail]` table of the configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How the hub takes and sends mail.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The domain of the hub's own addresses, and the name it greets with.
    pub domain: String,
    /// Where SMTP listens; empty: nowhere.
    pub smtp: String,
    /// Where LMTP listens; empty: nowhere.
    pub lmtp: String,
    /// Where outgoing mail goes: `smtp://[user:password@]host[:port]` (STARTTLS when offered, required with a password)
    /// or `smtps://…` (TLS from the start). Absent: nothing leaves, and the queue is read at `/admin/mail`.
    pub smarthost: Option<String>,
    /// The file with the value of `smarthost`, for one with a password; empty: none.
    pub smarthost_file: String,
    /// The certificate chain for STARTTLS, PEM; empty: STARTTLS is not offered.
    pub tls_cert: String,
    /// The private key of `tls_cert`, PEM.
    pub tls_key: String,
    /// The private key with which outgoing mail is signed (DKIM), PEM in PKCS #8: RSA or Ed25519. Empty: nothing is
    /// signed. The public key stands in the DNS at `<dkim_selector>._domainkey.<domain>`.
    pub dkim_key: String,
    /// The name of `dkim_key` in the DNS.
    pub dkim_selector: String,
    /// The largest mail that is taken: `25 MB`.
    pub max_size: Size,
    /// Connections that may be open at a time on each listener.
    pub max_connections: usize,
    /// Connections to the smarthost at a time.
    pub connections_out: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            domain: "localhost".into(),
            smtp: "127.0.0.1:8025".into(),
            lmtp: "127.0.0.1:8024".into(),
            smarthost: None,
            smarthost_file: String::new(),
            tls_cert: String::new(),
            tls_key: String::new(),
            dkim_key: String::new(),
            dkim_selector: "guildhall".into(),
            max_size: Size(25_000_000),
            max_connections: 200,
            connections_out: 4,
        }
    }
}

impl Config {
    /// What is wrong although every key fits: the key, and a sentence with the mend.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let smarthost = crate::outbound::Smarthost::of(self).err().map(|fault| ("smarthost", fault));
        let tls = crate::inbound::acceptor(self).err().map(|fault| ("tls_cert", fault.to_string()));
        let dkim = crate::outbound::Signer::of(self).err().map(|fault| ("dkim_key", fault));
        let domain =
            self.domain.is_empty() || !self.domain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        let domain = domain.then(|| {
            let text = format!("`{}` is not a mail domain. Write one like hub.example.org, in ASCII.", self.domain);
            ("domain", text)
        });
        [domain, smarthost, tls, dkim].into_iter().flatten().collect()
    }
}

/// A number of bytes, written as people write it: `25 MB`, `512 KiB`, `1000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub usize);

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let factor: usize = match text[digits..].trim().to_ascii_lowercase().as_str() {
            "" | "b" | "bytes" => 1,
            "k" | "kb" => 1_000,
            "kib" => 1 << 10,
            "m" | "mb" => 1_000_000,
            "mib" => 1 << 20,
            "g" | "gb" => 1_000_000_000,
            "gib" => 1 << 30,
            _ => return Err(format!("`{text}` is not a size; write one like `25 MB` or `512 KiB`.")),
        };
        let number: usize = text[..digits]
            .parse()
            .map_err(|_| format!("`{text}` is not a size; write one like `25 MB` or `512 KiB`."))?;
        number.checked_mul(factor).map(Self).ok_or_else(|| format!("`{text}` is too large."))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n >= 1_000_000 && n.is_multiple_of(1_000_000) => write!(f, "{} MB", n / 1_000_000),
            n if n >= 1_000 && n.is_multiple_of(1_000) => write!(f, "{} KB", n / 1_000),
            n => write!(f, "{n} bytes"),
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(usize),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Size};

    #[test]
    fn all_faults_are_told_at_once() {
        assert_eq!(Config::default().faults(), []);
        let config = Config {
            domain: "hub test".into(),
            smarthost: Some("mail.example.org".into()),
            tls_cert: "/nonexistent.pem".into(),
            dkim_key: "/nonexistent.pem".into(),
            ..Config::default()
        };
        let keys: Vec<_> = config.faults().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["domain", "smarthost", "tls_cert", "dkim_key"]);
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("25 MB", 25_000_000), ("512KiB", 524_288), ("1000", 1000), ("1 gb", 1_000_000_000)] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for text in ["", "MB", "25 XB", "-1", "99999999999999999999", "99999999999 GB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_written_is_the_size_read() {
        for bytes in [0, 1, 999, 1_000, 25_000_000, 1_234_567] {
            assert_eq!(Size(bytes).to_string().parse(), Ok(Size(bytes)));
        }
    }
}
