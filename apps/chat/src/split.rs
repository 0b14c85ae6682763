//! Text cut into pieces that fit into a line of IRC (512 bytes with everything around it, RFC 2812 section 2.3).

use unicode_segmentation::UnicodeSegmentation;

/// Pieces of at most `most` bytes, cut at blanks where possible and never inside a character that people see as one.
/// Control characters become blanks, so that no text brings a command of its own.
pub fn split(text: &str, most: usize) -> Vec<String> {
    let clean: String = text.chars().map(|c| if matches!(c, '\r' | '\n' | '\0') { ' ' } else { c }).collect();
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

    proptest! {
        #[test]
        fn every_piece_fits(text in "\\PC{0,300}", most in 8_usize..80) {
            for piece in split(&text, most) {
                prop_assert!(piece.len() <= most && !piece.contains(['\r', '\n', '\0']));
            }
        }
    }
}
