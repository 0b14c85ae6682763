//! Mail addresses: lists of them in fields, recipients in the envelope, and addresses that carry another one (VERP).

use std::fmt;

use mail_parser::parsers::MessageStream;

/// A mail address with the name that stands before it; the name may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Address {
    pub name: String,
    /// `local@domain` as written.
    pub address: String,
}

impl Address {
    /// An address with a name; the name may be empty.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into() }
    }

    /// Every address of a field such as `To`; groups are opened, what is no address is left out (RFC 5322 section 3.4).
    pub fn parse_list(text: &str) -> Vec<Self> {
        let mut field = text.trim().replace(['\r', '\n'], " ");
        field.push('\n');
        match MessageStream::new(field.as_bytes()).parse_address() {
            mail_parser::HeaderValue::Address(list) => from_parser(&list),
            _ => Vec::new(),
        }
    }

    /// The name, or the part before the `@` when there is none.
    pub fn shown(&self) -> &str {
        let name = self.name.trim();
        if name.is_empty() { self.address.split('@').next().unwrap_or_default() } else { name }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: String = self.name.chars().filter(|c| !c.is_control()).collect();
        let name = name.trim();
        if name.is_empty() {
            return f.write_str(&self.address);
        }
        let plain = name.chars().all(|c| c.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c));
        if plain {
            write!(f, "{name} <{}>", self.address)
        } else {
            write!(f, "\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address)
        }
    }
}

/// The addresses that mail-parser found in a field.
pub(crate) fn from_parser(list: &mail_parser::Address<'_>) -> Vec<Address> {
    list.iter()
        .filter_map(|addr| {
            let address = addr.address()?.trim();
            let name = addr.name().unwrap_or_default().trim();
            // A lone CR would be the end of a line elsewhere.
            (!address.is_empty() && !address.contains(char::is_control)).then(|| Address::new(name, address))
        })
        .collect()
}

/// A recipient of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rcpt {
    /// `local@domain`, the domain in lower case.
    pub address: String,
    /// Before the `@`, as written.
    pub local: String,
    /// After the `@`, lower case.
    pub domain: String,
}

impl Rcpt {
    /// The recipient of an address; `None` when it is no address. The local part ends at the last `@`.
    pub fn parse(address: &str) -> Option<Self> {
        let address = address.trim();
        let (local, domain) = address.rsplit_once('@')?;
        let sound = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_control() || c == '<' || c == '>');
        let plain = sound(local) && sound(domain) && !domain.contains([' ', '"']);
        let blank = local.contains(' ') && !(local.starts_with('"') && local.ends_with('"'));
        if !plain || blank || address.len() > 320 {
            return None;
        }
        let domain = domain.trim_end_matches('.').to_lowercase();
        if domain.is_empty() {
            return None;
        }
        Some(Self { address: format!("{local}@{domain}"), local: local.to_owned(), domain })
    }

    /// The local part before and after its first `+`: `issues+12` is `("issues", Some("12"))`.
    pub fn plus(&self) -> (&str, Option<&str>) {
        match self.local.split_once('+') {
            Some((base, detail)) => (base, Some(detail)),
            None => (&self.local, None),
        }
    }

    /// The part before `+` split at its last `-`: `py-dev-owner` is `Some(("py-dev", "owner"))`.
    pub fn dash(&self) -> Option<(&str, &str)> {
        self.plus().0.rsplit_once('-').filter(|(base, suffix)| !base.is_empty() && !suffix.is_empty())
    }
}

/// The sender address that carries a recipient: `dev-bounces@host` and `ann@x.org` give `dev-bounces+ann=x.org@host`.
/// What may not stand in a local part is written `%41`, so that every address comes back from [`verp_decode`].
pub fn verp_encode(bounces: &str, rcpt: &str) -> String {
    let (local, host) = bounces.rsplit_once('@').unwrap_or((bounces, ""));
    let (user, domain) = rcpt.rsplit_once('@').unwrap_or((rcpt, ""));
    let mut out = String::with_capacity(bounces.len() + rcpt.len() + 2);
    out.push_str(local);
    out.push('+');
    let quoted = user.starts_with('"');
    for byte in user.bytes() {
        encode(&mut out, byte, !quoted && byte == b'.' || byte == b'=');
    }
    out.push('=');
    for byte in domain.bytes() {
        encode(&mut out, byte, byte == b'.');
    }
    out.push('@');
    out.push_str(host);
    out
}

fn encode(out: &mut String, byte: u8, bare: bool) {
    if bare || byte.is_ascii_alphanumeric() || b"!#$&'*+-/?^_`{|}~".contains(&byte) {
        out.push(char::from(byte));
    } else {
        out.push('%');
        for half in [byte >> 4, byte & 15] {
            out.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
        }
    }
}

/// What [`verp_encode`] put together: the bounce address and the recipient. The `-bounces` part must hold no `+`.
pub fn verp_decode(address: &str) -> Option<(String, String)> {
    let (local, host) = address.rsplit_once('@')?;
    let (base, carried) = local.split_once('+')?;
    let (user, domain) = carried.rsplit_once('=')?;
    let (user, domain) = (decode(user), decode(domain));
    (!user.is_empty() && !domain.is_empty()).then(|| (format!("{base}@{host}"), format!("{user}@{domain}")))
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Message;

    #[test]
    fn lists_groups_comments_and_quotes_are_read() {
        let list = Address::parse_list("\"Doe, Jane\" <jane@x.org>, bob@y.org (Bob), friends: a@b.c, d@e.f;");
        let found: Vec<_> = list.iter().map(|a| a.address.as_str()).collect();
        assert_eq!(found, ["jane@x.org", "bob@y.org", "a@b.c", "d@e.f"]);
        assert_eq!(list[0].name, "Doe, Jane");
        assert_eq!(list[0].to_string(), "\"Doe, Jane\" <jane@x.org>");
        assert_eq!(Address::parse_list("undisclosed-recipients:;"), []);
        assert_eq!(Address::parse_list(""), []);
        let carried = Message::parse(b"From: postmaster@x.org\rBelow this. It is at x.org.\r\n\r\n");
        assert!(!carried.from.address.contains('\r'), "an address carries no line of its own: {:?}", carried.from);
    }

    #[test]
    fn recipients_split_at_plus_and_dash() {
        let rcpt = Rcpt::parse("Py-Dev-bounces+ann=x.org@Hub.Example").unwrap();
        assert_eq!(rcpt.address, "Py-Dev-bounces+ann=x.org@hub.example");
        assert_eq!(rcpt.plus(), ("Py-Dev-bounces", Some("ann=x.org")));
        assert_eq!(rcpt.dash(), Some(("Py-Dev", "bounces")));
        assert_eq!(Rcpt::parse("issues@h").unwrap().plus(), ("issues", None));
        assert_eq!(Rcpt::parse("-owner@h").unwrap().dash(), None);
        for bad in ["", "@", "a@", "a@.", "@b", "a", "a b@c", "a@b c", "a\r\nb@c", "<a@b>"] {
            assert_eq!(Rcpt::parse(bad), None, "{bad:?}");
        }
        assert!(Rcpt::parse("\"a b\"@c").is_some());
    }

    #[test]
    fn verp_is_the_form_that_others_know() {
        assert_eq!(verp_encode("dev-bounces@h.org", "ann@x.org"), "dev-bounces+ann=x.org@h.org");
        let odd = verp_encode("dev-bounces@h.org", "\"a..b c\"@x.org");
        assert_eq!(odd, "dev-bounces+%22a%2E%2Eb%20c%22=x.org@h.org");
        assert_eq!(verp_decode("dev-bounces@h.org"), None);
        assert_eq!(verp_decode("dev-bounces+token@h.org"), None);
    }

    proptest! {
        #[test]
        fn verp_round_trips(user in "([a-z0-9+=%._-]{1,20}|\"[ -!#-\\[\\]-~é]{1,20}\")", domain in "[a-z0-9é-]{1,10}\\.[a-z]{2,5}") {
            let rcpt = format!("{user}@{domain}");
            let carried = verp_encode("a-bounces@h.org", &rcpt);
            prop_assert!(carried.is_ascii() && !carried.contains([' ', '"', '<', '>']));
            prop_assert_eq!(verp_decode(&carried), Some(("a-bounces@h.org".to_owned(), rcpt)));
        }

        #[test]
        fn no_text_upsets_the_readers(text in "\\PC*") {
            Address::parse_list(&text);
            verp_decode(&text);
            Rcpt::parse(&text);
        }
    }
}
