//! Which statements took long the last time: they are not asked on a thread that has others to serve.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{PoisonError, RwLock};

/// So many are known.
const KNOWN: usize = 2_000;

/// The statements that took long, by their text but for its numbers and places: `IN ($1, $2)` is like `IN ($1)`.
#[derive(Default)]
pub struct Long(RwLock<HashSet<u64>>);

impl Long {
    /// Whether one like it took long the last time.
    pub fn is(&self, sql: &str) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !known.is_empty() && known.contains(&likeness(sql))
    }

    /// Notes whether it took long.
    pub fn note(&self, sql: &str, is_long: bool) {
        if is_long == self.is(sql) {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !is_long {
            known.remove(&likeness(sql));
        } else {
            if known.len() >= KNOWN {
                known.clear();
            }
            known.insert(likeness(sql));
        }
    }
}

fn likeness(sql: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for byte in sql.bytes().filter(|byte| !matches!(byte, b'0'..=b'9' | b'$' | b'?' | b',' | b' ')) {
        hasher.write_u8(byte);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Long;

    #[test]
    fn statements_that_differ_in_numbers_are_alike() {
        let long = Long::default();
        long.note("SELECT a FROM t WHERE b IN ($1, $2) AND c <> 7", true);
        assert!(long.is("SELECT a FROM t WHERE b IN ($1) AND c <> 1234"));
        assert!(!long.is("SELECT a FROM t WHERE d IN ($1)"));
        long.note("SELECT a FROM t WHERE b IN ($1, $2, $3) AND c <> 8", false);
        assert!(!long.is("SELECT a FROM t WHERE b IN ($1) AND c <> 1234"));
    }
}
