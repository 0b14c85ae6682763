//! Passwords that were right a moment ago, so that a client that sends its password with every request (HTTP Basic)
//! does not cost an argon2 each. Only successes are remembered, under a key that has the stored hash in it: a changed
//! password holds at the next request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use people::UserId;
use sha2::Sha256;

/// How long a success is remembered.
const LIFE: Duration = Duration::minutes(10);
/// Successes that are remembered at most.
const MOST: usize = 10_000;

/// The successes. The key of the process is drawn at its start and never leaves it.
pub struct Verified {
    secret: String,
    known: Mutex<HashMap<[u8; 32], DateTime<Utc>>>,
}

impl Default for Verified {
    fn default() -> Self {
        Self { secret: web::session::draw_secret(), known: Mutex::default() }
    }
}

impl Verified {
    /// Whether this password was right for this hash lately.
    pub fn knows(&self, user: UserId, password: &str, stored: &str, now: DateTime<Utc>) -> bool {
        let Some(key) = self.key(user, password, stored) else { return false };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&key).is_some_and(|at| now - *at < LIFE)
    }

    /// Remembers that it was right.
    pub fn remember(&self, user: UserId, password: &str, stored: &str, now: DateTime<Utc>) {
        let Some(key) = self.key(user, password, stored) else { return };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, at| now - *at < LIFE);
        }
        if known.len() < MOST {
            known.insert(key, now);
        }
    }

    fn key(&self, user: UserId, password: &str, stored: &str) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).ok()?;
        mac.update(format!("{user} {} ", password.len()).as_bytes());
        mac.update(password.as_bytes());
        mac.update(stored.as_bytes());
        Some(mac.finalize().into_bytes().into())
    }
}
