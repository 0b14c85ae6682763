//! Which statements took long the last time, by their text: they are not asked on a thread that has others to serve.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// So many are known.
const KNOWN: usize = 2_000;

/// The texts of statements that took long.
#[derive(Default)]
pub struct Long(RwLock<HashSet<String>>);

impl Long {
    /// Whether it took long the last time.
    pub fn is(&self, sql: &str) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !known.is_empty() && known.contains(sql)
    }

    /// Notes whether it took long.
    pub fn note(&self, sql: &str, is_long: bool) {
        if is_long == self.is(sql) {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !is_long {
            known.remove(sql);
        } else {
            if known.len() >= KNOWN {
                known.clear();
            }
            known.insert(sql.to_owned());
        }
    }
}
