//! Ranges of times and numbers that a filter asks for. Pure.

use chrono::{DateTime, Utc};

use crate::filter::range;
use crate::kind::{self, Kind, Value};

/// The two ends of a range, either of which may be open.
pub(super) type Ends<T> = (Option<T>, Option<T>);

/// The ends of a range of times; the second is exclusive. A day, a month or a minute stands for all of it.
pub(super) fn times(text: &str, now: DateTime<Utc>) -> Option<Ends<DateTime<Utc>>> {
    let (from, to) = range(text);
    let (start, end) = (from.map(|t| kind::date(t, now)), to.map(|t| kind::date(t, now)));
    if start == Some(None) || end == Some(None) {
        return None;
    }
    let span = to.map_or(chrono::Duration::zero(), |t| match t.trim() {
        t if t.starts_with(['-', '+', '.']) => chrono::Duration::milliseconds(1),
        t if t.len() <= 7 => chrono::Duration::days(31),
        t if t.len() <= 10 => chrono::Duration::days(1),
        _ => chrono::Duration::minutes(1),
    });
    // `-2w` alone means since then.
    if from == to && from.is_some_and(|t| t.trim().starts_with('-')) {
        return Some((start.flatten(), None));
    }
    Some((start.flatten(), end.flatten().map(|at| at + span)))
}

/// A time as `tracker_value` keeps it.
pub(super) fn millis(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64
}

/// The ends of a range of numbers, both inclusive.
pub(super) fn amounts(kind: Kind, text: &str, now: DateTime<Utc>) -> Option<Ends<f64>> {
    let number = |text: &str| match kind::parse_plain(kind, text, now).ok()? {
        Value::Number(number) => Some(number),
        Value::Boolean(yes) => Some(f64::from(u8::from(yes))),
        Value::Interval(span) => Some(span.seconds()),
        _ => None,
    };
    let (from, to) = range(text);
    let (from, to) = (from.map(number), to.map(number));
    if from == Some(None) || to == Some(None) { None } else { Some((from.flatten(), to.flatten())) }
}
