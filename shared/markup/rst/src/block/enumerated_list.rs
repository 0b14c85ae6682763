//! Enumerated lists (reStructuredText specification, "Enumerated Lists").

use super::{Start, marker_end};
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::Lines;
use crate::parser::Parser;

/// The signs around an enumerator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Parens,
    RightParen,
    Period,
}

impl Format {
    fn signs(self) -> (&'static str, &'static str) {
        match self {
            Format::Parens => ("(", ")"),
            Format::RightParen => ("", ")"),
            Format::Period => ("", "."),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sequence {
    Arabic,
    LowerAlpha,
    UpperAlpha,
    LowerRoman,
    UpperRoman,
    Auto,
}

impl Sequence {
    const ORDER: [Sequence; 5] =
        [Sequence::Arabic, Sequence::LowerAlpha, Sequence::UpperAlpha, Sequence::LowerRoman, Sequence::UpperRoman];

    fn name(self) -> &'static str {
        match self {
            Sequence::Arabic | Sequence::Auto => "arabic",
            Sequence::LowerAlpha => "loweralpha",
            Sequence::UpperAlpha => "upperalpha",
            Sequence::LowerRoman => "lowerroman",
            Sequence::UpperRoman => "upperroman",
        }
    }

    fn fits(self, text: &str) -> bool {
        let roman = |c: char| "ivxlcdm".contains(c.to_ascii_lowercase());
        match self {
            Sequence::Arabic => text.bytes().all(|b| b.is_ascii_digit()),
            Sequence::LowerAlpha => text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase()),
            Sequence::UpperAlpha => text.len() == 1 && text.bytes().all(|b| b.is_ascii_uppercase()),
            Sequence::LowerRoman => text.chars().all(|c| c.is_ascii_lowercase() && roman(c)),
            Sequence::UpperRoman => text.chars().all(|c| c.is_ascii_uppercase() && roman(c)),
            Sequence::Auto => text == "#",
        }
    }

    fn ordinal(self, text: &str) -> Option<i64> {
        match self {
            Sequence::Arabic => text.parse().ok(),
            Sequence::LowerAlpha => text.bytes().next().map(|b| i64::from(b - b'a') + 1),
            Sequence::UpperAlpha => text.bytes().next().map(|b| i64::from(b - b'A') + 1),
            Sequence::LowerRoman | Sequence::UpperRoman => from_roman(&text.to_ascii_uppercase()),
            Sequence::Auto => Some(1),
        }
    }

    /// The enumerator of a number; none when there is none.
    fn text(self, ordinal: i64) -> Option<String> {
        match self {
            Sequence::Arabic => Some(ordinal.to_string()),
            Sequence::Auto => Some("#".to_owned()),
            Sequence::LowerAlpha | Sequence::UpperAlpha => {
                let letter = u8::try_from(ordinal).ok().filter(|n| (1..=26).contains(n))? - 1 + b'a';
                let letter = char::from(letter).to_string();
                Some(if self == Sequence::LowerAlpha { letter } else { letter.to_ascii_uppercase() })
            }
            Sequence::UpperRoman => to_roman(ordinal),
            Sequence::LowerRoman => to_roman(ordinal).map(|roman| roman.to_ascii_lowercase()),
        }
    }
}

const ROMAN: [(i64, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

/// A number from 1 to 4999 in Roman numerals.
pub(crate) fn to_roman(number: i64) -> Option<String> {
    let mut left = Some(number).filter(|n| (1..5000).contains(n))?;
    let mut out = String::new();
    for (value, sign) in ROMAN {
        while left >= value {
            out.push_str(sign);
            left -= value;
        }
    }
    Some(out)
}

fn from_roman(text: &str) -> Option<i64> {
    let (mut rest, mut number) = (text, 0);
    for (value, sign) in ROMAN {
        while let Some(after) = rest.strip_prefix(sign) {
            number += value;
            rest = after;
        }
    }
    (rest.is_empty() && to_roman(number).as_deref() == Some(text)).then_some(number)
}

/// An enumerator as it was read.
struct Enumerator<'t> {
    format: Format,
    sequence: Sequence,
    text: &'t str,
    ordinal: Option<i64>,
}

/// The bytes of an enumerator and the space after it.
pub(crate) fn marker(line: &str) -> Option<usize> {
    let (_, _, length) = scan(line)?;
    marker_end(line, length)
}

fn scan(line: &str) -> Option<(Format, &str, usize)> {
    let (open, rest) = line.strip_prefix('(').map_or((0, line), |rest| (1, rest));
    let length = match rest.as_bytes().first()? {
        b'#' => 1,
        b'0'..=b'9' => rest.bytes().take_while(u8::is_ascii_digit).count(),
        b'a'..=b'z' => rest.bytes().take_while(u8::is_ascii_lowercase).count(),
        b'A'..=b'Z' => rest.bytes().take_while(u8::is_ascii_uppercase).count(),
        _ => return None,
    };
    let text = &rest[..length];
    if !Sequence::ORDER.iter().any(|s| s.fits(text)) && text != "#" {
        return None;
    }
    let format = match (open, rest.as_bytes().get(length)?) {
        (1, b')') => Format::Parens,
        (0, b')') => Format::RightParen,
        (0, b'.') => Format::Period,
        _ => return None,
    };
    Some((format, text, open + length + 1))
}

fn read(line: &str, expected: Option<Sequence>) -> Option<Enumerator<'_>> {
    let (format, text, _) = scan(line)?;
    let sequence = match (text, expected) {
        ("#", _) => Sequence::Auto,
        (_, Some(sequence)) if sequence.fits(text) => sequence,
        ("i", None) => Sequence::LowerRoman,
        ("I", None) => Sequence::UpperRoman,
        _ => Sequence::ORDER.into_iter().find(|s| s.fits(text))?,
    };
    Some(Enumerator { format, sequence, text, ordinal: sequence.ordinal(text) })
}

/// An item must be followed by a blank line, an indented one, the next enumerator or an automatic one.
fn is_item(found: &Enumerator<'_>, next: Option<&str>) -> bool {
    let Some(ordinal) = found.ordinal else { return false };
    let Some(next) = next.filter(|line| !line.is_empty() && !line.starts_with(' ')) else { return true };
    let (prefix, suffix) = found.format.signs();
    let Some(text) = ordinal.checked_add(1).and_then(|next| found.sequence.text(next)) else { return false };
    next.starts_with(&format!("{prefix}{text}{suffix} ")) || next.starts_with(&format!("{prefix}#{suffix} "))
}

impl<'a> Parser<'a> {
    pub(super) fn enumerated_list(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize) {
        let Some(first) = lines.get(lines.at).and_then(|line| read(line, None)) else { return };
        if !is_item(&first, lines.get(lines.at + 1)) {
            return;
        }
        let list = self.create_at(Kind::EnumeratedList, lines.here());
        self.doc.append(parent, list);
        let (prefix, suffix) = first.format.signs();
        self.doc.set(list, "enumtype", first.sequence.name());
        self.doc.set(list, "prefix", prefix);
        self.doc.set(list, "suffix", suffix);
        let mut last = first.ordinal.unwrap_or(1);
        if last != 1 {
            self.doc.set(list, "start", last);
            let text = format!("Enumerated list start value not ordinal-1: \"{}\" (ordinal {last})", first.text);
            let message = self.report(Level::Info, &text, lines.here());
            self.doc.append(parent, message);
        }
        let format = first.format;
        let expected = if first.sequence == Sequence::Auto { Sequence::Arabic } else { first.sequence };
        let mut auto = first.sequence == Sequence::Auto;
        let finish = self.list_item(lines, list, end);
        let finish = self.more_items(lines, list, finish, |parser, lines, start| {
            let Start::Enumerator(end) = start else { return None };
            let found = read(lines.get(lines.at)?, Some(expected))?;
            let continues = found.sequence == Sequence::Auto
                || (found.sequence == expected && !auto && found.ordinal == last.checked_add(1));
            if found.format != format || !continues || !is_item(&found, lines.get(lines.at + 1)) {
                return None;
            }
            auto |= found.sequence == Sequence::Auto;
            last = found.ordinal.unwrap_or(1);
            Some(parser.list_item(lines, list, end))
        });
        if !finish {
            self.unindent_warning("Enumerated list", lines, parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numerals_go_both_ways() {
        for (number, text) in [(1, "I"), (4, "IV"), (9, "IX"), (1994, "MCMXCIV"), (4999, "MMMMCMXCIX")] {
            assert_eq!(to_roman(number).as_deref(), Some(text));
            assert_eq!(from_roman(text), Some(number));
        }
        for wrong in ["IIII", "VX", "IC", ""] {
            assert_eq!(from_roman(wrong), None, "{wrong}");
        }
        assert_eq!(to_roman(5000), None);
    }

    #[test]
    fn enumerators_are_told_from_text() {
        for (line, sequence) in [
            ("i. a", Some(Sequence::LowerRoman)),
            ("c) a", Some(Sequence::LowerAlpha)),
            ("mix. a", Some(Sequence::LowerRoman)),
            ("word. a", None),
        ] {
            assert_eq!(read(line, None).map(|e| e.sequence), sequence, "{line}");
        }
    }
}
