//! How many columns a text takes (reStructuredText specification, "Sections": underlines; "Grid Tables").

use unicode_normalization::char::canonical_combining_class;
use unicode_width::UnicodeWidthChar;

/// True for characters that stand on the one before.
pub(crate) fn is_combining(c: char) -> bool {
    !c.is_ascii() && canonical_combining_class(c) != 0
}

/// True for East Asian characters that take two columns.
pub(crate) fn is_wide(c: char) -> bool {
    c as u32 >= 0x1100 && c.width() == Some(2)
}

/// Columns of a text: wide characters take two, combining ones none.
pub(crate) fn column_width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| if is_combining(c) { 0 } else { 1 + usize::from(is_wide(c)) }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_count_as_shown() {
        assert_eq!(column_width("abc"), 3);
        assert_eq!(column_width("日本"), 4);
        assert_eq!(column_width("e\u{301}"), 1);
    }
}
