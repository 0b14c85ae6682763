//! The header of a post as members get it: what is taken off, what is put on top, and the subject's prefix.
//!
//! Pure. A field that stays is not touched, so that the author's DKIM signature holds; nothing below the header ever
//! changes.

use std::borrow::Cow;

/// Fields that never leave with a post: those of other lists (RFC 2369 section 5, RFC 2919 section 4, RFC 5064), those
/// that would tell the author who reads, and passwords.
const DROPPED: [&str; 20] = [
    "list-id",
    "list-help",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-subscribe",
    "list-post",
    "list-owner",
    "list-archive",
    "archived-at",
    "return-path",
    "return-receipt-to",
    "disposition-notification-to",
    "x-confirm-reading-to",
    "x-pmrqc",
    "approved",
    "approve",
    "x-approved",
    "x-approve",
    "bcc",
    "precedence",
];

/// The bytes of a post without the fields that must not leave, and with `prefix` in its subject when it is not empty.
pub fn cleaned<'a>(raw: &'a [u8], prefix: &str) -> Cow<'a, [u8]> {
    let fields = fields(raw);
    let end = fields.last().map_or(0, |field| field.end);
    let is_dropped =
        |field: &Field| DROPPED.iter().any(|name| name_of(raw, field).eq_ignore_ascii_case(name.as_bytes()));
    let subject = fields.iter().position(|field| name_of(raw, field).eq_ignore_ascii_case(b"subject"));
    let prefixed = subject.and_then(|subject| with_prefix(&raw[fields[subject].start..fields[subject].end], prefix));
    if prefixed.is_none() && !fields.iter().any(is_dropped) {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + prefix.len() + 8);
    for (index, field) in fields.iter().enumerate() {
        match &prefixed {
            Some(line) if Some(index) == subject => out.extend_from_slice(line),
            _ if is_dropped(field) => {}
            _ => out.extend_from_slice(&raw[field.start..field.end]),
        }
    }
    out.extend_from_slice(&raw[end..]);
    Cow::Owned(out)
}

/// One field with its folded lines and line ends.
struct Field {
    start: usize,
    /// Behind its name.
    colon: usize,
    end: usize,
}

fn name_of<'a>(raw: &'a [u8], field: &Field) -> &'a [u8] {
    raw[field.start..field.colon].trim_ascii_end()
}

/// The fields up to the empty line, or up to the first line that is none.
fn fields(raw: &[u8]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let end = raw[at..].iter().position(|byte| *byte == b'\n').map_or(raw.len(), |found| at + found + 1);
        let line = &raw[at..end];
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        match (line[0], fields.last_mut()) {
            (b' ' | b'\t', Some(last)) => last.end = end,
            _ => match line.iter().position(|byte| *byte == b':') {
                Some(colon) => fields.push(Field { start: at, colon: at + colon, end }),
                None => break,
            },
        }
        at = end;
    }
    fields
}

/// The subject's field with the prefix behind its `Re:`; `None` when it stands there already.
fn with_prefix(field: &[u8], prefix: &str) -> Option<Vec<u8>> {
    let prefix = prefix.trim();
    let text = String::from_utf8_lossy(field);
    if prefix.is_empty() || text.to_lowercase().contains(&prefix.to_lowercase()) {
        return None;
    }
    let colon = field.iter().position(|byte| *byte == b':')?;
    let value = without_blanks(&field[colon + 1..]);
    let mut bare = value;
    while let Some(rest) = behind_re(bare) {
        bare = rest;
    }
    let re: &[u8] = if bare.len() < value.len() { b"Re: " } else { b"" };
    Some([b"Subject: ", re, prefix.as_bytes(), b" ", bare].concat())
}

/// Without blanks at the start; the line end of an empty value stays.
fn without_blanks(value: &[u8]) -> &[u8] {
    let blanks = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &value[blanks..]
}

fn behind_re(value: &[u8]) -> Option<&[u8]> {
    let word = ["re", "aw", "antw", "sv", "vs"]
        .iter()
        .find(|word| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))?;
    without_blanks(&value[word.len()..]).strip_prefix(b":").map(without_blanks)
}

/// What the fields of a list say.
pub struct Names<'a> {
    /// The name in `dev@hub.example.org`.
    pub name: &'a str,
    pub title: &'a str,
    pub domain: &'a str,
    /// `https://hub.example.org`
    pub hub: &'a str,
    pub is_announce: bool,
}

impl Names<'_> {
    /// An address of the list: `dev-SUFFIX@domain`.
    pub fn address(&self, suffix: &str) -> String {
        format!("{}{suffix}@{}", self.name, self.domain)
    }

    /// The List-Id without brackets (RFC 2919): it does not change when the list's title does.
    pub fn list_id(&self) -> String {
        format!("{}.{}", self.name, self.domain)
    }

    /// The value of the List-Id field.
    pub fn list_id_field(&self) -> String {
        let title: String =
            self.title.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>')).collect();
        let title = title.trim();
        match (title.is_empty(), title.is_ascii()) {
            (true, _) => format!("<{}>", self.list_id()),
            (false, true) => format!("\"{title}\" <{}>", self.list_id()),
            (false, false) => format!("{title} <{}>", self.list_id()),
        }
    }

    fn mailto(&self, suffix: &str) -> String {
        let address: String = self.address(suffix).replace('%', "%25");
        format!("<mailto:{address}>")
    }

    /// The fields of every mail that the list sends, a notice too (RFC 2369).
    pub fn of_notice(&self) -> Vec<(String, String)> {
        let page = format!("<{}/lists/{}/>", self.hub, self.name);
        fields_of([
            ("List-Id", self.list_id_field()),
            ("List-Help", format!("{}, {page}", self.mailto("-request"))),
            ("List-Subscribe", format!("<{}/lists/{}/join>, {}", self.hub, self.name, self.mailto("-join"))),
            ("List-Owner", self.mailto("-owner")),
        ])
    }

    /// The fields that a post has more, the same for all members; `archived_at` is the page of the post.
    pub fn of_post(&self, archived_at: &str) -> Vec<(String, String)> {
        let post = if self.is_announce { "NO (only moderators post here)".into() } else { self.mailto("") };
        let mut fields = self.of_notice();
        fields.extend(fields_of([
            ("List-Post", post),
            ("List-Archive", format!("<{}/lists/{}/>", self.hub, self.name)),
            ("Archived-At", format!("<{archived_at}>")),
            ("Precedence", "list".into()),
        ]));
        fields
    }

    /// How a member leaves, in a copy of their own (RFC 8058): `{token}` stands for their secret.
    pub fn of_member(&self) -> Vec<(String, String)> {
        let page = format!("<{}{}>", self.hub, crate::url::unsubscribe("{token}"));
        fields_of([
            ("List-Unsubscribe", format!("{page}, {}", self.mailto("-leave"))),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()),
        ])
    }

    /// How anybody leaves, in a copy that many share.
    pub fn of_everybody(&self) -> Vec<(String, String)> {
        let page = format!("<{}{}>", self.hub, crate::url::of_list(self.name, "join"));
        fields_of([("List-Unsubscribe", format!("{}, {page}", self.mailto("-leave")))])
    }
}

fn fields_of<const N: usize>(fields: [(&str, String); N]) -> Vec<(String, String)> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(raw: &str, prefix: &str) -> String {
        String::from_utf8(cleaned(raw.as_bytes(), prefix).into_owned()).expect("text")
    }

    #[test]
    fn a_post_without_anything_to_change_is_the_same_bytes() {
        let raw =
            b"From: a@b.c\r\nSubject: x\r\n\tfolded\r\nDKIM-Signature: v=1; h=from;\r\n b=x\r\n\r\nList-Id: body\r\n";
        assert!(matches!(cleaned(raw, ""), Cow::Borrowed(bytes) if bytes == raw));
        assert!(matches!(cleaned(b"", ""), Cow::Borrowed(_)));
        assert!(matches!(cleaned(b"no header at all", "[x]"), Cow::Borrowed(_)));
    }

    #[test]
    fn fields_of_other_lists_and_spies_are_taken_off_whole() {
        let raw = "From: a@b.c\r\nList-Id: <x.y>\r\nLIST-POST:\r\n <mailto:x@y>\r\nArchived-At: <https://evil/>\r\n\
                   Return-Receipt-To: a@b.c\r\nApproved: secret\r\nTo: dev@hub.test\r\n\r\nList-Id: stays\r\n";
        assert_eq!(text(raw, ""), "From: a@b.c\r\nTo: dev@hub.test\r\n\r\nList-Id: stays\r\n");
    }

    #[test]
    fn the_prefix_stands_once_and_behind_re() {
        let table = [
            ("Subject: x\r\n", "Subject: [dev] x\r\n"),
            ("subject:x\r\n", "Subject: [dev] x\r\n"),
            ("Subject: Re: [Dev] x\r\n", "Subject: Re: [Dev] x\r\n"),
            ("Subject: AW: Re: x\r\n", "Subject: Re: [dev] x\r\n"),
            ("Subject: Report: x\r\n", "Subject: [dev] Report: x\r\n"),
            (
                "Subject: =?utf-8?q?=C3=A4?=\r\n =?utf-8?q?b?=\r\n",
                "Subject: [dev] =?utf-8?q?=C3=A4?=\r\n =?utf-8?q?b?=\r\n",
            ),
            ("Subject:\r\n", "Subject: [dev] \r\n"),
        ];
        for (before, after) in table {
            let around = |subject: &str| format!("From: a@b.c\r\n{subject}To: d@e.f\r\n\r\nbody");
            assert_eq!(text(&around(before), "[dev]"), around(after));
        }
    }

    #[test]
    fn lists_say_who_they_are() {
        let names = Names {
            name: "dev",
            title: "Development",
            domain: "hub.test",
            hub: "https://hub.test",
            is_announce: false,
        };
        let fields = names.of_post("https://hub.test/lists/dev/a@b/");
        let value = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("List-Id"), Some("\"Development\" <dev.hub.test>"));
        assert_eq!(value("List-Post"), Some("<mailto:dev@hub.test>"));
        assert_eq!(value("Archived-At"), Some("<https://hub.test/lists/dev/a@b/>"));
        assert_eq!(names.of_member()[0].1, "<https://hub.test/lists/unsubscribe/{token}>, <mailto:dev-leave@hub.test>");
        assert_eq!(names.of_member()[1].1, "List-Unsubscribe=One-Click");
        assert_eq!(names.of_everybody()[0].1, "<mailto:dev-leave@hub.test>, <https://hub.test/lists/dev/join>");
        let announce = Names { is_announce: true, title: "Überall", ..names };
        assert!(announce.of_post("x").iter().any(|(name, value)| name == "List-Post" && value.starts_with("NO")));
        assert_eq!(announce.list_id_field(), "Überall <dev.hub.test>");
    }

    proptest! {
        #[test]
        fn the_body_never_changes(head in "([A-Za-z-]{1,12}: [ -~]{0,20}\r\n){0,5}(List-Id: x\r\n)?", body in "(?s).{0,80}") {
            let raw = format!("{head}\r\n{body}");
            let out = text(&raw, "[p]");
            let tail = format!("\r\n{body}");
            prop_assert!(out.ends_with(&tail));
        }

        #[test]
        fn any_bytes_are_cleaned(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            cleaned(&raw, "[p]");
        }
    }
}
