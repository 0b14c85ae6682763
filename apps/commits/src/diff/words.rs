//! Which words of a changed line changed.

use markup::escape;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Longer lines are shown without marks.
const LONGEST: usize = 600;
/// The most pairs of one run of changed lines that are compared.
const MOST: usize = 60;

/// The HTML of two lines of which one became the other: `<del>` and `<ins>` around what changed; `None` when they have
/// so little in common that marks would only disturb.
pub fn marked(old: &str, new: &str) -> Option<(String, String)> {
    if old.len() > LONGEST || new.len() > LONGEST {
        return None;
    }
    let (old_words, new_words) = (words(old), words(new));
    let steps = capture_diff_slices(Algorithm::Myers, &old_words, &new_words);
    let same: usize = steps
        .iter()
        .filter(|step| step.tag() == DiffTag::Equal)
        .flat_map(|step| &old_words[step.old_range()])
        .map(|word| word.trim().len())
        .sum();
    let longer = old.trim().len().max(new.trim().len());
    if longer == 0 || same * 10 < longer * 4 {
        return None;
    }
    let (mut before, mut after) = (String::new(), String::new());
    for step in steps {
        let (was, is) = (old_words[step.old_range()].concat(), new_words[step.new_range()].concat());
        if step.tag() == DiffTag::Equal {
            before.push_str(&escape(&was));
            after.push_str(&escape(&is));
            continue;
        }
        if !was.is_empty() {
            before.push_str(&format!("<del>{}</del>", escape(&was)));
        }
        if !is.is_empty() {
            after.push_str(&format!("<ins>{}</ins>", escape(&is)));
        }
    }
    Some((before, after))
}

/// The HTML of the lines of one run: `removed` followed by `added`, compared one by one.
pub fn marked_run(removed: &[&str], added: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut before: Vec<String> = removed.iter().map(|line| plain(line)).collect();
    let mut after: Vec<String> = added.iter().map(|line| plain(line)).collect();
    for (place, (old, new)) in removed.iter().zip(added).enumerate().take(MOST) {
        if let Some((was, is)) = marked(old, new) {
            (before[place], after[place]) = (was, is);
        }
    }
    (before, after)
}

/// A line as HTML; control characters, which a browser does not show, are shown by their sign.
pub fn plain(line: &str) -> String {
    let shown: String = line
        .chars()
        .map(|c| match c {
            '\t' => '\t',
            c if (c as u32) < 32 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
            // What turns the direction of text could make a line read otherwise than it runs.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c => c,
        })
        .collect();
    escape(&shown).to_string()
}

/// A line as words, runs of blanks, and single signs.
fn words(line: &str) -> Vec<&str> {
    let kind = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            1
        } else if c.is_whitespace() {
            2
        } else {
            0
        }
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in line.char_indices() {
        if last.is_some_and(|last| last == 0 || last != kind(c)) {
            words.push(&line[start..at]);
            start = at;
        }
        last = Some(kind(c));
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changed_words_are_marked() {
        let (old, new) = marked("let x = foo(a, b);", "let y = foo(a, <c>);").unwrap();
        assert_eq!(old, "let <del>x</del> = foo(a, <del>b</del>);");
        assert_eq!(new, "let <ins>y</ins> = foo(a, <ins>&lt;c&gt;</ins>);");
        assert_eq!(marked("completely other", "return 1 + 2"), None);
    }

    proptest! {
        #[test]
        fn marks_change_no_text(old in "[a-z <&_.()]{0,40}", new in "[a-z <&_.()]{0,40}") {
            if let Some((was, is)) = marked(&old, &new) {
                let strip = |html: &str| html.replace("<del>", "").replace("</del>", "").replace("<ins>", "").replace("</ins>", "");
                prop_assert_eq!(strip(&was), escape(&old).to_string());
                prop_assert_eq!(strip(&is), escape(&new).to_string());
            }
        }
    }
}
