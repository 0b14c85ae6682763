//! Lines as the template shows them.

use markup::{Format, Viewer, message_html};
use serde::Serialize;

use crate::query::Logged;

/// Lines as they follow each other, or several that are folded into one (joins and parts).
#[derive(Debug, Serialize)]
pub struct Block {
    /// What a fold says, such as `3 joined, 2 left`; empty for lines that are not folded.
    pub summary: String,
    pub lines: Vec<ShownLine>,
}

/// A line for the component `log_line`.
#[derive(Debug, Serialize)]
pub struct ShownLine {
    pub id: String,
    pub at: String,
    pub time: String,
    pub nick: String,
    pub html: String,
    pub kind: String,
    pub url: String,
}

/// The lines of a page, comings and goings folded.
pub fn blocks(lines: Vec<Logged>, page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = vec![];
    let mut coming: Vec<ShownLine> = vec![];
    for line in lines {
        let moves = matches!(line.kind.as_str(), "join" | "part" | "quit" | "nick");
        if !moves {
            fold(&mut blocks, &mut coming);
        }
        let shown = shown(line, page);
        match blocks.last_mut() {
            _ if moves => coming.push(shown),
            Some(block) if block.summary.is_empty() => block.lines.push(shown),
            _ => blocks.push(Block { summary: String::new(), lines: vec![shown] }),
        }
    }
    fold(&mut blocks, &mut coming);
    blocks
}

fn fold(blocks: &mut Vec<Block>, coming: &mut Vec<ShownLine>) {
    if coming.is_empty() {
        return;
    }
    let count = |kinds: &[&str]| coming.iter().filter(|line| kinds.contains(&line.kind.as_str())).count();
    let parts =
        [(count(&["join"]), "joined"), (count(&["part", "quit"]), "left"), (count(&["nick-change"]), "renamed")];
    let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, verb)| format!("{n} {verb}")).collect();
    blocks.push(Block { summary: said.join(", "), lines: std::mem::take(coming) });
}

/// One line as it is shown on `page`.
pub fn shown(line: Logged, page: &str) -> ShownLine {
    let plain = plain(&line.text);
    let html = match line.kind.as_str() {
        "join" => "joined".to_owned(),
        "part" | "quit" => with_reason("left", &plain),
        "nick" => format!("is now {}", markup::escape(&plain)),
        "kick" => format!("kicked {}", markup::escape(&plain)),
        "topic" => format!("set the topic: {}", inline(&plain)),
        "gap" => markup::escape(&plain),
        _ => inline(&plain),
    };
    let kind = if line.kind == "nick" { "nick-change".to_owned() } else { line.kind };
    ShownLine {
        url: format!("{page}#{}", line.mark),
        time: line.at.format("%H:%M:%S").to_string(),
        at: line.at.to_rfc3339(),
        id: line.mark,
        nick: line.nick,
        html,
        kind,
    }
}

fn with_reason(verb: &str, reason: &str) -> String {
    if reason.is_empty() { verb.to_owned() } else { format!("{verb} ({})", markup::escape(reason)) }
}

/// One line of text with its links, without the paragraph around it.
fn inline(text: &str) -> String {
    let html = message_html(text, Format::Plain, &Viewer { knows_addresses: false });
    let html = html.trim();
    match html.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")) {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => markup::escape(text),
    }
}

/// Text without mIRC's colours and other control codes (modern.ircdocs.horse/formatting).
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{3}' => {
                let mut digits = |most: usize| {
                    let mut taken = 0;
                    while taken < most && letters.next_if(char::is_ascii_digit).is_some() {
                        taken += 1;
                    }
                    taken
                };
                if digits(2) > 0 {
                    let mut ahead = letters.clone();
                    if ahead.next() == Some(',') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
                        letters.next();
                        for _ in 0..2 {
                            if letters.next_if(char::is_ascii_digit).is_none() {
                                break;
                            }
                        }
                    }
                }
            }
            '\u{4}' => {
                for _ in 0..6 {
                    if letters.next_if(char::is_ascii_hexdigit).is_none() {
                        break;
                    }
                }
            }
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn line(kind: &str, text: &str) -> Logged {
        Logged {
            id: 1,
            at: DateTime::UNIX_EPOCH,
            mark: "00:00:00-abcd".into(),
            kind: kind.into(),
            nick: "ann".into(),
            text: text.into(),
        }
    }

    #[test]
    fn colours_are_taken_out_and_the_text_stays() {
        for (coloured, text) in [
            ("\u{3}04red\u{3} plain", "red plain"),
            ("\u{3}4,12x", "x"),
            ("\u{2}bold\u{f}", "bold"),
            ("\u{3}1234", "34"),
            ("\u{4}ff0000hex", "hex"),
            ("1,2", "1,2"),
            ("\u{3}5,a", ",a"),
        ] {
            assert_eq!(plain(coloured), text);
        }
    }

    #[test]
    fn what_people_say_never_becomes_markup() {
        let html = shown(line("say", "<script>alert(1)</script> #12"), "/p").html;
        assert!(!html.contains("<script") && html.contains("/issues/12"), "{html}");
    }

    #[test]
    fn comings_and_goings_are_folded() {
        let kinds = ["say", "join", "quit", "join", "say", "action"];
        let blocks = blocks(kinds.iter().map(|kind| line(kind, "")).collect(), "/p");
        let told: Vec<(&str, usize)> = blocks.iter().map(|block| (&*block.summary, block.lines.len())).collect();
        assert_eq!(told, [("", 1), ("2 joined, 1 left", 3), ("", 2)]);
    }
}
