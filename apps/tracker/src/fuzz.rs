//! What must hold whatever bytes come: the targets of `ops/fuzz`.

use chrono::DateTime;

use crate::body::{self, Quotes};
use crate::filter::{Filter, Order, range};
use crate::kind::{self, Kind};
use crate::roundup::{csv, literal::Literal};
use crate::subject;

/// The query of a list: what is asked is read, within bounds, and what is not known is told.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let pairs: Vec<(String, String)> = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let known = |name: &str| ["title", "status", "priority", "id", "activity", "nosy"].contains(&name);
    let filter = Filter::read(&pairs, known);
    assert!(filter.size <= 10_000 && filter.page >= 1, "{filter:?}");
    assert!(filter.terms.iter().all(|term| known(&term.property)), "{filter:?}");
    range(&text);
    if let Some(order) = Order::read(&text) {
        assert_eq!(Order::read(&order.written()), Some(order));
    }
}

/// What a mail to the tracker says: its subject, its text, and the values of properties.
pub fn mail(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let read = subject::read(first, &["issue", "bug"]);
    assert!(read.title.len() <= first.len() && read.assignments.len() <= 1 + first.len(), "{read:?}");
    for quotes in [Quotes::Keep, Quotes::Trim] {
        assert!(body::content(rest, quotes).len() <= rest.len() + 1, "text was invented");
    }
    body::summary(rest);
    let now = DateTime::UNIX_EPOCH;
    for word in ["string", "number", "boolean", "date", "interval", "link", "multilink"] {
        if let Some(kind) = Kind::from_word(word) {
            let _ = kind::parse_plain(kind, first, now);
            kind::Value::from_stored(kind, first);
        }
    }
}

/// The files of an export of Roundup.
pub fn export(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut rows = 0;
    for row in csv::rows(&text) {
        rows += 1;
        let _ = row;
    }
    assert!(rows <= text.len() + 1);
    for line in text.lines() {
        if let Ok(read) = Literal::read(line) {
            (read.text(), read.id(), read.ids(), read.millis());
        }
    }
}
