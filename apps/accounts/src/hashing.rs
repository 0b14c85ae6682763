//! Hashing passwords: argon2id, a bounded number at a time, never on the threads that serve pages.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{Config, Refusal, strength};

/// Memory of one hash in KiB, passes, lanes: OWASP's first choice for argon2id (Password Storage Cheat Sheet).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and verifies passwords. Cheap to clone; clones share the bound.
#[derive(Clone)]
pub struct Hasher(Arc<Bounds>);

struct Bounds {
    /// Who may hash now.
    running: Semaphore,
    /// Who may hash now or wait.
    admitted: Semaphore,
    /// A hash of a password that nobody has, with the parameters of today.
    nobody: OnceLock<String>,
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_right: bool,
    /// The stored hash is cheaper than new ones are: keep a new one.
    pub is_old: bool,
}

impl Hasher {
    /// A hasher within the bounds of the configuration.
    pub fn new(config: &Config) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let running = if config.hashes == 0 { cores } else { config.hashes.min(1024) };
        Self(Arc::new(Bounds {
            running: Semaphore::new(running),
            admitted: Semaphore::new(running + config.hashes_waiting.min(100_000)),
            nobody: OnceLock::new(),
        }))
    }

    /// The hash under which a password is kept, a PHC string with 16 bytes of salt.
    pub async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let password = strength::normal(password);
        self.bounded(move |_| hash(&password)).await?
    }

    /// Whether `password` is the one of `stored`. Without a stored hash it takes as long, and is wrong.
    pub async fn verify(&self, stored: Option<String>, password: &str) -> Result<Verdict, Refusal> {
        // A longer one was never taken; cutting it keeps the work of both sides alike.
        let too_long = password.len() > strength::LONGEST;
        let password = if too_long { String::new() } else { strength::normal(password) };
        let verdict = self.bounded(move |bounds| {
            let exists = stored.is_some();
            let stored = match stored {
                Some(stored) => stored,
                None => nobody(bounds)?,
            };
            let verdict = verify(&stored, &password);
            Ok::<_, Refusal>(Verdict { is_right: verdict.is_right && exists && !too_long, ..verdict })
        });
        verdict.await?
    }

    async fn bounded<T: Send + 'static>(&self, work: impl FnOnce(&Bounds) -> T + Send + 'static) -> Result<T, Refusal> {
        let _admitted = self.0.admitted.try_acquire().map_err(|_| Refusal::Busy)?;
        let _running = self.0.running.acquire().await.map_err(|_| Refusal::Busy)?;
        let bounds = self.0.clone();
        tokio::task::spawn_blocking(move || work(&bounds)).await.map_err(|_| Refusal::Busy)
    }
}

fn argon2() -> Result<Argon2<'static>, Refusal> {
    let params = Params::new(MEMORY, PASSES, LANES, Some(32)).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Refusal> {
    let hash: PasswordHash = argon2()?.hash_password(password.as_bytes()).map_err(broken)?;
    Ok(hash.to_string())
}

fn nobody(bounds: &Bounds) -> Result<String, Refusal> {
    if let Some(known) = bounds.nobody.get() {
        return Ok(known.clone());
    }
    let drawn = hash(&web::session::draw_secret())?;
    Ok(bounds.nobody.get_or_init(|| drawn).clone())
}

fn verify(stored: &str, password: &str) -> Verdict {
    let Ok(parsed) = PasswordHash::new(stored) else { return Verdict { is_right: false, is_old: true } };
    // The parameters that count are those in the stored hash.
    let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    let at_least = |name: &str, wanted: u32| parsed.params.get_decimal(name).is_some_and(|value| value >= wanted);
    let is_current = parsed.algorithm.as_str() == "argon2id"
        && at_least("m", MEMORY)
        && at_least("t", PASSES)
        && at_least("p", LANES);
    Verdict { is_right, is_old: !is_current }
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::Store(sea_orm::DbErr::Custom(format!("a password could not be hashed: {error}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(hashes: usize, hashes_waiting: usize) -> Hasher {
        Hasher::new(&Config { hashes, hashes_waiting, ..Config::default() })
    }

    #[tokio::test]
    async fn a_stored_hash_is_argon2id_with_owasps_parameters() {
        let hasher = hasher(1, 1);
        let stored = hasher.hash("correct horse").await.expect("a hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let parts: Vec<&str> = stored.split('$').collect();
        assert_eq!((parts[4].len(), parts[5].len()), (22, 43), "16 bytes of salt and 32 of tag");
        assert_ne!(stored, hasher.hash("correct horse").await.expect("another hash"));
        let verdict = hasher.verify(Some(stored), "correct horse").await.expect("a verdict");
        assert_eq!(verdict, Verdict { is_right: true, is_old: false });
    }

    #[tokio::test]
    async fn an_older_hash_still_opens_and_asks_to_be_renewed() {
        let params = Params::new(8 * 1024, 1, 1, Some(32)).expect("parameters");
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stored: PasswordHash = cheap.hash_password(b"correct horse").expect("a hash");
        let verdict = hasher(1, 1).verify(Some(stored.to_string()), "correct horse").await.expect("a verdict");
        assert_eq!(verdict, Verdict { is_right: true, is_old: true });
    }

    #[tokio::test]
    async fn nobody_has_no_password_not_even_an_empty_one() {
        let hasher = hasher(1, 1);
        for password in ["", "x", "y".repeat(5000).as_str()] {
            assert!(!hasher.verify(None, password).await.expect("a verdict").is_right);
        }
        let empty = hasher.hash("").await.expect("a hash");
        let long = hasher.verify(Some(empty), &"y".repeat(5000)).await.expect("a verdict");
        assert!(!long.is_right, "a password that is too long is never cut to one that fits");
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_so_at_once() {
        let hasher = hasher(1, 1);
        let tries = (0..8).map(|_| hasher.verify(None, "guess"));
        let answers = futures::future::join_all(tries).await;
        let busy = answers.iter().filter(|answer| matches!(answer, Err(Refusal::Busy))).count();
        assert_eq!(busy, 6, "one hashes, one waits");
        assert!(hasher.verify(None, "guess").await.is_ok(), "and the queue is free again");
    }
}
