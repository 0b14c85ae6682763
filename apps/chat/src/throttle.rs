//! How fast the bot may talk: a bucket of a few lines that fills slowly, as servers count (RFC 2813 section 5.8).

use chrono::{DateTime, Duration, Utc};

/// A bucket of lines.
#[derive(Clone, Debug)]
pub struct Throttle {
    burst: f64,
    pace: f64,
    filled: f64,
    since: DateTime<Utc>,
}

impl Throttle {
    /// A full bucket of `burst` lines that gains one each `pace` seconds.
    pub fn new(burst: u32, pace: f64, now: DateTime<Utc>) -> Self {
        let burst = f64::from(burst.max(1));
        Self { burst, pace: pace.max(0.01), filled: burst, since: now }
    }

    /// Takes a line from the bucket, or says how long to wait for one.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), Duration> {
        let passed = (now - self.since).num_milliseconds().max(0) as f64 / 1000.0;
        self.filled = (self.filled + passed / self.pace).min(self.burst);
        self.since = now;
        if self.filled >= 1.0 {
            self.filled -= 1.0;
            return Ok(());
        }
        Err(Duration::milliseconds(((1.0 - self.filled) * self.pace * 1000.0).ceil() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_lines_go_at_once_and_then_one_each_two_seconds() {
        let start = DateTime::UNIX_EPOCH;
        let mut throttle = Throttle::new(5, 2.0, start);
        for _ in 0..5 {
            assert_eq!(throttle.take(start), Ok(()));
        }
        assert_eq!(throttle.take(start), Err(Duration::seconds(2)));
        assert_eq!(throttle.take(start + Duration::seconds(2)), Ok(()));
        assert!(throttle.take(start + Duration::seconds(3)).is_err());
    }
}
