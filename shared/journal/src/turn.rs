//! A subscriber within a running hub: its bell, and up to where nothing is left for it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::Subscriber;

/// A subscriber that is at work.
pub(crate) struct Turn {
    pub subscriber: Arc<dyn Subscriber>,
    /// Rings when it is to look by itself.
    pub wake: Notify,
    level: Mutex<Level>,
}

/// No entry up to `entry` is left, as long as the cursor does not stand before `cursor`: it was set back then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    pub entry: i64,
    pub cursor: i64,
}

impl Turn {
    /// Nothing is known of it yet.
    pub fn new(subscriber: Arc<dyn Subscriber>) -> Self {
        Self { subscriber, wake: Notify::new(), level: Mutex::new(Level { entry: i64::MIN, cursor: 0 }) }
    }

    /// Up to where nothing is left.
    pub fn level(&self) -> Level {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing up to `entry` is left.
    pub fn is_level(&self, entry: i64) -> bool {
        self.level().entry >= entry
    }

    /// Nothing was left up to there.
    pub fn rises(&self, to: Level) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if to.entry >= level.entry {
            *level = to;
        }
    }

    /// What came after its level, up to `entry`, does not concern it.
    pub fn passes(&self, entry: i64) {
        let cursor = self.level().cursor;
        self.rises(Level { entry, cursor });
    }
}
