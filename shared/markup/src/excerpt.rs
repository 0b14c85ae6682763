//! The first words of a text, for lists, feeds and notices.

/// The first `n` characters of what the author wrote themself: no quotes, no attribution, no signature, white space as one blank.
///
/// A longer text is cut at a word and ends in `…`.
pub fn excerpt(text: &str, n: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "-- " || line == "--" {
            break;
        }
        let quote_follows = lines.peek().is_some_and(|next| next.starts_with('>'));
        if line.starts_with('>') || (quote_follows && line.trim_end().ends_with(':')) {
            continue;
        }
        for word in line.split_whitespace() {
            let length = word.chars().count();
            let blank = usize::from(!out.is_empty());
            if count + blank + length > n {
                if out.is_empty() {
                    out.extend(word.chars().take(n));
                }
                out.push('…');
                return out;
            }
            if blank == 1 {
                out.push(' ');
            }
            out.push_str(word);
            count += blank + length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_authors_own_words() {
        let text = "Ann wrote:\n> old words\n\nNew   words\nhere.\n-- \nBob";
        assert_eq!(excerpt(text, 100), "New words here.");
        assert_eq!(excerpt(text, 10), "New words…");
        assert_eq!(excerpt("Überlänge", 4), "Über…");
        assert_eq!(excerpt("", 4), "");
    }
}
