//! Delays after wrong passwords: they slow a guesser down and never lock anybody else out. Pure but for the lock.
//!
//! Failures are counted for each pair of account and source, and for each source; never for an account alone, which
//! strangers could use to lock it. A browser that has signed in before counts for itself (its device cookie), so that
//! its owner gets in while strangers hammer from the same network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

/// Wrong passwords that cost nothing: of one account from one source, of one source, of a known browser.
const PAIR: u32 = 5;
const SOURCE: u32 = 50;
const DEVICE: u32 = 10;
/// The longest wait, seconds.
const LONGEST: i64 = 900;
/// Failures are forgotten after this time without another one.
const MEMORY: Duration = Duration::hours(2);
/// Counters that are kept at most.
const MOST: usize = 100_000;

/// The counters. One hub counts for itself.
#[derive(Default)]
pub struct Delays(Mutex<HashMap<String, Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: DateTime<Utc>,
}

/// One try to sign in, counted as a failure until [`Delays::succeeded`].
#[derive(Clone, Debug)]
pub struct Try(Vec<(String, u32)>);

impl Try {
    /// A try on the account `name` (as it was typed) from `client`; `device` is the account's known browser, if so.
    pub fn new(name: &str, client: IpAddr, device: Option<&str>) -> Self {
        let name = name.trim().to_lowercase();
        match device {
            Some(device) => Self(vec![(format!("device {name} {device}"), DEVICE)]),
            None => {
                let source = network(client);
                Self(vec![(format!("pair {name} {source}"), PAIR), (format!("source {source}"), SOURCE)])
            }
        }
    }
}

impl Delays {
    /// Counts a try, or gives the seconds it has to wait. Counting before the password is looked at leaves no gap for
    /// many tries at once.
    pub fn begin(&self, attempt: &Try, now: DateTime<Utc>) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = attempt.0.iter().filter_map(|(key, free)| Some(all.get(key)?.left(*free, now))).max().unwrap_or(0);
        if left > 0 {
            return Err(left.unsigned_abs());
        }
        if all.len() > MOST {
            all.retain(|_, failures| now - failures.last < Duration::minutes(20));
        }
        for (key, _) in &attempt.0 {
            let failures = all.entry(key.clone()).or_insert(Failures { count: 0, last: now });
            if now - failures.last > MEMORY {
                failures.count = 0;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// Takes a try back that was no failure; the pair starts anew.
    pub fn succeeded(&self, attempt: &Try) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &attempt.0 {
            if key.starts_with("source ") {
                all.entry(key.clone()).and_modify(|failures| failures.count = failures.count.saturating_sub(1));
            } else {
                all.remove(key);
            }
        }
    }
}

impl Failures {
    /// Seconds until the next try: 2, 4, 8, … after the free ones.
    fn left(&self, free: u32, now: DateTime<Utc>) -> i64 {
        if self.count < free {
            return 0;
        }
        let wait = 2_i64.saturating_pow((self.count - free + 1).min(20)).min(LONGEST);
        (wait - (now - self.last).num_seconds()).max(0)
    }
}

/// A source: an IPv4 address, or the /64 network of an IPv6 address.
fn network(client: IpAddr) -> String {
    match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: [u8; 4] = [192, 0, 2, 1];
    const AWAY: [u8; 4] = [198, 51, 100, 7];

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn the_sixth_wrong_password_waits_and_each_one_after_it_twice_as_long() {
        let (delays, guess, mut now) = (Delays::default(), Try::new("ann", HOME.into(), None), noon());
        for _ in 0..5 {
            assert_eq!(delays.begin(&guess, now), Ok(()));
        }
        for wait in [2, 4, 8, 16] {
            assert_eq!(delays.begin(&guess, now), Err(wait));
            now += Duration::seconds(wait.cast_signed());
            assert_eq!(delays.begin(&guess, now), Ok(()));
        }
        now += Duration::hours(3);
        assert_eq!(delays.begin(&guess, now), Ok(()));
        assert_eq!(delays.begin(&guess, now), Ok(()), "the past is forgotten");
    }

    #[test]
    fn strangers_who_hammer_an_account_do_not_keep_its_owner_out() {
        let delays = Delays::default();
        let stranger = Try::new("ann", AWAY.into(), None);
        while delays.begin(&stranger, noon()).is_ok() {}
        assert_eq!(delays.begin(&Try::new("ann", HOME.into(), None), noon()), Ok(()), "from elsewhere");
        let same_network = Try::new("ann", AWAY.into(), Some("her browser"));
        assert_eq!(delays.begin(&same_network, noon()), Ok(()), "from a browser that is known");
    }

    #[test]
    fn a_source_that_tries_many_names_waits_too() {
        let delays = Delays::default();
        let names = (0..60).map(|n| Try::new(&format!("user{n}"), AWAY.into(), None));
        let passed = names.filter(|guess| delays.begin(guess, noon()).is_ok()).count();
        assert_eq!(passed, 50);
        let near = Try::new("x", "2001:db8:1:2:3::4".parse().expect("an address"), None);
        let same = Try::new("x", "2001:db8:1:2:ffff::1".parse().expect("an address"), None);
        assert_eq!(near.0, same.0, "a /64 is one source");
    }

    #[test]
    fn right_passwords_count_for_nothing() {
        let (delays, guess) = (Delays::default(), Try::new("ann", HOME.into(), None));
        for _ in 0..500 {
            assert_eq!(delays.begin(&guess, noon()), Ok(()));
            delays.succeeded(&guess);
        }
    }
}
