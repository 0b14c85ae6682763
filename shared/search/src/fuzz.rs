//! What must hold whatever words come: a target of `ops/fuzz`.

use crate::words;

/// A question is read, and what the databases are asked stays between its quotes.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let words = words::read(&text);
    let asked = words.fts5();
    assert!(asked.matches('"').count().is_multiple_of(2), "{asked}");
    let asked = words.tsquery();
    assert!(asked.matches('\'').count() == 2 * words.terms.len() && !asked.contains('\\'), "{asked}");
}
