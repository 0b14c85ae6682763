//! One value of a row, from and to JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{DbBackend, DbErr, QueryResult, Value};
use serde_json::Value as Json;

use super::schema::{Column, Kind};

/// The value in place `index` of a row.
pub(super) fn read(row: &QueryResult, index: usize, kind: Kind, backend: DbBackend) -> Result<Json, DbErr> {
    Ok(match kind {
        // SQLite has one width of numbers: a column is what it is declared, and holds more.
        Kind::Whole => row.try_get_by_index::<Option<i64>>(index)?.into(),
        Kind::Small if backend == DbBackend::Sqlite => row.try_get_by_index::<Option<i64>>(index)?.into(),
        Kind::Small => row.try_get_by_index::<Option<i32>>(index)?.into(),
        Kind::Real => row.try_get_by_index::<Option<f64>>(index)?.into(),
        Kind::YesNo => row.try_get_by_index::<Option<bool>>(index)?.into(),
        Kind::Text => row.try_get_by_index::<Option<String>>(index)?.into(),
        Kind::Time => row
            .try_get_by_index::<Option<DateTime<Utc>>>(index)?
            .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            .into(),
        Kind::Day => row.try_get_by_index::<Option<NaiveDate>>(index)?.map(|day| day.to_string()).into(),
        Kind::Bytes => row.try_get_by_index::<Option<Vec<u8>>>(index)?.map(|bytes| STANDARD.encode(bytes)).into(),
        Kind::Json => row.try_get_by_index::<Option<Json>>(index)?.map(|json| json.to_string()).into(),
        Kind::Uuid => row.try_get_by_index::<Option<uuid::Uuid>>(index)?.map(|uuid| uuid.to_string()).into(),
    })
}

/// The value as the database takes it; the error is a sentence without its end.
pub(super) fn write(json: &Json, column: &Column, backend: DbBackend) -> Result<Value, String> {
    let wrong = || format!("the column {} cannot hold {json}", column.name);
    let number = || json.as_i64().map(Some).or_else(|| json.is_null().then_some(None)).ok_or_else(wrong);
    let text = || match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.as_str())),
        _ => Err(wrong()),
    };
    Ok(match column.kind {
        Kind::Whole => Value::BigInt(number()?),
        Kind::Small if backend == DbBackend::Sqlite => Value::BigInt(number()?),
        Kind::Small => Value::Int(number()?.map(i32::try_from).transpose().map_err(|_| wrong())?),
        Kind::Real if json.is_null() => Value::Double(None),
        Kind::Real => Value::Double(Some(json.as_f64().ok_or_else(wrong)?)),
        Kind::YesNo if json.is_null() => Value::Bool(None),
        Kind::YesNo => Value::Bool(Some(json.as_bool().ok_or_else(wrong)?)),
        Kind::Text => Value::String(text()?.map(|text| without_nul(text, backend))),
        Kind::Time => Value::ChronoDateTimeUtc(
            text()?.map(|text| text.parse::<DateTime<Utc>>()).transpose().map_err(|_| wrong())?,
        ),
        Kind::Day => Value::ChronoDate(text()?.map(|text| text.parse::<NaiveDate>()).transpose().map_err(|_| wrong())?),
        Kind::Bytes => Value::Bytes(text()?.map(|text| STANDARD.decode(text)).transpose().map_err(|_| wrong())?),
        Kind::Json => {
            Value::Json(text()?.map(serde_json::from_str::<Json>).transpose().map_err(|_| wrong())?.map(Box::new))
        }
        Kind::Uuid => Value::Uuid(text()?.map(uuid::Uuid::parse_str).transpose().map_err(|_| wrong())?),
    })
}

/// PostgreSQL holds no NUL in a text.
fn without_nul(text: &str, backend: DbBackend) -> String {
    if backend == DbBackend::Postgres && text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_told() {
        let column = |kind| Column { name: "at".into(), kind };
        for (kind, json) in [
            (Kind::Time, json!("yesterday")),
            (Kind::Whole, json!("12")),
            (Kind::YesNo, json!(1)),
            (Kind::Bytes, json!("!")),
            (Kind::Text, json!(["a"])),
        ] {
            let told = write(&json, &column(kind), DbBackend::Sqlite).expect_err("it does not fit");
            assert!(told.starts_with("the column at cannot hold"), "{told}");
        }
        let kept = write(&json!("a\0b"), &column(Kind::Text), DbBackend::Postgres).expect("text");
        assert_eq!(kept, Value::String(Some("a\u{fffd}b".into())));
        assert_eq!(write(&Json::Null, &column(Kind::Time), DbBackend::Sqlite), Ok(Value::ChronoDateTimeUtc(None)));
    }
}
