//! How many strangers may be connected at a time, and how many from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Connections from one address elsewhere, of those that may be open: one in so many.
const SHARE: usize = 8;
/// How often the log says that a limit was met.
const QUIET: Duration = Duration::from_secs(60);

/// When a limit was last spoken of, so that whoever meets it a thousand times fills no log.
#[derive(Debug, Default)]
pub struct Told(Mutex<Option<Instant>>);

impl Told {
    /// Nothing was said yet.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether it is time to say it (again).
    pub fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() > QUIET);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

/// Who is connected to a listener. Clones share the seats.
#[derive(Clone, Debug)]
pub struct Guests(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What the log calls these connections: `web`, `mail`.
    kind: &'static str,
    /// The key of the configuration that says how many they may be.
    key: &'static str,
    most: usize,
    here: Mutex<HashMap<IpAddr, usize>>,
    crowded: Arc<AtomicBool>,
    told: Told,
}

impl Guests {
    /// At most so many, and at least one.
    pub fn new(kind: &'static str, key: &'static str, most: usize) -> Self {
        let (here, crowded, told) = (Mutex::default(), Arc::default(), Told::new());
        Self(Arc::new(Inner { kind, key, most: most.max(1), here, crowded, told }))
    }

    /// Whether nearly all seats are taken, so that nobody may be silent for long.
    pub fn crowded(&self) -> Arc<AtomicBool> {
        self.0.crowded.clone()
    }

    /// A seat, unless all are taken, or an address elsewhere takes more than its share.
    pub fn seat(&self, peer: IpAddr) -> Option<Seat> {
        let Inner { kind, key, most, .. } = *self.0;
        let mut here = self.0.here.lock().unwrap_or_else(PoisonError::into_inner);
        let share = if peer.is_loopback() { most } else { (most / SHARE).max(1) };
        let open: usize = here.values().sum();
        if open >= most || here.get(&peer).is_some_and(|theirs| *theirs >= share) {
            if self.0.told.is_due() {
                tracing::warn!(%peer, open, most, "{kind} connections are turned away ({key})");
            }
            return None;
        }
        *here.entry(peer).or_default() += 1;
        self.0.count(open + 1);
        Some(Seat { guests: self.0.clone(), peer })
    }
}

impl Inner {
    fn count(&self, open: usize) {
        self.crowded.store(open * 4 > self.most * 3, Ordering::Relaxed);
    }
}

/// A place at a listener; given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    guests: Arc<Inner>,
    peer: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut here = self.guests.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = here.get_mut(&self.peer) {
            *theirs -= 1;
            if *theirs == 0 {
                here.remove(&self.peer);
            }
        }
        self.guests.count(here.values().sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_gets_its_share_and_all_together_what_there_is() {
        let guests = Guests::new("web", "hub.max_connections", 16);
        let (one, other, here) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), [127, 0, 0, 1].into());
        let theirs: Vec<Seat> = std::iter::from_fn(|| guests.seat(one)).collect();
        assert_eq!(theirs.len(), 2);
        assert!(guests.seat(other).is_some() && !guests.crowded().load(Ordering::Relaxed));
        let rest: Vec<Seat> = std::iter::from_fn(|| guests.seat(here)).collect();
        assert_eq!(rest.len(), 14);
        assert!(guests.seat(other).is_none() && guests.crowded().load(Ordering::Relaxed));
        drop(theirs);
        drop(rest);
        assert!(guests.seat(one).is_some() && !guests.crowded().load(Ordering::Relaxed));
    }

    #[test]
    fn a_limit_is_spoken_of_once_in_a_while() {
        let told = Told::new();
        assert!(told.is_due() && !told.is_due());
    }
}
