//! The clock: in service the machine's, or that of the database server where several hubs may share one; moved by hand
//! in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// How far a clock may be from the one that it follows before it is set, in milliseconds.
const STEP: i64 = 500;
/// How long after a step forward a clock is not settled, in milliseconds: longer than any claim on work.
const SETTLES: i64 = 10_000;

/// Tells the time (UTC, whole milliseconds). Cheap to clone; clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Machine(Arc<Followed>),
    ByHand(Arc<AtomicI64>),
}

/// A time that was told by somebody else, and goes on with the machine's steady clock, which nobody sets.
#[derive(Debug)]
struct Followed {
    began: Instant,
    /// What time it was when this began, in milliseconds of UNIX time; 0 while the machine's own clock is believed.
    at_began: AtomicI64,
    /// Until when the time is not settled, in milliseconds since this began.
    unsettled: AtomicI64,
}

impl Clock {
    /// The machine's clock, until it is told to follow another.
    pub fn machine() -> Self {
        let (at_began, unsettled) = (AtomicI64::new(0), AtomicI64::new(0));
        Self(Source::Machine(Arc::new(Followed { began: Instant::now(), at_began, unsettled })))
    }

    /// A clock that stands at `start` until it is moved.
    pub fn by_hand(start: DateTime<Utc>) -> Self {
        Self(Source::ByHand(Arc::new(AtomicI64::new(start.timestamp_millis()))))
    }

    /// The time now.
    #[allow(clippy::disallowed_methods, reason = "this is the place that hands the time in")]
    pub fn now(&self) -> DateTime<Utc> {
        let millis = match &self.0 {
            Source::ByHand(millis) => millis.load(Ordering::Relaxed),
            Source::Machine(followed) => match followed.at_began.load(Ordering::Relaxed) {
                0 => return Utc::now().trunc_subsecs(3),
                at_began => at_began + followed.elapsed(),
            },
        };
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    /// Moves a clock that is moved by hand; the machine's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::ByHand(millis) = &self.0 {
            millis.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
        }
    }

    /// Whether it may follow another; one that is moved by hand does not.
    pub(crate) fn follows(&self) -> bool {
        matches!(self.0, Source::Machine(_))
    }

    /// Goes on from `now`, which somebody else says it is; a small difference is let be.
    pub(crate) fn follow(&self, now: DateTime<Utc>) {
        let Source::Machine(followed) = &self.0 else { return };
        let elapsed = followed.elapsed();
        let (was, is) = (followed.at_began.load(Ordering::Relaxed), now.timestamp_millis() - elapsed);
        if was != 0 && (is - was).abs() < STEP {
            return;
        }
        if was != 0 && is > was {
            followed.unsettled.store(elapsed + SETTLES, Ordering::Relaxed);
        }
        followed.at_began.store(is, Ordering::Relaxed);
    }

    /// Whether what ran out by this clock has run out. It has not for a moment after a step forward, in which others may
    /// not know of it yet: what they hold looks as if they had let go of it.
    pub fn is_settled(&self) -> bool {
        match &self.0 {
            Source::Machine(followed) => followed.elapsed() >= followed.unsettled.load(Ordering::Relaxed),
            Source::ByHand(_) => true,
        }
    }
}

impl Followed {
    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_clock_follows_another_and_is_not_settled_after_a_step_forward() {
        let (clock, noon) = (Clock::machine(), time("2026-11-21T12:00:00Z"));
        let other = clock.clone();
        clock.follow(noon);
        assert!(other.now() >= noon && clock.is_settled(), "the first time it hears is no step");
        clock.follow(clock.now() + Duration::milliseconds(STEP / 2));
        assert!(clock.is_settled(), "a small difference is let be");
        let back = noon - Duration::hours(5);
        clock.follow(back);
        assert!(clock.now() < noon && clock.now() >= back && clock.is_settled());
        clock.follow(noon + Duration::hours(5));
        assert!(other.now() >= noon + Duration::hours(5) && !other.is_settled());
    }

    #[test]
    fn a_clock_that_is_moved_by_hand_follows_nobody() {
        let noon = time("2026-11-21T12:00:00Z");
        let clock = Clock::by_hand(noon);
        clock.follow(noon + Duration::hours(5));
        assert!(clock.now() == noon && clock.is_settled() && !clock.follows());
    }
}
