//! Simple reference names: words joined by single marks (reStructuredText specification, "Reference Names").

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_joint(c: char) -> bool {
    matches!(c, '-' | '.' | '_' | '+' | ':')
}

/// The bytes of the simple reference name that a text begins with: words joined by single `-._+:`.
pub(crate) fn simple_name(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if is_word(c) {
            end = i + c.len_utf8();
        } else if !(i == end && end > 0 && is_joint(c) && chars.peek().is_some_and(|(_, next)| is_word(*next))) {
            break;
        }
    }
    (end > 0).then_some(end)
}

/// The places before `end` where a simple name that reaches to `end` may begin, the leftmost first.
pub(super) fn name_starts(text: &str, from: usize, end: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut chars = text[from..end].char_indices().rev().peekable();
    let mut start = end;
    let mut in_word = false;
    while let Some((i, c)) = chars.next() {
        if is_word(c) {
            (start, in_word) = (from + i, true);
        } else if in_word && is_joint(c) && chars.peek().is_some_and(|(_, before)| is_word(*before)) {
            starts.push(start);
            in_word = false;
        } else {
            break;
        }
    }
    if in_word {
        starts.push(start);
    }
    starts.reverse();
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_names_end_where_they_should() {
        for (text, expected) in [
            ("a", Some(1)),
            ("a-b c", Some(3)),
            ("a--b", Some(1)),
            ("a_", Some(1)),
            ("_a", None),
            ("-a", None),
            ("é.b", Some(4)),
            ("", None),
        ] {
            assert_eq!(simple_name(text), expected, "{text}");
        }
    }

    #[test]
    fn simple_names_are_found_backwards() {
        assert_eq!(name_starts("see a-b.c", 0, 9), [4, 6, 8]);
        assert_eq!(name_starts("a--b", 0, 4), [3]);
        assert!(name_starts("a-", 0, 2).is_empty());
    }
}
