//! Text that flows: broken to 72 columns, and put together again (RFC 3676).

/// The column at which lines are broken.
const WIDTH: usize = 72;

/// The text with CRLF lines of at most 72 columns; a line that goes on ends with a space. Words that are longer, such
/// as links, stay whole. Quotes are broken behind their marks; lines that could be taken for marks are stuffed.
pub(crate) fn flow(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.trim_end().lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let (marks, rest) = line.split_at(depth);
        let rest = if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
        let rest = if rest == "-- " { rest } else { rest.trim_end() };
        break_line(&mut out, marks, rest);
    }
    if out.is_empty() {
        out.push_str("\r\n");
    }
    out
}

fn break_line(out: &mut String, marks: &str, mut rest: &str) {
    loop {
        let room = WIDTH.saturating_sub(marks.len() + 1).max(20);
        // Only as much of the rest is looked at as a line can hold: it may be millions of characters.
        let cut = if rest.chars().nth(room).is_none() { rest.len() } else { cut(rest, room) };
        let (line, tail) = rest.split_at(cut);
        out.push_str(marks);
        let stuffed = line.starts_with([' ', '>']) || line.starts_with("From ");
        if !marks.is_empty() && !line.is_empty() || marks.is_empty() && stuffed {
            out.push(' ');
        }
        out.push_str(line);
        out.push_str("\r\n");
        if tail.is_empty() {
            return;
        }
        rest = tail;
    }
}

/// Where a line of more than `room` characters is cut: behind the last space that fits, or else behind the first one.
fn cut(text: &str, room: usize) -> usize {
    let body = text.len() - text.trim_start().len();
    let spaces = || text.char_indices().enumerate().filter(|(_, (at, c))| *c == ' ' && *at > body);
    let fits = text.char_indices().take(room).filter(|(at, c)| *c == ' ' && *at > body).last();
    let fits = fits.map(|found| (0, found));
    fits.or_else(|| spaces().next()).map_or(text.len(), |(_, (at, _))| at + 1)
}

/// Flowed text with each paragraph on one line (RFC 3676 section 4). Lines end with CRLF, quotes keep their marks; `delsp` takes the space
/// away by which a line says that it goes on.
pub(crate) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // How deeply quoted the line is that goes on.
    let mut open = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let content = line[depth..].strip_prefix(' ').unwrap_or(&line[depth..]);
        let is_separator = content == "-- ";
        if open != Some(depth) || is_separator {
            if !out.is_empty() {
                out.push_str("\r\n");
            }
            out.push_str(&line[..depth]);
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        let goes_on = content.ends_with(' ') && !is_separator;
        out.push_str(if goes_on && delsp { &content[..content.len() - 1] } else { content });
        open = goes_on.then_some(depth);
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_lines_are_broken_softly() {
        let long = "word ".repeat(40);
        let flowed = flow(&long);
        assert!(flowed.lines().all(|line| line.len() <= WIDTH), "{flowed}");
        assert_eq!(unflow(&flowed, false), format!("{}\r\n", long.trim_end()));
    }

    #[test]
    fn marks_signatures_and_links_stay() {
        let link = format!("https://example.org/{}", "x".repeat(200));
        let text = format!("> quoted\n>> deeper\n{link}\nFrom here\n  code\n-- \nAnn");
        let flowed = flow(&text);
        assert!(flowed.contains(&link));
        assert!(flowed.contains("\r\n From here\r\n") && flowed.contains("\r\n   code\r\n"));
        assert!(flowed.contains("\r\n-- \r\nAnn\r\n"));
        assert!(flowed.starts_with("> quoted\r\n>> deeper\r\n"));
    }

    #[test]
    fn what_goes_on_is_put_together() {
        for (flowed, read) in [
            ("one \r\ntwo\r\nthree\r\n", "one two\nthree\n"),
            ("> deep \r\n> er\r\n>> deeper \r\n> not\r\n", "> deep er\n>> deeper \n> not\n"),
            (" stuffed \r\n From here\r\n", "stuffed From here\n"),
            ("an end \r\n-- \r\nAnn\r\n", "an end \n-- \nAnn\n"),
            (">\r\n\r\n  code\r\n", ">\n\n code\n"),
            ("", "\n"),
        ] {
            assert_eq!(unflow(flowed, false).replace("\r\n", "\n"), read, "{flowed:?}");
        }
        assert_eq!(unflow("\u{65e5} \r\n\u{672c}\r\n", true), "\u{65e5}\u{672c}\r\n");
    }

    proptest! {
        #[test]
        fn flowed_text_comes_back(lines in proptest::collection::vec("[a-zé]{1,12}( [a-z>.-]{1,30}){0,30}", 1..8)) {
            let flowed = flow(&lines.join("\n"));
            prop_assert_eq!(unflow(&flowed, false), lines.join("\r\n") + "\r\n");
        }
    }
}
