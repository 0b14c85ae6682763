//! Flowing text to 72 columns so that it can be put together again (RFC 3676).

/// The column at which lines are broken.
const WIDTH: usize = 72;

/// The text with CRLF lines of at most 72 columns; a line that goes on ends with a space. Words that are longer, such
/// as links, stay whole. Quotes are broken behind their marks; lines that could be taken for marks are stuffed.
pub(super) fn flow(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader makes of flowed text (RFC 3676 section 4).
    fn unflow(text: &str) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut open = None;
        for line in text.split_terminator("\r\n") {
            let depth = line.len() - line.trim_start_matches('>').len();
            let content = line[depth..].strip_prefix(' ').unwrap_or(&line[depth..]);
            match (open, lines.last_mut()) {
                (Some(before), Some(last)) if before == depth => last.push_str(content),
                _ => lines.push(format!("{}{content}", ">".repeat(depth))),
            }
            open = (content.ends_with(' ') && content != "-- ").then_some(depth);
        }
        lines
    }

    #[test]
    fn long_lines_are_broken_softly() {
        let long = "word ".repeat(40);
        let flowed = flow(&long);
        assert!(flowed.lines().all(|line| line.len() <= WIDTH), "{flowed}");
        assert_eq!(unflow(&flowed), [long.trim_end()]);
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

    proptest! {
        #[test]
        fn flowed_text_comes_back(lines in proptest::collection::vec("[a-zé]{1,12}( [a-z>.-]{1,30}){0,30}", 1..8)) {
            let flowed = flow(&lines.join("\n"));
            prop_assert_eq!(unflow(&flowed), lines);
        }
    }
}
