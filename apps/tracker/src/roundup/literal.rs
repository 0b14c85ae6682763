//! Python literals, as Roundup writes each cell: strings are the `repr` of their UTF-8 bytes. Pure.

/// A Python literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Literal>),
    Tuple(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a literal; the error says what is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let literal = reader.literal()?;
        reader.blanks();
        if reader.at < text.len() { Err(format!("more than one value in {}", shortened(text))) } else { Ok(literal) }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an id, which Roundup writes as a string; old ones as `12L`.
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.trim_end_matches('L').parse().ok(),
            Self::Int(id) => Some(*id),
            _ => None,
        }
    }

    /// The ids of a multilink.
    pub fn ids(&self) -> Vec<i64> {
        match self {
            Self::List(items) | Self::Tuple(items) => items.iter().filter_map(Self::id).collect(),
            _ => vec![],
        }
    }

    /// A time `(2026, 11, 21, 7, 50, 6.183, 0, 0, 0)` as milliseconds since 1970.
    pub fn millis(&self) -> Option<i64> {
        let Self::Tuple(parts) = self else { return None };
        let whole = |at: usize| match parts.get(at)? {
            Self::Int(n) => u32::try_from(*n).ok(),
            Self::Float(n) if *n >= 0.0 => Some(*n as u32),
            _ => None,
        };
        let seconds = match parts.get(5)? {
            Self::Int(n) => *n as f64,
            Self::Float(n) => *n,
            _ => return None,
        };
        let day = chrono::NaiveDate::from_ymd_opt(i32::try_from(whole(0)?).ok()?, whole(1)?, whole(2)?)?;
        let minute = day.and_hms_opt(whole(3)?, whole(4)?, 0)?.and_utc().timestamp_millis();
        (0.0..62.0).contains(&seconds).then(|| minute + (seconds * 1000.0).round() as i64)
    }

    /// The literal of a time in milliseconds since 1970.
    pub fn of_millis(millis: i64) -> Self {
        use chrono::{Datelike, Timelike};
        let Some(at) = chrono::DateTime::from_timestamp_millis(millis) else { return Self::None };
        let seconds = f64::from(at.second()) + f64::from(at.timestamp_subsec_millis()) / 1000.0;
        let int = |n: u32| Self::Int(i64::from(n));
        Self::Tuple(vec![
            Self::Int(i64::from(at.year())),
            int(at.month()),
            int(at.day()),
            int(at.hour()),
            int(at.minute()),
            Self::Float(seconds),
            Self::Int(0),
            Self::Int(0),
            Self::Int(0),
        ])
    }

    /// The literal of an id.
    pub fn of_id(id: i64) -> Self {
        Self::Text(id.to_string())
    }
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let join = |f: &mut std::fmt::Formatter<'_>, items: &[Literal]| {
            for (at, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
            }
            Ok(())
        };
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Float(n) => write!(f, "{n:?}"),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_str("[")?;
                join(f, items)?;
                f.write_str("]")
            }
            Self::Tuple(items) => {
                f.write_str("(")?;
                join(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Self::Dict(pairs) => {
                f.write_str("{")?;
                for (at, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_text(f: &mut std::fmt::Formatter<'_>, text: &str) -> std::fmt::Result {
    use std::fmt::Write;
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    f.write_char(quote)?;
    for byte in text.bytes() {
        match byte {
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            byte if char::from(byte) == quote => write!(f, "\\{quote}")?,
            0x20..=0x7e => f.write_char(char::from(byte))?,
            byte => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_char(quote)
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Nesting beyond which a literal is not read.
const DEEPEST: usize = 20;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let here = self.text[self.at..].starts_with(word);
        if here {
            self.at += word.len();
        }
        here
    }

    fn literal(&mut self) -> Result<Literal, String> {
        self.blanks();
        match self.peek() {
            Some(b'\'' | b'"') => self.string(),
            Some(b'u' | b'b') if matches!(self.text.as_bytes().get(self.at + 1), Some(b'\'' | b'"')) => {
                self.at += 1;
                self.string()
            }
            Some(b'[') => self.items(b']').map(|(items, _)| Literal::List(items)),
            Some(b'(') => self.items(b')').map(|(mut items, comma)| match items.pop() {
                Some(only) if items.is_empty() && !comma => only,
                Some(last) => {
                    items.push(last);
                    Literal::Tuple(items)
                }
                None => Literal::Tuple(vec![]),
            }),
            Some(b'{') => self.dict(),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => self.number(),
            _ if self.take("None") => Ok(Literal::None),
            _ if self.take("True") => Ok(Literal::Bool(true)),
            _ if self.take("False") => Ok(Literal::Bool(false)),
            _ => Err(format!("no Python value in {}", shortened(self.text))),
        }
    }

    fn items(&mut self, close: u8) -> Result<(Vec<Literal>, bool), String> {
        self.enter()?;
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            self.blanks();
            if self.peek() == Some(close) {
                self.at += 1;
                self.depth -= 1;
                return Ok((items, comma));
            }
            items.push(self.literal()?);
            self.blanks();
            comma = self.take(",");
            if !comma && self.peek() != Some(close) {
                return Err(format!("an open bracket in {}", shortened(self.text)));
            }
        }
    }

    fn dict(&mut self) -> Result<Literal, String> {
        self.enter()?;
        let mut pairs = Vec::new();
        loop {
            self.blanks();
            if self.take("}") {
                self.depth -= 1;
                return Ok(Literal::Dict(pairs));
            }
            let key = self.literal()?;
            self.blanks();
            if !self.take(":") {
                return Err(format!("no colon in {}", shortened(self.text)));
            }
            pairs.push((key, self.literal()?));
            self.blanks();
            if !self.take(",") && self.peek() != Some(b'}') {
                return Err(format!("an open brace in {}", shortened(self.text)));
            }
        }
    }

    fn enter(&mut self) -> Result<(), String> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST { Err("values nested too deeply".into()) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Literal, String> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        self.take("L");
        if let Ok(n) = word.parse::<i64>() {
            return Ok(Literal::Int(n));
        }
        word.parse::<f64>().map(Literal::Float).map_err(|_| format!("{word} is no number"))
    }

    fn string(&mut self) -> Result<Literal, String> {
        let quote = self.peek().unwrap_or(b'\'');
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let Some(byte) = self.peek() else { return Err(format!("an open string in {}", shortened(self.text))) };
            self.at += 1;
            match byte {
                byte if byte == quote => break,
                b'\\' => self.escape(&mut bytes)?,
                byte => bytes.push(byte),
            }
        }
        // What is not UTF-8 came from a tracker that never said its charset.
        Ok(Literal::Text(
            String::from_utf8(bytes)
                .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect()),
        ))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), String> {
        let Some(byte) = self.peek() else { return Err("an open escape".into()) };
        self.at += 1;
        let plain = match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'v' => 11,
            b'0' => 0,
            b'x' => return self.code(2, bytes, false),
            b'u' => return self.code(4, bytes, true),
            b'U' => return self.code(8, bytes, true),
            other => other,
        };
        bytes.push(plain);
        Ok(())
    }

    fn code(&mut self, digits: usize, bytes: &mut Vec<u8>, is_character: bool) -> Result<(), String> {
        let word = self.text.get(self.at..self.at + digits).ok_or("a short escape")?;
        let code = u32::from_str_radix(word, 16).map_err(|_| format!("\\x{word} is no character"))?;
        self.at += digits;
        if is_character {
            let c = char::from_u32(code).ok_or_else(|| format!("{code} is no character"))?;
            bytes.extend(c.to_string().bytes());
        } else {
            bytes.push(code as u8);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_read_and_written_the_same() {
        for cell in [
            "None",
            "True",
            "3.0",
            "12",
            "'joe'",
            "'Joe \\xc3\\x9c Bloggs'",
            "\"it's\"",
            "'a \"b\" and \\'c\\''",
            "[]",
            "['1', '2']",
            "(2026, 11, 21, 7, 50, 6.183, 0, 0, 0)",
            "{}",
            "'line\\nbreak \\\\ back'",
            "{'messages': (('+', ['3']),), 'status': '1', 'title': 'GC crash'}",
            "('issue', '2', 'superseder')",
            "-1.5",
        ] {
            let literal = Literal::read(cell).expect(cell);
            assert_eq!(literal.to_string(), cell);
        }
        assert_eq!(Literal::read("'Joe \\xc3\\x9c'"), Ok(Literal::Text("Joe Ü".into())));
        assert_eq!(Literal::read("u'\\u00fc'"), Ok(Literal::Text("ü".into())));
        assert_eq!(Literal::read("'5002L'").ok().and_then(|literal| literal.id()), Some(5002));
        for broken in ["", "'open", "[1", "{1 2}", "nonsense", "1 2", "'\\x'", "(((((((((((((((((((((((((((("] {
            assert!(Literal::read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn times_come_back() {
        let cell = "(2026, 11, 21, 7, 50, 6.19, 0, 0, 0)";
        let millis = Literal::read(cell).ok().and_then(|literal| literal.millis());
        assert_eq!(millis, Some(1_795_247_406_190));
        assert_eq!(Literal::of_millis(1_795_247_406_190).to_string(), cell);
        assert_eq!(Literal::of_millis(0).to_string(), "(1970, 1, 1, 0, 0, 0.0, 0, 0, 0)");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,40}|[\\x00-\\x7f]{0,20}") {
            let written = Literal::Text(text.clone()).to_string();
            prop_assert!(written.is_ascii());
            prop_assert_eq!(Literal::read(&written), Ok(Literal::Text(text)));
        }

        #[test]
        fn no_cell_upsets_the_reader(cell in "[\\[\\](){}'\"\\\\xuU0-9a-fL,: .-]{0,40}") {
            let _ = Literal::read(&cell);
        }
    }
}
