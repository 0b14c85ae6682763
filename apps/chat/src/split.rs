//! Text cut into pieces that fit into a line of IRC (512 bytes with everything around it, RFC 2812 section 2.3).

use unicode_segmentation::UnicodeSegmentation;

use crate::web::plain;

/// Pieces of at most `most` bytes, cut at blanks where possible and never inside a character that people see as one.
/// No control character is left: ends of lines become blanks, so that no text brings a command of its own, and the rest
/// goes, so that none of it is a request of CTCP (`\x01`) or paints what follows.
pub fn split(text: &str, most: usize) -> Vec<String> {
    let apart: String = text.chars().map(|c| if matches!(c, '\r' | '\n' | '\t' | '\0') { ' ' } else { c }).collect();
    let clean = plain(&apart);
    let mut pieces = vec![];
    let mut piece = String::new();
    for word in clean.split_inclusive(' ') {
        if piece.len() + word.trim_end().len() <= most {
            piece.push_str(word);
            continue;
        }
        push(&mut pieces, &mut piece);
        for grapheme in word.graphemes(true) {
            if piece.len() + grapheme.len() > most {
                push(&mut pieces, &mut piece);
            }
            if grapheme.len() <= most {
                piece.push_str(grapheme);
            }
        }
    }
    push(&mut pieces, &mut piece);
    pieces
}

fn push(pieces: &mut Vec<String>, piece: &mut String) {
    let done = std::mem::take(piece);
    if !done.trim().is_empty() {
        pieces.push(done.trim_end().to_owned());
    }
}

/// The text in one piece of at most `most` bytes, with `…` where something was cut off.
pub fn shorten(text: &str, most: usize) -> String {
    let pieces = split(text, most);
    match pieces.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        _ => split(text, most.saturating_sub('…'.len_utf8()))
            .first()
            .map(|first| format!("{first}…"))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_end_at_blanks() {
        assert_eq!(split("one two three", 8), ["one two", "three"]);
        assert_eq!(split("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(shorten("one two three", 9), "one…");
    }

    #[test]
    fn no_text_brings_a_line_of_its_own() {
        assert_eq!(split("hi\r\nQUIT :bye", 100), ["hi  QUIT :bye"]);
    }

    #[test]
    fn no_text_asks_by_ctcp_or_paints() {
        for (text, said) in [
            ("\u{1}VERSION\u{1}", "VERSION"),
            ("\u{1}DCC SEND x 2130706433 80 1\u{1}", "DCC SEND x 2130706433 80 1"),
            ("issue 1: \u{3}4,2red\u{f} \u{2}bold\u{2}", "issue 1: red bold"),
            ("\u{4}ff0000red \u{16}\u{1d}\u{1f}\u{1e}\u{11}all\u{7f}\u{9b}", "red all"),
            ("a\tb", "a b"),
        ] {
            assert_eq!(split(text, 100), [said], "{text:?}");
            assert_eq!(shorten(text, 100), said, "{text:?}");
        }
        for code in (0..32).chain(127..160).filter_map(char::from_u32) {
            let said = split(&format!("y{code}z"), 100).concat();
            assert!(said == "yz" || said == "y z", "{code:?} became {said:?}");
        }
        assert!(split("\u{1}\u{2}\u{3}", 100).is_empty() && shorten("\u{1}", 100).is_empty());
    }

    proptest! {
        #[test]
        fn every_piece_fits(text in "(\\PC|[\\x00-\\x1f]){0,300}", most in 8_usize..80) {
            for piece in split(&text, most) {
                prop_assert!(piece.len() <= most && !piece.contains(char::is_control), "{:?}", piece);
            }
        }
    }
}
