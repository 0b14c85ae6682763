//! Option lists (reStructuredText specification, "Option Lists").

use super::Start;
use crate::doctree::{Kind, NodeId};
use crate::lines::{Cut, Lines};
use crate::parser::Parser;

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// The bytes of an option's argument at `i`: a word, or anything in angle brackets.
fn argument(bytes: &[u8], i: usize) -> Option<usize> {
    match bytes.get(i)? {
        b'<' => {
            let length = bytes[i + 1..].iter().take_while(|b| !matches!(b, b'<' | b'>')).count();
            (length > 0 && bytes.get(i + 1 + length) == Some(&b'>')).then_some(length + 2)
        }
        b if b.is_ascii_alphabetic() => Some(bytes[i..].iter().take_while(|b| is_word(**b)).count()),
        _ => None,
    }
}

/// The end of one option at `i`, with its argument.
fn option(bytes: &[u8], i: usize) -> Option<usize> {
    let long = bytes[i..].starts_with(b"--") || bytes.get(i) == Some(&b'/');
    let mut end = match bytes.get(i)? {
        b'-' if long => i + 2,
        b'-' | b'+' | b'/' => i + 1,
        _ => return None,
    };
    bytes.get(end).filter(|b| b.is_ascii_alphanumeric())?;
    end += match long {
        true => bytes[end..].iter().take_while(|b| is_word(**b)).count(),
        false => 1,
    };
    let gap = match bytes.get(end) {
        Some(b' ') => 1,
        Some(b'=') if long => 1,
        _ if long => return Some(end),
        _ => 0,
    };
    Some(argument(bytes, end + gap).map_or(end, |length| end + gap + length))
}

/// The bytes of all options of an item and the space after them.
pub(super) fn marker(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut end = option(bytes, 0)?;
    while bytes[end..].starts_with(b", ") {
        match option(bytes, end + 2) {
            Some(next) => end = next,
            None => break,
        }
    }
    let spaces = bytes[end..].iter().take_while(|b| **b == b' ').count();
    (spaces >= 2 || end + spaces == bytes.len()).then_some(end + spaces)
}

/// The options of an item: option string, delimiter and argument of each.
fn options(marker: &str) -> Vec<(String, Option<(&'static str, String)>)> {
    let mut parts = Vec::new();
    let (mut start, mut bracket) = (0, false);
    for (i, c) in marker.char_indices() {
        match c {
            '<' => bracket = true,
            '>' => bracket = false,
            ',' if !bracket && marker[i..].starts_with(", ") => {
                parts.push(&marker[start..i]);
                start = i + 2;
            }
            _ => {}
        }
    }
    parts.push(&marker[start..]);
    parts.into_iter().map(split_option).collect()
}

fn split_option(text: &str) -> (String, Option<(&'static str, String)>) {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or("");
    let rest = words.collect::<Vec<_>>().join(" ");
    if let Some((name, value)) = first.split_once('=') {
        let value = if rest.is_empty() { value.to_owned() } else { format!("{value} {rest}") };
        return (name.to_owned(), Some(("=", value)));
    }
    let short = first.starts_with('+') || (first.starts_with('-') && !first.starts_with("--"));
    if short && first.len() > 2 {
        let value = if rest.is_empty() { first[2..].to_owned() } else { format!("{} {rest}", &first[2..]) };
        return (first[..2].to_owned(), Some(("", value)));
    }
    (first.to_owned(), (!rest.is_empty()).then_some((" ", rest)))
}

impl<'a> Parser<'a> {
    pub(super) fn option_list(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize) {
        let list = self.create_at(Kind::OptionList, lines.here());
        let Some(finish) = self.option_list_item(lines, list, end) else { return };
        self.doc.append(parent, list);
        let finish = self.more_items(lines, list, finish, |parser, lines, start| match start {
            Start::Option(end) => parser.option_list_item(lines, list, end),
            _ => None,
        });
        if !finish {
            self.unindent_warning("Option list", lines, parent);
        }
    }

    /// One item; none, and nothing read, when no description follows.
    fn option_list_item(&mut self, lines: &mut Lines<'a>, list: NodeId, end: usize) -> Option<bool> {
        let start = lines.at;
        let marker = &lines.get(start)?[..end];
        let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
        if taken.lines.is_empty() {
            lines.at = start;
            return None;
        }
        let item = self.doc.add(list, Kind::OptionListItem);
        let group = self.doc.add(item, Kind::OptionGroup);
        for (name, argument) in options(marker.trim_end()) {
            let option = self.doc.add(group, Kind::Option);
            self.doc.add_with_text(option, Kind::OptionString, &name);
            if let Some((delimiter, text)) = argument {
                let argument = self.doc.add_with_text(option, Kind::OptionArgument, &text);
                self.doc.set(argument, "delimiter", delimiter);
            }
        }
        let description = self.doc.add(item, Kind::Description);
        self.nested(taken.lines, taken.place, description);
        Some(taken.blank_finish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_fall_into_name_and_argument() {
        for (marker, expected) in [
            ("-a", vec![("-a", None)]),
            ("-ab", vec![("-a", Some(("", "b")))]),
            ("-a <b c>", vec![("-a", Some((" ", "<b c>")))]),
            ("--all=b, -c", vec![("--all", Some(("=", "b"))), ("-c", None)]),
            ("/V", vec![("/V", None)]),
        ] {
            let got = options(marker);
            let got: Vec<_> =
                got.iter().map(|(n, a)| (n.as_str(), a.as_ref().map(|(d, t)| (*d, t.as_str())))).collect();
            assert_eq!(got, expected, "{marker}");
        }
    }
}
