//! Kinds of directive options and how their texts are read ("Creating reStructuredText Directives",
//! section "Option Conversion Functions").

use crate::block::explicit::hyperlink_target as target;
use crate::doctree::names::make_id;

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Flag,
    Text(String),
    Int(i64),
    List(Vec<String>),
    Numbers(Vec<i64>),
}

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Flag,
    /// Any text, or none.
    Text,
    /// Any text, but some.
    Required,
    Class,
    Int,
    NonNegative,
    Percentage,
    Length,
    LengthOrPercent,
    /// A length, a percentage, a number of pixels, or `image`.
    FigureWidth,
    Choice(&'static [&'static str]),
    /// A choice whose value `none` means nothing.
    Backlinks,
    /// Positive numbers, or one of the words.
    NumbersOr(&'static [&'static str]),
    /// A number, or nothing.
    LineNumbers,
    Path,
    Uri,
    Encoding,
    /// One character, or its code.
    Char,
    /// One character, its code, or the words `tab` and `space`.
    CharOrSpace,
}

const UNITS: &str = "em ex ch rem vw vh vmin vmax cm mm Q in pt pc px";
const MISSING: &str = "argument required but none supplied";

impl Kind {
    /// Reads the text of an option; the error is what docutils says of it.
    pub fn convert(self, text: Option<&str>) -> Result<Value, String> {
        let needed = text.ok_or_else(|| MISSING.to_owned());
        Ok(match self {
            Kind::Flag => match text.filter(|t| !t.trim().is_empty()) {
                Some(text) => return Err(format!("no argument is allowed; \"{text}\" supplied")),
                None => Value::Flag,
            },
            Kind::Text => Value::Text(text.unwrap_or("").to_owned()),
            Kind::Required => Value::Text(needed?.to_owned()),
            Kind::Class => Value::List(class_names(needed?)?),
            Kind::Int => Value::Int(int(text)?),
            Kind::NonNegative => Value::Int(non_negative(text)?),
            Kind::Percentage => Value::Int(non_negative(text.map(|t| t.trim_end_matches([' ', '%'])))?),
            Kind::Length => Value::Text(measure(text, "", true)?),
            Kind::LengthOrPercent => Value::Text(length_or_percent(text, "")?),
            Kind::FigureWidth => Value::Text(figure_width(text)?),
            Kind::Choice(words) => Value::Text(choice(text, words)?),
            Kind::Backlinks => match choice(text, &["top", "entry", "none"])?.as_str() {
                "none" => Value::Flag,
                other => Value::Text(other.to_owned()),
            },
            Kind::NumbersOr(words) => match text {
                Some(text) if words.contains(&text) => Value::Text(text.to_owned()),
                Some(text) => Value::Numbers(numbers(text)?),
                None => return Err("argument of type 'NoneType' is not iterable".to_owned()),
            },
            Kind::LineNumbers => text.map_or(Ok(Value::Flag), |_| int(text).map(Value::Int))?,
            Kind::Path => Value::Text(needed?.lines().map(str::trim).collect()),
            Kind::Uri => Value::Text(target::uri(needed?)),
            Kind::Encoding => match needed? {
                text if encoding_known(text) => Value::Text(text.to_owned()),
                text => return Err(format!("unknown encoding: \"{text}\"")),
            },
            Kind::Char => Value::Text(single_char(needed?)?),
            Kind::CharOrSpace => match needed? {
                "tab" => Value::Text("\t".to_owned()),
                "space" => Value::Text(" ".to_owned()),
                text => Value::Text(single_char(text)?),
            },
        })
    }
}

fn int(text: Option<&str>) -> Result<i64, String> {
    let Some(text) = text else {
        let fault = "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'";
        return Err(fault.to_owned());
    };
    let digits = text.trim();
    let digits = digits.strip_prefix('+').filter(|rest| !rest.starts_with('-')).unwrap_or(digits);
    digits.parse().map_err(|_| format!("invalid literal for int() with base 10: {}", crate::pseudo_xml::repr(text)))
}

fn non_negative(text: Option<&str>) -> Result<i64, String> {
    match int(text)? {
        number if number < 0 => Err("negative value; must be positive or zero".to_owned()),
        number => Ok(number),
    }
}

fn numbers(text: &str) -> Result<Vec<i64>, String> {
    let positive = |text: &str| match int(Some(text))? {
        number if number < 1 => Err("negative or zero value; must be positive".to_owned()),
        number => Ok(number),
    };
    match text.contains(',') {
        true => text.split(',').map(positive).collect(),
        false => text.split_whitespace().map(positive).collect(),
    }
}

/// Class names made of words.
pub(crate) fn class_names(text: &str) -> Result<Vec<String>, String> {
    let class = |word: &str| match make_id(word) {
        id if id.is_empty() => Err(format!("cannot make \"{word}\" into a class name")),
        id => Ok(id),
    };
    text.split_whitespace().map(class).collect()
}

/// A number and its unit, without space between.
fn measure(text: Option<&str>, more: &str, unitless: bool) -> Result<String, String> {
    let text = text.ok_or("expected string or bytes-like object, got 'NoneType'")?;
    let invalid = || format!("\"{text}\" is no valid measure.");
    let digits =
        text.bytes().enumerate().take_while(|(i, b)| b.is_ascii_digit() || *b == b'.' || (*i == 0 && *b == b'-'));
    let end = digits.count();
    let (number, unit) = (&text[..end], text[end..].trim_start_matches(' '));
    let number = match (number.parse::<i64>(), number.parse::<f64>()) {
        (Ok(whole), _) => whole.to_string(),
        (_, Ok(real)) => format!("{real:?}"),
        _ => return Err(invalid()),
    };
    if !unit.chars().all(|c| c.is_ascii_alphabetic() || c == 'µ') && unit != "%" {
        return Err(invalid());
    }
    let known =
        UNITS.split(' ').chain(more.split(' ')).any(|u| u == unit && !u.is_empty()) || (unit.is_empty() && unitless);
    if number.starts_with('-') || !known {
        let mut units: Vec<_> = UNITS.split(' ').collect();
        units.extend(more.split(' ').filter(|u| !u.is_empty()));
        return Err(format!("not a positive number or measure of one of the following units:\n{}", units.join(", ")));
    }
    Ok(format!("{number}{unit}"))
}

fn length_or_percent(text: Option<&str>, default: &str) -> Result<String, String> {
    let fault = match measure(text, "%", false) {
        Ok(length) => return Ok(length),
        Err(fault) => fault,
    };
    match measure(text, "", true) {
        Ok(length) if length.ends_with(|c: char| c.is_ascii_digit()) => Ok(format!("{length}{default}")),
        _ => Err(fault),
    }
}

fn figure_width(text: Option<&str>) -> Result<String, String> {
    match text {
        Some(text) if text.eq_ignore_ascii_case("image") => Ok("image".to_owned()),
        _ => length_or_percent(text, "px"),
    }
}

fn choice(text: Option<&str>, words: &[&str]) -> Result<String, String> {
    let listed = || match words.split_last() {
        Some((last, rest)) => {
            let rest: Vec<_> = rest.iter().map(|word| format!("\"{word}\"")).collect();
            format!("{}, or \"{last}\"", rest.join(", "))
        }
        None => String::new(),
    };
    let text = text.ok_or_else(|| format!("must supply an argument; choose from {}", listed()))?;
    let value = text.to_lowercase().trim().to_owned();
    match words.contains(&value.as_str()) {
        true => Ok(value),
        false => Err(format!("\"{text}\" unknown; choose from {}", listed())),
    }
}

fn encoding_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    matches!(name.as_str(), "utf8" | "utf-8" | "utf-8-sig" | "ascii" | "us-ascii" | "latin1" | "latin-1")
        || [
            "iso-8859-",
            "iso8859-",
            "utf-16",
            "utf-32",
            "utf16",
            "utf32",
            "cp12",
            "cp43",
            "cp85",
            "koi8-",
            "euc-",
            "big5",
            "gb",
            "shift-jis",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The character that a code stands for; other text is taken as it is.
pub(crate) fn unicode_code(text: &str) -> Result<String, String> {
    let char_of = |number: u32| char::from_u32(number).map(String::from);
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        let number: u32 =
            text.parse().map_err(|_| "code too large (Python int too large to convert to C int)".to_owned())?;
        return char_of(number).ok_or_else(|| "chr() arg not in range(0x110000)".to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let hex = lower
        .strip_prefix("&#x")
        .and_then(|rest| rest.strip_suffix(';'))
        .or_else(|| ["0x", "\\x", "x", "u+", "\\u", "u"].iter().find_map(|prefix| lower.strip_prefix(prefix)))
        .filter(|hex| !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let Some(hex) = hex else { return Ok(text.to_owned()) };
    let number = u64::from_str_radix(hex, 16).unwrap_or(u64::MAX);
    if number > u64::from(u32::MAX / 2) {
        return Err("code too large (Python int too large to convert to C int)".to_owned());
    }
    let found = u32::try_from(number).ok().and_then(char_of);
    found.ok_or_else(|| "chr() arg not in range(0x110000)".to_owned())
}

fn single_char(text: &str) -> Result<String, String> {
    let found = unicode_code(text)?;
    match found.chars().nth(1) {
        Some(_) => {
            let shown = crate::pseudo_xml::repr(&found);
            Err(format!("{shown} invalid; must be a single character or a Unicode code"))
        }
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_normalised() {
        for (text, expected) in [
            ("3 pt", Ok("3pt")),
            ("50%", Ok("50%")),
            ("2", Ok("2")),
            ("-1em", Err(())),
            ("1 lightyear", Err(())),
            ("em", Err(())),
        ] {
            assert_eq!(length_or_percent(Some(text), "").as_deref().map_err(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn characters_by_code() {
        for (text, expected) in
            [("U+41", "A"), ("&#x41;", "A"), ("65", "A"), ("0x41", "A"), ("word", "word"), ("u", "u")]
        {
            assert_eq!(unicode_code(text).as_deref(), Ok(expected), "{text}");
        }
    }
}
