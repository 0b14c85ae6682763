//! Values on their way into SQLite and out of it, in the forms in which sqlx keeps them: times as RFC 3339 with `+00:00`,
//! days as `2026-11-21`, truths as 0 and 1.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{ToSql, types};
use sea_orm::Value;

/// What a column holds. SQLite itself only knows numbers, texts and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Truth,
    Time,
    Day,
    /// As it is: a number of 64 bits, a number with a point, a text, bytes.
    Plain,
    /// The same of a column that no table has.
    Computed,
}

impl Kind {
    /// What a column of a table holds, by its declaration as sea-query writes it.
    pub fn declared(declaration: &str) -> Self {
        match declaration {
            "boolean" => Self::Truth,
            "timestamp_with_timezone_text" => Self::Time,
            "date_text" => Self::Day,
            _ => Self::Plain,
        }
    }

    /// What a computed column holds, by its name: `last_at` a time, `is_shown` a truth.
    pub fn computed(name: &str) -> Self {
        if name == "at" || name.ends_with("_at") {
            Self::Time
        } else if name.starts_with("is_") || name.starts_with("has_") {
            Self::Truth
        } else {
            Self::Computed
        }
    }

    /// A value that was read.
    pub fn read(self, value: ValueRef<'_>) -> Result<Value, types::FromSqlError> {
        let invalid = |text: &str| types::FromSqlError::Other(format!("{text} is not of the kind {self:?}").into());
        Ok(match (self, value) {
            (Self::Truth, ValueRef::Integer(number)) => Value::Bool(Some(number != 0)),
            (_, ValueRef::Integer(number)) => Value::BigInt(Some(number)),
            (_, ValueRef::Real(number)) => Value::Double(Some(number)),
            (Self::Time, ValueRef::Text(text)) => {
                let text = std::str::from_utf8(text).map_err(types::FromSqlError::other)?;
                Value::ChronoDateTimeUtc(Some(time(text).ok_or_else(|| invalid(text))?))
            }
            (Self::Day, ValueRef::Text(text)) => {
                let text = std::str::from_utf8(text).map_err(types::FromSqlError::other)?;
                Value::ChronoDate(Some(text.parse().map_err(|_| invalid(text))?))
            }
            (_, ValueRef::Text(text)) => {
                debug_assert!(self != Self::Computed || !is_kept_time(text), "a computed time is named ..._at");
                Value::String(Some(std::str::from_utf8(text).map_err(types::FromSqlError::other)?.to_owned()))
            }
            (_, ValueRef::Blob(bytes)) => Value::Bytes(Some(bytes.to_owned())),
            // Whatever is asked for reads the absence of anything as absent.
            (_, ValueRef::Null) => Value::String(None),
        })
    }
}

/// A time as it is kept, or as SQLite's own functions write it.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let plain =
        ["%F %T%.f", "%FT%T%.f", "%F %R"].iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    plain.map(|time| time.and_utc())
}

/// Whether a text is a time as it is kept.
fn is_kept_time(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.ends_with("+00:00") && time(text).is_some())
}

/// A value to be bound.
pub struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let number = |number: Option<i64>| ToSqlOutput::Owned(number.map_or(Owned::Null, Owned::Integer));
        let real = |number: Option<f64>| ToSqlOutput::Owned(number.map_or(Owned::Null, Owned::Real));
        let text = |text: Option<String>| ToSqlOutput::Owned(text.map_or(Owned::Null, Owned::Text));
        Ok(match self.0 {
            Value::Bool(value) => number(value.map(i64::from)),
            Value::TinyInt(value) => number(value.map(i64::from)),
            Value::SmallInt(value) => number(value.map(i64::from)),
            Value::Int(value) => number(value.map(i64::from)),
            Value::BigInt(value) => number(*value),
            Value::TinyUnsigned(value) => number(value.map(i64::from)),
            Value::SmallUnsigned(value) => number(value.map(i64::from)),
            Value::Unsigned(value) => number(value.map(i64::from)),
            Value::BigUnsigned(value) => match value.map(i64::try_from) {
                Some(Err(error)) => return Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))),
                Some(Ok(value)) => number(Some(value)),
                None => number(None),
            },
            Value::Float(value) => real(value.map(f64::from)),
            Value::Double(value) => real(*value),
            Value::String(Some(value)) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Value::Bytes(Some(value)) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Value::String(None) | Value::Bytes(None) => ToSqlOutput::Owned(Owned::Null),
            Value::Char(value) => text(value.map(String::from)),
            Value::Json(value) => text(value.as_ref().map(|value| value.to_string())),
            Value::ChronoDate(value) => text(value.map(day)),
            Value::ChronoDateTimeUtc(value) => {
                text(value.map(|value| value.to_rfc3339_opts(SecondsFormat::AutoSi, false)))
            }
            Value::Uuid(value) => {
                ToSqlOutput::Owned(value.map_or(Owned::Null, |value| Owned::Blob(value.as_bytes().to_vec())))
            }
            other => {
                let error = format!("no column holds what {other:?} is");
                return Err(rusqlite::Error::ToSqlConversionFailure(error.into()));
            }
        })
    }
}

fn day(day: NaiveDate) -> String {
    day.format("%F").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_as_it_was_kept() {
        for text in
            ["2026-11-21T12:00:00+00:00", "2026-11-21T12:00:00.250+00:00", "2026-11-21T12:00:00.000000001+00:00"]
        {
            let Ok(Value::ChronoDateTimeUtc(Some(read))) = Kind::Time.read(ValueRef::Text(text.as_bytes())) else {
                panic!("{text} is a time");
            };
            let bound = Value::ChronoDateTimeUtc(Some(read));
            let kept = ToSqlOutput::Owned(Owned::Text(text.to_owned()));
            assert_eq!(Bound(&bound).to_sql().expect("a value"), kept, "times are compared as texts");
        }
        assert!(time("2026-11-21 12:00:00").is_some(), "as datetime() writes it");
        assert!(Kind::Time.read(ValueRef::Text(b"yesterday")).is_err());
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(Kind::Plain.read(ValueRef::Text(b"\xff")).is_err());
        assert!(Bound(&Value::BigUnsigned(Some(u64::MAX))).to_sql().is_err());
    }

    #[test]
    fn a_computed_column_says_by_its_name_what_it_holds() {
        assert_eq!(Kind::computed("last_at"), Kind::Time);
        assert_eq!(Kind::computed("is_shown"), Kind::Truth);
        assert_eq!(Kind::computed("at_last"), Kind::Computed);
    }
}
