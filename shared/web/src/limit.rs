//! Limits on what one client may ask for in a time.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::{Error, Result};

/// A bucket for each client.
pub struct Limit {
    /// What is limited, as the log names it.
    name: &'static str,
    buckets: DefaultKeyedRateLimiter<String>,
}

impl Limit {
    /// At most `burst` at once and one more each `every`.
    pub fn new(name: &'static str, burst: u32, every: Duration) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(every).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
        Self { name, buckets: RateLimiter::keyed(quota) }
    }

    /// Takes one from the bucket of a client (IPv6 by /64), or refuses with the time to wait.
    pub fn take(&self, client: IpAddr) -> Result<()> {
        self.take_key(network(client))
    }

    /// Takes one from the bucket of any key.
    pub fn take_key(&self, key: String) -> Result<()> {
        if self.buckets.len() > 100_000 {
            self.buckets.retain_recent();
        }
        self.buckets.check_key(&key).map_err(|not_until| Error::TooMany {
            limit: self.name,
            seconds: not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1,
        })
    }
}

fn network(client: IpAddr) -> String {
    match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
    }
}
