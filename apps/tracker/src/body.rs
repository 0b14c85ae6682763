//! What a mail's text says once quotes, signature and the copy of the original are told apart. Pure.

/// What of quoted text is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quotes {
    /// Everything: pages fold long quotes.
    #[default]
    Keep,
    /// Leading and trailing quotes go; those that are answered between stay.
    Trim,
}

/// The text of a mail without its signature and without the original that some programs append below.
pub fn content(text: &str, quotes: Quotes) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(at) = lines.iter().position(|line| is_original(line)) {
        lines.truncate(at);
    }
    if let Some(at) = signature(&lines) {
        lines.truncate(at);
    }
    if let Some(at) = lines.iter().position(|line| is_footer(line)) {
        lines.truncate(at);
    }
    if quotes == Quotes::Trim {
        trim_quotes(&mut lines);
    }
    let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(lines.len());
    lines[first..].join("\n").trim_end().to_owned()
}

/// `----- Original Message -----` and its kin.
fn is_original(line: &str) -> bool {
    let line = line.trim_start_matches(['>', '|', ' ', '\t']).trim();
    let inner = line.trim_matches('-').trim();
    line.starts_with("-----")
        && line.ends_with('-')
        && (inner.eq_ignore_ascii_case("original message") || inner.eq_ignore_ascii_case("original-nachricht"))
}

/// The footer of our own mails, quoted or not, which says nothing when it comes back.
fn is_footer(line: &str) -> bool {
    line.trim_start_matches(['>', '|', ' ']).starts_with("You get this because")
}

/// Where the signature begins: the last line `-- ` with at most nine lines below it, unquoted, and not all of the mail.
fn signature(lines: &[&str]) -> Option<usize> {
    let at = lines.iter().rposition(|line| *line == "-- " || *line == "--")?;
    (at > 0 && lines.len() - at <= 10).then_some(at)
}

fn is_quote(line: &str) -> bool {
    line.starts_with('>') || line.starts_with('|')
}

/// Takes quotes off the end, with the line that introduces them, and off the start.
fn trim_quotes(lines: &mut Vec<&str>) {
    let idle = |line: &&str| line.trim().is_empty() || is_quote(line);
    let end = lines.iter().rposition(|line| !idle(line)).map_or(0, |at| at + 1);
    if lines[end..].iter().any(|line| is_quote(line)) {
        lines.truncate(end);
        if lines.last().is_some_and(|line| line.trim_end().ends_with(':')) {
            lines.pop();
        }
    }
    let start = lines.iter().position(|line| !idle(line)).unwrap_or(lines.len());
    if lines[..start].iter().any(|line| is_quote(line)) {
        lines.drain(..start);
    }
}

/// The summary of a message: the first sentence or the first line of its first section that is not quoted, whichever
/// is longer; at most 200 characters.
pub fn summary(text: &str) -> String {
    let sections = text.split("\n\n");
    let spoken = sections.filter(|section| {
        let mut lines = section.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next();
        first.is_some_and(|line| !is_quote(line)) && !lines.next().is_some_and(is_quote)
    });
    let Some(section) = spoken.into_iter().next().or_else(|| text.split("\n\n").find(|s| !s.trim().is_empty())) else {
        return String::new();
    };
    let line = section.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let flat = section.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = flat.find(['.', '!', '?']).map_or("", |end| &flat[..=end]);
    let longer = if sentence.len() > line.len() { sentence } else { line };
    longer.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signatures_and_originals_go() {
        for (text, kept) in [
            ("It breaks.\n-- \nJoe\nACME", "It breaks."),
            (
                "One\n-- \nTwo\n\nThree\n4\n5\n6\n7\n8\n9\n10\n11\n12",
                "One\n-- \nTwo\n\nThree\n4\n5\n6\n7\n8\n9\n10\n11\n12",
            ),
            ("Yes.\n\n-----Original Message-----\nFrom: x\n\nold", "Yes."),
            ("> -----Original Message-----\nfoo", ""),
            ("\n\nHello\r\nthere\r\n", "Hello\nthere"),
            ("-- \nonly a signature", "-- \nonly a signature"),
            ("Thanks\n\n> You get this because you are on the nosy list.\n> x", "Thanks"),
        ] {
            assert_eq!(content(text, Quotes::Keep), kept, "{text:?}");
        }
    }

    #[test]
    fn outer_quotes_go_when_asked() {
        for (text, kept) in [
            ("> old\n> words\n\nNew.", "New."),
            ("New.\n\nOn Monday Joe wrote:\n> old", "New."),
            ("> a\n\nOne.\n\n> b\n\nTwo.\n\n> c", "One.\n\n> b\n\nTwo."),
            ("> only quotes", ""),
        ] {
            assert_eq!(content(text, Quotes::Trim), kept, "{text:?}");
        }
    }

    #[test]
    fn summaries_speak_for_the_author() {
        for (text, summary_of) in [
            ("On Monday Joe wrote:\n> It crashes.\n\nI see it too.", "I see it too."),
            ("It crashes. Here is the log:\nmore", "It crashes. Here is the log:"),
            ("It crashes when\nI start it. Really.", "It crashes when I start it."),
            ("> only", "> only"),
            ("", ""),
        ] {
            assert_eq!(summary(text), summary_of);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_invented(text in "[a-z>|\\- :.\n]{0,200}") {
            for quotes in [Quotes::Keep, Quotes::Trim] {
                let kept = content(&text, quotes);
                for line in kept.lines() {
                    prop_assert!(text.contains(line));
                }
            }
            summary(&text);
        }
    }
}
