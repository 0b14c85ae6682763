//! What a commit message asks of issues: `fixes #12`, `closes issue 3 and #4`, `see tracker#7`.
//!
//! Pure. A word and what follows it count only in running text: not in a line that quotes (`>`), not in code (an
//! indented or fenced block, `` `backticks` ``), not between double quotes, so that `Revert "Fix x, closes #1"` closes
//! nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use journal::Mention;
use regex::Regex;

/// Mentions of one message at most.
const MOST: usize = 50;

/// One reference: `#12`, `issue12`, `issue 12`, `tracker#7`; a tracker's name is not part of a longer path.
const ONE: &str = r"(?:(?:issue|bug|ticket)s?\s{0,2}\#?|(?:[A-Za-z][A-Za-z0-9_-]{0,39})?\#)[0-9]{1,9}";

/// A word, and the list of references behind it.
static SPOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let list = format!(r"{ONE}(?:\s{{0,3}}(?:,\s{{0,3}}(?:and\s{{1,3}}|&\s{{0,3}})?|and\s{{1,3}}|&\s{{0,3}}){ONE})*");
    Regex::new(&format!(
        r"(?i)(?:^|[^\w/.\#-])(?P<word>fix(?:e[sd])?|close[sd]?|resolve[sd]?|refs?|references?|see)\s{{0,3}}:?\s{{0,3}}(?P<list>{list})(?:[^\w/\#-]|$)"
    ))
    .ok()
});

static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:(?P<tracker>[A-Za-z][A-Za-z0-9_-]{0,39})?\#|[a-z]{3,7}\s{0,2})(?P<id>[0-9]{1,9})").ok()
});

/// What `message` says of issues, in the order in which they are first named; closing one wins over speaking of it.
pub fn find(message: &str) -> Vec<Mention> {
    let (Some(spoken), Some(reference)) = (SPOKEN.as_ref(), REFERENCE.as_ref()) else { return vec![] };
    let text = running_text(message);
    let mut found: Vec<Mention> = Vec::new();
    let mut places: HashMap<(Option<String>, i64), usize> = HashMap::new();
    let mut from = 0;
    while let Some(said) = spoken.captures_at(&text, from) {
        let (Some(word), Some(list)) = (said.name("word"), said.name("list")) else { break };
        // The character behind a list may open the next one.
        from = list.end();
        let first = word.as_str().chars().next().unwrap_or_default().to_ascii_lowercase();
        let closes = matches!(first, 'f' | 'c') || word.as_str().to_ascii_lowercase().starts_with("resolve");
        for one in reference.captures_iter(list.as_str()) {
            let tracker = one.name("tracker").map(|name| name.as_str().to_lowercase());
            let tracker = tracker
                .filter(|name| !matches!(name.as_str(), "issue" | "issues" | "bug" | "bugs" | "ticket" | "tickets"));
            let Some(issue) = one.name("id").and_then(|id| id.as_str().parse().ok()).filter(|id| *id > 0) else {
                continue;
            };
            let closes = closes && !is_negated(&text[..word.start()]);
            match places.get(&(tracker.clone(), issue)) {
                Some(place) => found[*place].closes |= closes,
                None if found.len() < MOST => {
                    places.insert((tracker.clone(), issue), found.len());
                    found.push(Mention { tracker, issue, closes });
                }
                None => return found,
            }
        }
    }
    found
}

/// Whether what stands before a word takes it back: `does not fix #1`.
fn is_negated(before: &str) -> bool {
    let before = before.trim_end_matches(' ').to_ascii_lowercase();
    ["not", "never", "cannot", "n't", "n’t"].iter().any(|word| before.ends_with(word))
}

/// The message without its quotes and code; each line that is left out leaves an empty one.
fn running_text(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut fenced = false;
    for line in message.lines() {
        let bare = line.trim_start();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced && !bare.starts_with('>') && !line.starts_with("    ") && !line.starts_with('\t') {
            without_quoted(line, &mut text);
        }
        text.push('\n');
    }
    text
}

/// Adds a line without what stands between two backticks or two double quotes.
fn without_quoted(line: &str, text: &mut String) {
    let mut rest = line;
    while let Some(open) = rest.find(['`', '"', '“']) {
        let mark = rest[open..].chars().next().unwrap_or('"');
        let shut = if mark == '“' { '”' } else { mark };
        let inner = open + mark.len_utf8();
        let Some(length) = rest[inner..].find(shut) else { break };
        text.push_str(&rest[..open]);
        text.push_str(" \u{0} ");
        rest = &rest[inner + length + shut.len_utf8()..];
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `closes` as `!12`, else `12`; with a tracker `dev#12`.
    fn said(message: &str) -> Vec<String> {
        let word = |m: Mention| {
            let tracker = m.tracker.map(|name| format!("{name}#")).unwrap_or_default();
            format!("{}{tracker}{}", if m.closes { "!" } else { "" }, m.issue)
        };
        find(message).into_iter().map(word).collect()
    }

    #[test]
    fn messages_say_what_people_mean() {
        for (message, wanted) in [
            ("Fix crash, closes #1", &["!1"][..]),
            ("Fixes #1, #2 and #3.", &["!1", "!2", "!3"]),
            ("fixed: #1, and #2 & issue 3", &["!1", "!2", "!3"]),
            ("resolves issue12", &["!12"]),
            ("(closes issue #12)", &["!12"]),
            ("Closes Issue 12", &["!12"]),
            ("see #12, refs tracker#7", &["12", "tracker#7"]),
            ("ref #1\nreferences #2\nrefs: #3", &["1", "2", "3"]),
            ("close #4\n\nsee #4 for why", &["!4"]),
            ("see #4, which this fixes #4", &["!4"]),
            ("fixes Web-UI#3", &["!web-ui#3"]),
            ("fixes #1 fixes #2", &["!1", "!2"]),
            ("does not fix #9", &["9"]),
            ("this doesn't fix #9", &["9"]),
            ("#12 is nice", &[]),
            ("prefix #12", &[]),
            ("fixes pypy/pypy#12", &[]),
            ("fixes #12abc", &[]),
            ("fixes #0", &[]),
            ("suffixes #1", &[]),
            ("see r123", &[]),
            ("Revert \"Fix crash, closes #1\"\n\nThis reverts commit 1234.", &[]),
            ("Revert “fixes #1”", &[]),
            ("Say `fixes #1` in the message", &[]),
            ("> fixes #1\n\nno", &[]),
            ("Example:\n\n    fixes #1\n", &[]),
            ("```\nfixes #1\n```\nfixes #2", &["!2"]),
            ("Add 5\" disk, fixes #1", &["!1"]),
            ("", &[]),
        ] {
            assert_eq!(said(message), wanted, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_upsets_it(message in "(\\PC|[#0-9\n`\">]|fixes |issue|and |, ){0,80}") {
            let found = find(&message);
            prop_assert!(found.len() <= MOST);
            prop_assert!(found.iter().all(|mention| mention.issue > 0));
        }

        #[test]
        fn every_number_of_a_list_is_found(ids in proptest::collection::btree_set(1_i64..100_000, 1..12)) {
            let list = ids.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ");
            let mut found: Vec<i64> = find(&format!("closes {list}")).into_iter().map(|m| m.issue).collect();
            found.sort_unstable();
            prop_assert_eq!(found, ids.into_iter().collect::<Vec<_>>());
        }
    }
}
