//! A bound on what strangers may have the hub hold in memory, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may be held at a time. Clones share them.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    held: AtomicUsize,
}

/// What one holds of a [`Budget`]; given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    /// At most so many bytes.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, held: AtomicUsize::new(0) }))
    }

    /// Whether nearly all of it is held.
    pub fn is_crowded(&self) -> bool {
        self.0.held.load(Ordering::Relaxed) > self.0.most / 4 * 3
    }

    /// A share of nothing yet.
    pub fn begin(&self) -> Held {
        Held { budget: self.clone(), bytes: 0 }
    }
}

impl Held {
    /// Lets the share be of this size; `false`, and nothing changes, when that would be too much for all together.
    pub fn reach(&mut self, bytes: usize) -> bool {
        let inner = &self.budget.0;
        let more = bytes.saturating_sub(self.bytes);
        let taken = inner.held.fetch_add(more, Ordering::Relaxed);
        if more > 0 && taken.saturating_add(more) > inner.most {
            inner.held.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.bytes += more;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.0.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_one_whole_and_come_back() {
        let budget = Budget::new(100);
        let (mut one, mut other) = (budget.begin(), budget.begin());
        assert!(one.reach(60) && one.reach(50), "a share never shrinks before its end");
        assert!(other.reach(40) && !other.reach(41));
        assert!(budget.is_crowded());
        drop(one);
        assert!(!budget.is_crowded());
        assert!(other.reach(100) && !budget.begin().reach(1));
    }
}
