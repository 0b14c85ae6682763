//! What a sender wants to be told about a mail (RFC 3461): read from MAIL and RCPT, kept with the mail, honoured in reports.

/// What is asked of the whole mail: `RET` and `ENVID`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfMail {
    /// Whether a report on a failure brings the whole mail back.
    pub full: Option<bool>,
    /// The sender's own name for the mail.
    pub envelope_id: Option<String>,
}

impl OfMail {
    /// Takes a parameter of MAIL; `None` when it is not one of these, else whether its value is good.
    pub fn take(&mut self, name: &str, value: &str) -> Option<bool> {
        match name {
            "RET" if self.full.is_none() => {
                self.full = match value.to_ascii_uppercase().as_str() {
                    "FULL" => Some(true),
                    "HDRS" => Some(false),
                    _ => None,
                };
                Some(self.full.is_some())
            }
            "ENVID" if self.envelope_id.is_none() && value.len() <= 100 => {
                self.envelope_id = decoded(value).filter(|id| !id.is_empty() && id.is_ascii());
                Some(self.envelope_id.is_some())
            }
            "RET" | "ENVID" => Some(false),
            _ => None,
        }
    }

    /// The parameters as they are kept; nothing when nothing was asked.
    pub fn written(&self) -> Option<String> {
        let ret = self.full.map(|full| if full { "RET=FULL" } else { "RET=HDRS" }.to_owned());
        let id = self.envelope_id.as_ref().map(|id| format!("ENVID={}", encoded(id)));
        joined([ret, id])
    }

    /// What [`Self::written`] wrote.
    pub fn read(text: Option<&str>) -> Self {
        let mut read = Self::default();
        for (name, value) in parameters(text) {
            read.take(name, value);
        }
        read
    }
}

/// What is asked of one recipient: `NOTIFY` and `ORCPT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfRcpt {
    /// The words of NOTIFY; absent: failures are told.
    notify: Option<Vec<String>>,
    /// The recipient as the sender wrote it: `rfc822;ann@x.org`.
    pub original: Option<String>,
}

impl OfRcpt {
    /// Takes a parameter of RCPT; `None` when it is not one of these, else whether its value is good.
    pub fn take(&mut self, name: &str, value: &str) -> Option<bool> {
        match name {
            "NOTIFY" if self.notify.is_none() => {
                let words: Vec<String> = value.split(',').map(str::to_ascii_uppercase).collect();
                let known = |word: &String| matches!(word.as_str(), "SUCCESS" | "FAILURE" | "DELAY");
                let good = words == ["NEVER"] || words.iter().all(known);
                self.notify = good.then_some(words);
                Some(good)
            }
            "ORCPT" if self.original.is_none() && value.len() <= 500 => {
                self.original = value
                    .split_once(';')
                    .filter(|(kind, _)| {
                        !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                    })
                    .and_then(|(kind, address)| Some(format!("{kind};{}", decoded(address)?)));
                Some(self.original.is_some())
            }
            "NOTIFY" | "ORCPT" => Some(false),
            _ => None,
        }
    }

    /// The parameters as they are kept; nothing when nothing was asked.
    pub fn written(&self) -> Option<String> {
        let notify = self.notify.as_ref().map(|words| format!("NOTIFY={}", words.join(",")));
        let original = self.original.as_ref().and_then(|original| original.split_once(';'));
        joined([notify, original.map(|(kind, address)| format!("ORCPT={kind};{}", encoded(address)))])
    }

    /// What [`Self::written`] wrote.
    pub fn read(text: Option<&str>) -> Self {
        let mut read = Self::default();
        for (name, value) in parameters(text) {
            read.take(name, value);
        }
        read
    }

    /// Whether the sender wants to hear of a failure; who asked for nothing does (RFC 3461 section 4.1).
    pub fn wants_failure(&self) -> bool {
        self.notify.as_ref().is_none_or(|words| words.iter().any(|word| word == "FAILURE"))
    }

    /// Whether the sender wants to hear that the mail arrived.
    pub fn wants_success(&self) -> bool {
        self.notify.as_ref().is_some_and(|words| words.iter().any(|word| word == "SUCCESS"))
    }
}

fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn parameters(text: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
    text.unwrap_or_default().split_whitespace().filter_map(|parameter| parameter.split_once('='))
}

/// The text behind xtext, in which `+` and two digits stand for a byte (RFC 3461 section 4); letters beyond ASCII stand
/// for themselves (RFC 6533 section 3). Nothing when it is garbled or holds what must not stand in a header.
fn decoded(xtext: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(xtext.len());
    let mut rest = xtext.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => {
                let digits = [rest.next()?, rest.next()?];
                let upper = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
                let digits = std::str::from_utf8(&digits).ok().filter(|_| upper)?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
            }
            b'=' => return None,
            b'!'..=b'~' | 0x80.. => bytes.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

fn encoded(text: &str) -> String {
    let mut xtext = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '+' | '=' | ' ' => xtext.push_str(&format!("+{:02X}", u32::from(c))),
            c => xtext.push(c),
        }
    }
    xtext
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_kept_as_they_were_said() {
        let mut mail = OfMail::default();
        assert_eq!(mail.take("RET", "hdrs"), Some(true));
        assert_eq!(mail.take("ENVID", "QQ+2B3+3D+20x"), Some(true));
        assert_eq!((mail.full, mail.envelope_id.as_deref()), (Some(false), Some("QQ+3= x")));
        assert_eq!(OfMail::read(mail.written().as_deref()), mail);
        let mut rcpt = OfRcpt::default();
        assert_eq!(rcpt.take("NOTIFY", "success,Failure"), Some(true));
        assert_eq!(rcpt.take("ORCPT", "rfc822;Ann+2Bx@x.org"), Some(true));
        assert_eq!(rcpt.original.as_deref(), Some("rfc822;Ann+x@x.org"));
        assert_eq!(OfRcpt::read(rcpt.written().as_deref()), rcpt);
        assert_eq!((OfMail::default().written(), OfRcpt::default().written()), (None, None));
        assert!(OfRcpt::read(None).wants_failure() && !OfRcpt::read(None).wants_success());
        let never = OfRcpt::read(Some("NOTIFY=NEVER"));
        assert!(!never.wants_failure() && !never.wants_success());
    }

    #[test]
    fn what_is_no_wish_is_told_apart_from_a_garbled_one() {
        assert_eq!(OfMail::default().take("SIZE", "1"), None);
        assert_eq!(OfMail::read(Some("RET=FULL")).take("RET", "FULL"), Some(false), "once is enough");
        for (name, value) in [("RET", "ALL"), ("ENVID", ""), ("ENVID", "a+2"), ("ENVID", "a+0D"), ("ENVID", "a=b")] {
            assert_eq!(OfMail::default().take(name, value), Some(false), "{name}={value}");
        }
        for (name, value) in
            [("NOTIFY", "NEVER,SUCCESS"), ("NOTIFY", ""), ("NOTIFY", "SOON"), ("ORCPT", "ann@x.org"), ("ORCPT", ";a")]
        {
            assert_eq!(OfRcpt::default().take(name, value), Some(false), "{name}={value}");
        }
    }
}
