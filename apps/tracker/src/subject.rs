//! The subject of a mail to the tracker: which issue it means, and what it asks of properties. Pure.
//!
//! Roundup's grammar (`mailgw.py`, read in version 2.6): `Re: [issue12] title [status=resolved;nosy=+ann]`.

/// What a subject says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Whether it began with `Re:`, `Fwd:` and the like.
    pub is_reply: bool,
    /// The class of the designator, lower case, when there was one: `issue`.
    pub class: Option<String>,
    /// The number of the designator.
    pub number: Option<i64>,
    pub title: String,
    /// `name` and `value` of each assignment at the end.
    pub assignments: Vec<(String, String)>,
    /// Assignments that cannot be read, as they stand.
    pub unread: Vec<String>,
}

/// Reads a subject; `classes` are the names that a designator may have.
pub fn read(subject: &str, classes: &[&str]) -> Subject {
    let (is_reply, rest) = without_prefixes(subject.trim());
    let rest = rest.strip_prefix('"').unwrap_or(rest);
    let mut read = Subject { is_reply, ..Subject::default() };
    let rest = match designator(rest, classes) {
        Some((start, end, class, number)) => {
            read.class = Some(class);
            read.number = number;
            // A tag of a list may stand before it; `New title [issue1]` has its title there.
            let (before, after) = (&rest[..start], rest[end..].trim());
            let bare = after.trim_start_matches('"').is_empty() || after.starts_with('[');
            if bare { format!("{} {after}", without_tags(before)) } else { after.to_owned() }
        }
        None => rest.to_owned(),
    };
    let rest = rest.trim();
    let Some((title, args)) = suffix(rest) else {
        read.title = rest.to_owned();
        return read;
    };
    let mut kept = Vec::new();
    for arg in args.split(';').map(str::trim).filter(|arg| !arg.is_empty()) {
        match arg.split_once('=') {
            Some((name, value)) if is_name(name.trim()) && !value.contains('=') => {
                read.assignments.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
            _ => kept.push(arg.to_owned()),
        }
    }
    // `[help]` at the end of a title is a part of the title, not an assignment gone wrong.
    if read.assignments.is_empty() {
        read.title = rest.to_owned();
    } else {
        read.title = title.trim().to_owned();
        read.unread = kept;
    }
    read
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Takes `Re:`, `Fwd:`, `AW:`, `Sv:`, `ang:` off the front, any number of them.
fn without_prefixes(subject: &str) -> (bool, &str) {
    let mut rest = subject;
    let mut found = false;
    loop {
        let start = rest.trim_start();
        let start = start
            .strip_prefix(|c: char| !c.is_alphanumeric() && !c.is_whitespace() && c != '[' && c != '"')
            .unwrap_or(start);
        let start = start.trim_start();
        let word_end = start.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(start.len());
        let word = start[..word_end].to_ascii_lowercase();
        if !["fw", "fwd", "re", "aw", "sv", "ang"].contains(&word.as_str()) {
            return (found, rest.trim_start());
        }
        let after = &start[word_end..];
        let counted = counted(after);
        let Some(next) = counted.strip_prefix(':') else { return (found, rest.trim_start()) };
        found = true;
        rest = next;
    }
}

/// Skips the count that some programs put: `Re[2]:`, `Re(2):`.
fn counted(text: &str) -> &str {
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(inner) = text.strip_prefix(open)
            && let Some((digits, rest)) = inner.split_once(close)
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_ascii_digit())
        {
            return rest;
        }
    }
    text
}

/// The first `[class12]` of a known class: where it starts and ends, the class, the number.
fn designator(text: &str, classes: &[&str]) -> Option<(usize, usize, String, Option<i64>)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| at + from) {
        let close = text[open..].find(']').map(|at| at + open)?;
        let inner = text[open + 1..close].trim().to_lowercase();
        let split = inner.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (class, digits) = (inner[..split].trim(), &inner[split..]);
        if classes.contains(&class) && (digits.is_empty() || digits.parse::<i64>().is_ok()) {
            return Some((open, close + 1, class.to_owned(), digits.parse().ok()));
        }
        from = open + 1;
    }
    None
}

/// Takes `[tag]` words off the front: what lists put there.
fn without_tags(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some(inner) = rest.strip_prefix('[')
        && let Some((_, after)) = inner.split_once(']')
    {
        rest = after.trim_start();
    }
    rest
}

/// The title and the inside of the last `[...]` at the end.
fn suffix(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix('"').unwrap_or(text).trim_end();
    let inner = text.strip_suffix(']')?;
    let open = inner.rfind('[')?;
    Some((&inner[..open], &inner[open + 1..]))
}

/// Whether a mail must be ignored without a word: loops, robots, lists that say so.
///
/// Roundup ignores `X-Roundup-Loop`, `Precedence: bulk`, `Auto-Submitted` other than `no`, and "autoreply" within the
/// subject.
pub fn is_ignored(header: impl Fn(&str) -> Option<String>, subject: &str) -> bool {
    let says = |name: &str| header(name).map(|value| value.trim().to_lowercase());
    says("X-Roundup-Loop").is_some()
        || says("X-Guildhall-Loop").is_some()
        || says("Precedence").is_some_and(|value| value == "bulk")
        || says("Auto-Submitted").is_some_and(|value| value.split(';').next().unwrap_or_default().trim() != "no")
        || subject.to_lowercase().find("autoreply").is_some_and(|at| at > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn subjects_are_read_as_roundup_reads_them() {
        type Row<'a> = (&'a str, bool, Option<i64>, &'a str, &'a [(&'a str, &'a str)]);
        let rows: &[Row<'_>] = &[
            ("It crashes", false, None, "It crashes", &[]),
            ("Re: [issue12] It crashes", true, Some(12), "It crashes", &[]),
            ("[issue12] It crashes [status=resolved]", false, Some(12), "It crashes", &[("status", "resolved")]),
            ("[issue12] [status=resolved]", false, Some(12), "", &[("status", "resolved")]),
            ("[list-name] [issue 12 ] x", false, Some(12), "x", &[]),
            ("New title [issue1]", false, Some(1), "New title", &[]),
            ("Fwd: RE: AW: [ISSUE3] x", true, Some(3), "x", &[]),
            ("Re[2]: x", true, None, "x", &[]),
            (
                "[issue] A new one [priority=bug; nosy=+ann,-bob]",
                false,
                None,
                "A new one",
                &[("priority", "bug"), ("nosy", "+ann,-bob")],
            ),
            ("Crash in [help]", false, None, "Crash in [help]", &[]),
            ("[frobulated] title", false, None, "[frobulated] title", &[]),
            ("[issue99999999999999999999] x", false, None, "[issue99999999999999999999] x", &[]),
            ("Reverse the order", false, None, "Reverse the order", &[]),
            ("\"quoted [status=open]\"", false, None, "quoted", &[("status", "open")]),
            ("", false, None, "", &[]),
        ];
        for (subject, is_reply, number, title, assignments) in rows {
            let read = read(subject, &["issue", "keyword"]);
            assert_eq!(read.is_reply, *is_reply, "{subject}");
            assert_eq!(read.number, *number, "{subject}");
            assert_eq!(read.title, *title, "{subject}");
            assert_eq!(read.assignments, pairs(assignments), "{subject}");
        }
        assert_eq!(read("VeryStrangeRe: [ keyword 1 ]", &["keyword"]).class.as_deref(), Some("keyword"));
        assert_eq!(read("x [status=a=b;priority=bug]", &["issue"]).unread, ["status=a=b"]);
    }

    #[test]
    fn robots_are_left_alone() {
        let header = |wanted: &'static str, value: &'static str| {
            move |name: &str| name.eq_ignore_ascii_case(wanted).then(|| value.to_owned())
        };
        assert!(is_ignored(header("Precedence", "bulk"), "x"));
        assert!(!is_ignored(header("Precedence", "list"), "x"));
        assert!(is_ignored(header("Auto-Submitted", "auto-replied (vacation)"), "x"));
        assert!(!is_ignored(header("Auto-Submitted", " No "), "x"));
        assert!(is_ignored(header("X-Roundup-Loop", "hello"), "x"));
        assert!(is_ignored(|_| None, "Re: AutoReply away"));
        assert!(!is_ignored(|_| None, "autoreply is broken"));
    }

    proptest! {
        #[test]
        fn no_subject_upsets_the_reader(subject in "(\\PC|\\[|\\]|=|;|\"){0,60}") {
            read(&subject, &["issue"]);
        }

        #[test]
        fn a_designator_is_always_found(before in "[a-z ]{0,10}", number in 1_i64..1_000_000, title in "[a-z ]{0,20}") {
            let read = read(&format!("{before}[issue{number}] {title}"), &["issue"]);
            prop_assert_eq!(read.number, Some(number));
        }
    }
}
