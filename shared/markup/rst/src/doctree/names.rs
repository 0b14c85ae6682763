//! Reference names and identifiers (reStructuredText specification, "Reference Names"; doctree reference, "ids").

use unicode_normalization::UnicodeNormalization;

/// A name with its white space collapsed and in lower case, as references are compared.
///
/// ```
/// use guildhall_rst::doctree::names::normalize;
/// assert_eq!(normalize("The\n  Site"), "the site");
/// ```
pub fn normalize(name: &str) -> String {
    if name.is_ascii() {
        let mut out = collapse(name);
        out.make_ascii_lowercase();
        return out;
    }
    collapse(&name.to_lowercase())
}

/// A name with its white space collapsed, its case kept, as substitutions are compared first.
pub fn collapse(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// An identifier or class name made of any text: `[a-z](-?[a-z0-9]+)*`, or nothing.
///
/// ```
/// use guildhall_rst::doctree::names::make_id;
/// assert_eq!(make_id("2. Straße & Weg"), "strasze-weg");
/// ```
pub fn make_id(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut put = |c: char| {
        if c.is_ascii_lowercase() || (c.is_ascii_digit() && !out.is_empty()) {
            if std::mem::take(&mut gap) && !out.is_empty() {
                out.push('-');
            }
            out.push(c);
        } else if c.is_ascii() {
            gap = true;
        }
    };
    if text.is_ascii() {
        text.chars().map(|c| c.to_ascii_lowercase()).for_each(put);
        return out;
    }
    for c in text.to_lowercase().chars() {
        match transliterated(c) {
            Some(ascii) => ascii.chars().for_each(&mut put),
            None if c.is_whitespace() => put(' '),
            None => std::iter::once(c).nfkd().for_each(&mut put),
        }
    }
    out
}

/// Latin letters that do not fall apart into a base letter and an accent.
fn transliterated(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "sz",
        'æ' => "ae",
        'œ' => "oe",
        'ȸ' => "db",
        'ȹ' => "qp",
        'ø' => "o",
        'đ' | 'ƌ' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' | 'ƚ' | 'ȴ' => "l",
        'ŧ' | 'ƫ' | 'ƭ' | 'ȶ' => "t",
        'ƀ' | 'ƃ' => "b",
        'ƈ' | 'ȼ' => "c",
        'ƒ' => "f",
        'ƙ' => "k",
        'ƞ' | 'ȵ' => "n",
        'ƥ' => "p",
        'ƴ' | 'ɏ' => "y",
        'ƶ' | 'ȥ' | 'ɀ' => "z",
        'ǥ' => "g",
        'ȷ' | 'ɉ' => "j",
        'ȿ' => "s",
        'ɇ' => "e",
        'ɋ' => "q",
        'ɍ' => "r",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_docutils() {
        for (text, id) in [
            ("a", "a"),
            ("A b  C", "a-b-c"),
            ("1. First", "first"),
            ("Straße Æon", "strasze-aeon"),
            ("--x--", "x"),
            ("Émile", "emile"),
            ("12", ""),
            ("a.b_c:d", "a-b-c-d"),
            ("Core™ i7", "core-i7"),
            ("日本", ""),
        ] {
            assert_eq!(make_id(text), id, "{text}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_space() {
        assert_eq!(normalize("  A\n Name "), "a name");
        assert_eq!(collapse("  A\n Name "), "A Name");
    }
}
