//! The clock: the machine's in service, moved by hand in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// Tells the time (UTC, whole milliseconds). Cheap to clone; clones of a hand-moved clock move together.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self(None)
    }

    /// A clock that stands at `start` until it is moved.
    pub fn by_hand(start: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.timestamp_millis()))))
    }

    /// The time now.
    #[allow(clippy::disallowed_methods, reason = "this is the place that hands the time in")]
    pub fn now(&self) -> DateTime<Utc> {
        let machine = || Utc::now().trunc_subsecs(3);
        match &self.0 {
            None => machine(),
            Some(millis) => DateTime::from_timestamp_millis(millis.load(Ordering::Relaxed)).unwrap_or_else(machine),
        }
    }

    /// Moves a clock that is moved by hand; the machine's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Some(millis) = &self.0 {
            millis.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
        }
    }
}
