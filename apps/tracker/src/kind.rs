//! The kinds of properties, and their values as people and databases write them. Pure.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    Date,
    Interval,
    /// One row of another class, or one person.
    Link,
    /// Any number of them.
    Multilink,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::Date,
        Self::Interval,
        Self::Link,
        Self::Multilink,
    ];

    /// The word under which the kind is stored, as Roundup's schema files name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Integer => "Integer",
            Self::Number => "Number",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::Interval => "Interval",
            Self::Link => "Link",
            Self::Multilink => "Multilink",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The value of one property.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Boolean(bool),
    /// Milliseconds since 1970, UTC.
    Date(i64),
    Interval(Interval),
    /// The number of the target; of a person the participant.
    Link(i64),
    /// Sorted, each once.
    Links(Vec<i64>),
}

impl Value {
    /// Links in order, each once; none is [`Value::Empty`].
    pub fn links(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() { Self::Empty } else { Self::Links(ids) }
    }

    /// The linked ids of a link or a multilink.
    pub fn ids(&self) -> &[i64] {
        match self {
            Self::Link(id) => std::slice::from_ref(id),
            Self::Links(ids) => ids,
            _ => &[],
        }
    }

    /// The value as the history keeps it; empty for no value.
    pub fn stored(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(yes) => {
                if *yes {
                    "1".into()
                } else {
                    "0".into()
                }
            }
            Self::Date(millis) => millis.to_string(),
            Self::Interval(interval) => interval.to_string(),
            Self::Link(id) => id.to_string(),
            Self::Links(ids) => ids.iter().map(i64::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// Reads what [`Value::stored`] wrote for a property of this kind.
    pub fn from_stored(kind: Kind, text: &str) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        let value = match kind {
            Kind::Text => Some(Self::Text(text.to_owned())),
            Kind::Integer | Kind::Number => text.parse().ok().map(Self::Number),
            Kind::Boolean => Some(Self::Boolean(text == "1")),
            Kind::Date => text.parse().ok().map(Self::Date),
            Kind::Interval => Interval::parse(text).map(Self::Interval),
            Kind::Link => text.parse().ok().map(Self::Link),
            Kind::Multilink => Some(Self::links(text.split(',').filter_map(|id| id.parse().ok()).collect())),
        };
        value.unwrap_or_default()
    }

    /// What people read, for a value that links to nothing.
    pub fn shown(&self) -> String {
        match self {
            Self::Boolean(yes) => {
                if *yes {
                    "yes".into()
                } else {
                    "no".into()
                }
            }
            Self::Date(millis) => shown_date(*millis),
            other => other.stored(),
        }
    }
}

fn shown_date(millis: i64) -> String {
    match DateTime::from_timestamp_millis(millis) {
        Some(at) if at.time() == NaiveTime::MIN => at.format("%Y-%m-%d").to_string(),
        Some(at) => at.format("%Y-%m-%d %H:%M").to_string(),
        None => String::new(),
    }
}

/// Reads a value that links to nothing from what a person typed; the error is a sentence's end: "is not a number".
pub fn parse_plain(kind: Kind, text: &str, now: DateTime<Utc>) -> Result<Value, &'static str> {
    let text = text.trim();
    if text.is_empty() || text == "-1" && kind != Kind::Integer && kind != Kind::Number {
        return Ok(Value::Empty);
    }
    match kind {
        Kind::Text => Ok(Value::Text(text.to_owned())),
        Kind::Integer => text.parse::<i64>().map(|n| Value::Number(n as f64)).map_err(|_| "is not a whole number"),
        Kind::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Number(number)),
            _ => Err("is not a number"),
        },
        Kind::Boolean => match text.to_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Ok(Value::Boolean(true)),
            "no" | "false" | "off" | "0" => Ok(Value::Boolean(false)),
            _ => Err("is neither yes nor no"),
        },
        Kind::Date => date(text, now)
            .map(|at| Value::Date(at.timestamp_millis()))
            .ok_or("is not a date such as 2026-11-21, 2026-11-21 14:03, -2w or +3d"),
        Kind::Interval => {
            Interval::parse(text).map(Value::Interval).ok_or("is not a span of time such as 2w, 3d or 1:30")
        }
        Kind::Link | Kind::Multilink => Err("is a link"),
    }
}

/// Reads a date: `2026-11-21`, `2026-11-21.14:03`, `2026-11-21 14:03:05`, `2026-11`, `.` (now), or a span before or
/// after now: `-2w`, `+3d`. Times are UTC.
pub fn date(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text == "." {
        return Some(now);
    }
    if let Some(span) = text.strip_prefix(['-', '+']) {
        let seconds = Interval::parse(span.trim())?.seconds();
        let span = Duration::try_seconds(seconds as i64)?;
        return if text.starts_with('-') { now.checked_sub_signed(span) } else { now.checked_add_signed(span) };
    }
    let joined = text.replacen(['.', 'T'], " ", 1);
    let joined = joined.trim_end_matches('Z').trim();
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(joined, form) {
            return Some(at.and_utc());
        }
    }
    let day = NaiveDate::parse_from_str(joined, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(&format!("{joined}-01"), "%Y-%m-%d"))
        .ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// A span of time as Roundup keeps it: years, months and days beside hours, minutes and seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    pub negative: bool,
    /// Years, months, days, hours, minutes.
    pub parts: [i64; 5],
    pub seconds: f64,
}

impl Interval {
    /// Reads `2y`, `1m`, `2w 3d`, `1:30`, `3d 1:30:05`; a minus before it makes it negative.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut interval = Self { negative, ..Self::default() };
        let mut found = false;
        let mut digits = String::new();
        let mut rest = rest.trim();
        while let Some(c) = rest.chars().next() {
            if c == ':' || (digits.is_empty() && rest.contains(':') && clock(rest).is_some()) {
                let (hours, minutes, seconds) = clock(&format!("{digits}{rest}"))?;
                interval.parts[3] = hours;
                interval.parts[4] = minutes;
                interval.seconds = seconds;
                return Some(interval);
            }
            rest = &rest[c.len_utf8()..];
            match c {
                '0'..='9' if digits.len() < 6 => digits.push(c),
                ' ' if digits.is_empty() => {}
                _ => {
                    let n: i64 = digits.parse().ok()?;
                    digits.clear();
                    found = true;
                    match c.to_ascii_lowercase() {
                        'y' => interval.parts[0] += n,
                        'm' => interval.parts[1] += n,
                        'w' => interval.parts[2] += n * 7,
                        'd' => interval.parts[2] += n,
                        'h' => interval.parts[3] += n,
                        _ => return None,
                    }
                }
            }
        }
        (found && digits.is_empty()).then_some(interval)
    }

    /// About how long it is; a month counts 30 days and a year 365.
    pub fn seconds(&self) -> f64 {
        let [years, months, days, hours, minutes] = self.parts.map(|part| part as f64);
        let days = years * 365.0 + months * 30.0 + days;
        let seconds = ((days * 24.0 + hours) * 60.0 + minutes) * 60.0 + self.seconds;
        if self.negative { -seconds } else { seconds }
    }
}

fn clock(text: &str) -> Option<(i64, i64, f64)> {
    let mut parts = text.split(':');
    let hours = parts.next()?.trim().parse::<u32>().ok()?;
    let minutes = parts.next()?.trim().parse::<u32>().ok()?;
    let seconds = match parts.next() {
        Some(seconds) => seconds.trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0)?,
        None => 0.0,
    };
    parts.next().is_none().then_some((i64::from(hours), i64::from(minutes), seconds))
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words: Vec<String> = self.parts[..3]
            .iter()
            .zip(["y", "m", "d"])
            .filter(|(n, _)| **n != 0)
            .map(|(n, unit)| format!("{n}{unit}"))
            .collect();
        if self.parts[3] != 0 || self.parts[4] != 0 || self.seconds != 0.0 {
            let seconds = if self.seconds == 0.0 { String::new() } else { format!(":{:02}", self.seconds) };
            words.push(format!("{}:{:02}{seconds}", self.parts[3], self.parts[4]));
        }
        if words.is_empty() {
            words.push("0d".into());
        }
        write!(f, "{}{}", if self.negative { "- " } else { "" }, words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn dates_are_read_as_roundup_reads_them() {
        for (text, read) in [
            ("2026-11-21", "2026-11-21T00:00:00Z"),
            ("2026-11-21.14:03", "2026-11-21T14:03:00Z"),
            ("2026-11-21T14:03:05Z", "2026-11-21T14:03:05Z"),
            ("2026-11", "2026-11-01T00:00:00Z"),
            (".", "2026-11-21T12:00:00Z"),
            ("-2w", "2026-11-07T12:00:00Z"),
            ("+ 3d", "2026-11-24T12:00:00Z"),
        ] {
            assert_eq!(date(text, now()).map(|at| at.to_rfc3339()), Some(read.replace('Z', "+00:00")), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "12", "-x"] {
            assert_eq!(date(text, now()), None, "{text}");
        }
    }

    #[test]
    fn values_are_read_and_written() {
        for (kind, typed, shown) in [
            (Kind::Number, "2.50", "2.5"),
            (Kind::Integer, "-1", "-1"),
            (Kind::Boolean, "Yes", "yes"),
            (Kind::Date, "2026-11-21 14:03", "2026-11-21 14:03"),
            (Kind::Interval, "2w 1:30", "14d 1:30"),
            (Kind::Text, "  a b ", "a b"),
            (Kind::Date, "", ""),
        ] {
            let value = parse_plain(kind, typed, now()).expect(typed);
            assert_eq!(value.shown(), shown);
            assert_eq!(Value::from_stored(kind, &value.stored()), value);
        }
        assert_eq!(parse_plain(Kind::Number, "many", now()), Err("is not a number"));
        assert_eq!(parse_plain(Kind::Integer, "1.5", now()), Err("is not a whole number"));
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_readers(text in "\\PC{0,40}") {
            date(&text, now());
            Interval::parse(&text);
            for kind in Kind::ALL {
                let _ = parse_plain(kind, &text, now());
                Value::from_stored(kind, &text);
            }
        }

        #[test]
        fn spans_come_back(days in 0_i64..5000, hours in 0_i64..24, minutes in 0_i64..60) {
            let interval = Interval { negative: false, parts: [0, 0, days, hours, minutes], seconds: 0.0 };
            prop_assert_eq!(Interval::parse(&interval.to_string()), Some(interval));
        }
    }
}
