//! Signing what leaves (DKIM, RFC 6376, and RFC 8463 for Ed25519), relaxed in both canonical forms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::client::lines;
use crate::Config;

/// The fields that are signed where a mail has them (RFC 6376 section 5.4.1); of the others each hop may add its own.
const SIGNED: &[&str] = &[
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-id",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-post",
    "list-owner",
    "list-archive",
];

/// Signs mail in the name of a domain.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// The signer of a configuration; `None` when it names no key. The error says what is wrong with the key.
    pub fn of(config: &Config) -> Result<Option<Self>, String> {
        if config.dkim_key.is_empty() {
            return Ok(None);
        }
        let bad =
            |why: &str| format!("The key for signing mail (mail.dkim_key) cannot be used: {}: {why}.", config.dkim_key);
        let file = PrivateKeyDer::from_pem_file(&config.dkim_key).map_err(|error| bad(&error.to_string()))?;
        let rsa = match &file {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => {
                if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der()) {
                    return Ok(Some(Self::new(config, Key::Ed25519(key))));
                }
                RsaKeyPair::from_pkcs8(key.secret_pkcs8_der())
            }
            _ => return Err(bad("it is neither an RSA key of 2048 bits or more nor an Ed25519 key")),
        };
        match rsa {
            Ok(key) => Ok(Some(Self::new(config, Key::Rsa(Box::new(key))))),
            Err(_) => Err(bad("it is neither an RSA key of 2048 bits or more nor an Ed25519 key")),
        }
    }

    /// A signer whose key is the same in every run.
    #[cfg(feature = "fuzz")]
    pub(super) fn by_seed(seed: [u8; 32]) -> Option<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        Some(Self::new(&Config { domain: "hub.test".into(), ..Config::default() }, Key::Ed25519(key)))
    }

    fn new(config: &Config, key: Key) -> Self {
        Self { domain: config.domain.to_lowercase(), selector: config.dkim_selector.clone(), key }
    }

    /// What the DNS must say at `SELECTOR._domainkey.DOMAIN` (RFC 6376 section 3.6.1, RFC 8463 section 4).
    pub fn record(&self) -> String {
        let (kind, public) = match &self.key {
            Key::Rsa(key) => ("rsa", subject_public_key(key.public().as_ref())),
            Key::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        };
        format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public))
    }

    /// Whether a record of the DNS has the public half of this key.
    pub fn is_told_by(&self, record: &str) -> bool {
        let public = |record: &str| {
            let tag = record.split(';').find_map(|tag| tag.trim().strip_prefix("p=").map(str::to_owned))?;
            STANDARD.decode(tag.split_whitespace().collect::<String>()).ok()
        };
        // Some records of RSA have the bare key without its frame.
        let (own, told) = (public(&self.record()), public(record));
        own.zip(told)
            .is_some_and(|(own, told)| !told.is_empty() && (own == told || told.len() > 64 && own.ends_with(&told)))
    }

    /// The DKIM-Signature field of a mail whose bytes are these pieces, with its CRLF.
    pub(super) fn sign(&self, pieces: &[&[u8]], body_hash: &str, at: DateTime<Utc>) -> String {
        let fields = fields(pieces);
        let mut names = Vec::new();
        let mut signed = Vec::new();
        for name in SIGNED {
            // Of several fields of one name the last one is signed first (RFC 6376 section 5.4.2).
            for (_, value) in fields.iter().rev().filter(|(known, _)| known == name) {
                names.push(*name);
                signed.extend_from_slice(format!("{name}:").as_bytes());
                signed.extend_from_slice(value);
                signed.extend_from_slice(b"\r\n");
            }
        }
        // Named once more than it stands there, so that none can be added.
        names.push("from");
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let mut field = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={};\r\n\ts={}; t={}; h={};\r\n\tbh={body_hash};\r\n\tb=",
            self.domain,
            self.selector,
            at.timestamp(),
            folded(&names.join(":"), ':'),
        );
        signed.extend_from_slice(b"dkim-signature:");
        signed.extend_from_slice(&relaxed(field.as_bytes()));
        field.push_str(&folded(&STANDARD.encode(self.signature(&signed)), '/'));
        format!("DKIM-Signature: {field}\r\n")
    }

    fn signature(&self, signed: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // It fails only for a buffer of another length or without luck in the machine.
                let made = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature);
                if made.is_ok() { signature } else { Vec::new() }
            }
            // The hash of the fields is what Ed25519 signs (RFC 8463 section 3).
            Key::Ed25519(key) => key.sign(digest(&SHA256, signed).as_ref()).as_ref().to_vec(),
        }
    }
}

/// Breaks a long word into lines; behind `mark` where that is in it, so that a name stays whole.
fn folded(word: &str, mark: char) -> String {
    let mut out = String::with_capacity(word.len() + word.len() / 20);
    let mut column = 0;
    for piece in word.split_inclusive(mark) {
        for piece in piece.as_bytes().chunks(70) {
            if column + piece.len() > 70 {
                out.push_str("\r\n\t");
                column = 0;
            }
            out.push_str(&String::from_utf8_lossy(piece));
            column += piece.len();
        }
    }
    out
}

/// The fields of a header in their relaxed form: names in lower case, values on one line (RFC 6376 section 3.4.2).
pub(super) fn fields(pieces: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    for line in pieces.iter().flat_map(|piece| lines(piece)) {
        if line.is_empty() {
            break;
        }
        match (line[0], fields.last_mut()) {
            (b' ' | b'\t', Some((_, value))) => value.extend_from_slice(line),
            _ => {
                let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
                let name = String::from_utf8_lossy(&line[..colon]).trim_end().to_lowercase();
                fields.push((name, line.get(colon + 1..).unwrap_or_default().to_vec()));
            }
        }
    }
    fields.into_iter().map(|(name, value)| (name, relaxed(&value))).collect()
}

/// Text with each run of blanks as one, and none around it.
fn relaxed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    for word in text.split(blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    out
}

/// The hash of a mail's body in its relaxed form (RFC 6376 section 3.4.4), base64.
pub(super) fn body_hash(raw: &[u8]) -> String {
    let mut hash = Context::new(&SHA256);
    let mut empty = 0;
    for line in lines(raw).skip_while(|line| !line.is_empty()).skip(1) {
        let lead = matches!(line.first(), Some(b' ' | b'\t'));
        let text = relaxed(line);
        if text.is_empty() {
            empty += 1;
            continue;
        }
        // Empty lines count only when something follows them.
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        if lead {
            hash.update(b" ");
        }
        hash.update(&text);
        hash.update(b"\r\n");
    }
    STANDARD.encode(hash.finish().as_ref())
}

/// An RSA key in the frame that names its kind (RFC 5280 section 4.1, RFC 3279 section 2.3.1).
fn subject_public_key(key: &[u8]) -> Vec<u8> {
    // rsaEncryption (1.2.840.113549.1.1.1) without parameters.
    const KIND: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let bits = der(3, &[&[0], key].concat());
    der(0x30, &[&KIND, bits.as_slice()].concat())
}

/// A tag, a length and a value (X.690).
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    if value.len() > 127 {
        out.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    out.extend(length);
    out.extend(value);
    out
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn canonical_forms_are_those_of_the_rfc() {
        // RFC 6376 section 3.4.5.
        let mail = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let expected = [("a".to_owned(), b"X".to_vec()), ("b".to_owned(), b"Y Z".to_vec())];
        assert_eq!(fields(&[mail]), expected);
        assert_eq!(body_hash(mail), STANDARD.encode(digest(&SHA256, b" C\r\nD E\r\n")));
        // The hash of an empty body, from the errata of section 3.4.4.
        assert_eq!(body_hash(b"A: X\r\n\r\n"), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(body_hash(b"A: X\r\n\r\n\r\n\r\n"), body_hash(b"A: X"));
    }

    #[test]
    fn the_signature_holds_over_what_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let file = folder.path().join("key.pem");
        std::fs::write(&file, made.serialize_pem()).unwrap();
        let config = Config { domain: "Hub.test".into(), dkim_key: file.display().to_string(), ..Config::default() };
        let signer = Signer::of(&config).unwrap().unwrap();
        let personal =
            b"List-Unsubscribe: <https://hub.test/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
        let raw =
            b"Received: x\r\nFrom: Ann\r\n <ann@x.org>\r\nSubject:  two\t blanks\r\nSubject: second\r\n\r\nbody\r\n";
        let field = signer.sign(&[personal, raw], &body_hash(raw), DateTime::UNIX_EPOCH);
        assert!(field.lines().all(|line| line.len() <= 100) && field.ends_with("\r\n"), "{field}");
        let value = field.strip_prefix("DKIM-Signature: ").unwrap();
        assert!(value.contains("d=hub.test;") && value.contains("s=guildhall;") && value.contains("a=ed25519-sha256"));
        let names: String = value.split("h=").nth(1).unwrap().split(';').next().unwrap().split_whitespace().collect();
        assert_eq!(names, "from:subject:subject:list-unsubscribe:list-unsubscribe-post:from");
        let (unsigned, signature) = value.split_once("\tb=").unwrap();
        let signature: String = signature.split_whitespace().collect();
        let unsigned: String = format!("{unsigned} b=").split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = format!(
            "from:Ann <ann@x.org>\r\nsubject:second\r\nsubject:two blanks\r\nlist-unsubscribe:<https://hub.test/u/1>\r\n\
             list-unsubscribe-post:List-Unsubscribe=One-Click\r\ndkim-signature:{unsigned}"
        );
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&made.serialize_der()).unwrap();
        UnparsedPublicKey::new(&ED25519, key.public_key().as_ref())
            .verify(digest(&SHA256, expected.as_bytes()).as_ref(), &STANDARD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn the_record_of_a_key_is_known_again_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let signer = |name: &str, pem: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, pem).unwrap();
            Signer::of(&Config { dkim_key: file.display().to_string(), ..Config::default() }).unwrap().unwrap()
        };
        let made = || rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let (key, other) = (made(), made());
        let (one, two) = (signer("one", &key.serialize_pem()), signer("two", &other.serialize_pem()));
        assert_eq!(one.record(), format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(key.public_key_raw())));
        assert!(one.is_told_by(&one.record()) && one.is_told_by(&one.record().replace("p=", "p= ")));
        for wrong in [two.record().as_str(), "v=DKIM1; p=", "v=DKIM1", "", "p=%%%"] {
            assert!(!one.is_told_by(wrong), "{wrong}");
        }
        // `openssl rsa -pubout` writes the frame of a key of 2048 bits as these bytes.
        let framed = subject_public_key(&[7; 270]);
        assert_eq!(framed[..4], [0x30, 0x82, 1, 0x22]);
        assert_eq!(framed[19..24], [3, 0x82, 1, 0x0f, 0]);
        assert_eq!(framed.len(), 294);
    }

    #[test]
    fn a_key_that_is_none_is_told() {
        assert!(Signer::of(&Config::default()).unwrap().is_none());
        let config = Config { dkim_key: "/nonexistent.pem".into(), ..Config::default() };
        assert!(Signer::of(&config).err().unwrap().contains("mail.dkim_key"));
    }
}
