//! Hashing passwords: argon2id, a bounded number at a time, never on the threads that serve pages.

use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::{Config, Refusal, strength};

/// Memory of one hash in KiB, passes, lanes: OWASP's first choice for argon2id (Password Storage Cheat Sheet).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The most memory that a stored hash may ask for, KiB.
const MOST_MEMORY: u32 = 256 * 1024;

/// Hashes and verifies passwords. Cheap to clone; clones share the bound.
#[derive(Clone)]
pub struct Hasher(Arc<Bounds>);

struct Bounds {
    /// Who may hash now.
    running: Arc<Semaphore>,
    /// Who may hash now or wait.
    admitted: Arc<Semaphore>,
    /// A hash of a password that nobody has, with the parameters of today.
    nobody: OnceLock<String>,
    /// The memory of hashes, used again and again: an allocator keeps 19 MiB for each thread that ever hashed.
    idle: Mutex<Vec<Vec<Block>>>,
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
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(running + config.hashes_waiting.min(100_000))),
            nobody: OnceLock::new(),
            idle: Mutex::default(),
        }))
    }

    /// The hash under which a password is kept, a PHC string with 16 bytes of salt.
    pub async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let password = strength::normal(password);
        self.bounded(move |_, memory| hash(&password, memory)).await?
    }

    /// Whether `password` is the one of `stored`. Without a stored hash it takes as long, and is wrong.
    pub async fn verify(&self, stored: Option<String>, password: &str) -> Result<Verdict, Refusal> {
        // A longer one was never taken; cutting it keeps the work of both sides alike.
        let too_long = password.len() > strength::LONGEST;
        let password = if too_long { String::new() } else { strength::normal(password) };
        let verdict = self.bounded(move |bounds, memory| {
            let exists = stored.is_some();
            let stored = match stored {
                Some(stored) => stored,
                None => nobody(bounds, memory)?,
            };
            let verdict = verify(&stored, &password, memory);
            Ok::<_, Refusal>(Verdict { is_right: verdict.is_right && exists && !too_long, ..verdict })
        });
        verdict.await?
    }

    async fn bounded<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Bounds, &mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let admitted = self.0.admitted.clone().try_acquire_owned().map_err(|_| Refusal::Busy)?;
        let running = self.0.running.clone().acquire_owned().await.map_err(|_| Refusal::Busy)?;
        let bounds = self.0.clone();
        let worked = tokio::task::spawn_blocking(move || {
            // Whoever hangs up meanwhile does not free a place: the hash goes on.
            let _places = (admitted, running);
            let mut memory = bounds.take();
            let done = work(&bounds, &mut memory);
            bounds.give_back(memory);
            done
        });
        worked.await.map_err(|_| Refusal::Busy)
    }
}

impl Bounds {
    fn take(&self) -> Vec<Block> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, mut memory: Vec<Block>) {
        // A stored hash may have wanted more than new ones do.
        memory.truncate(MEMORY as usize);
        memory.shrink_to_fit();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// The tag of a password.
fn tag(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    length: usize,
    memory: &mut Vec<Block>,
) -> Result<Vec<u8>, argon2::Error> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut tag = vec![0; length];
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut tag, &mut memory[..blocks])?;
    Ok(tag)
}

fn hash(password: &str, memory: &mut Vec<Block>) -> Result<String, Refusal> {
    let params = Params::new(MEMORY, PASSES, LANES, Some(32)).map_err(broken)?;
    let written = ParamsString::try_from(&params).map_err(broken)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = Salt::generate();
    let tag = tag(&argon2, password, &salt, 32, memory).map_err(broken)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(salt),
        hash: Some(Output::new(&tag).map_err(broken)?),
    };
    Ok(hash.to_string())
}

fn nobody(bounds: &Bounds, memory: &mut Vec<Block>) -> Result<String, Refusal> {
    if let Some(known) = bounds.nobody.get() {
        return Ok(known.clone());
    }
    let drawn = hash(&web::session::draw_secret(), memory)?;
    Ok(bounds.nobody.get_or_init(|| drawn).clone())
}

fn verify(stored: &str, password: &str, memory: &mut Vec<Block>) -> Verdict {
    let Some(parsed) = PasswordHash::new(stored).ok() else { return Verdict { is_right: false, is_old: true } };
    let at_least = |name: &str, wanted: u32| parsed.params.get_decimal(name).is_some_and(|value| value >= wanted);
    let is_current =
        parsed.algorithm == ARGON2ID_IDENT && at_least("m", MEMORY) && at_least("t", PASSES) && at_least("p", LANES);
    Verdict { is_right: is_tag_of(&parsed, password, memory).unwrap_or(false), is_old: !is_current }
}

/// Whether the stored tag is the one of the password; the parameters that count are the stored ones.
fn is_tag_of(stored: &PasswordHash, password: &str, memory: &mut Vec<Block>) -> Option<bool> {
    let algorithm = Algorithm::from_str(stored.algorithm.as_str()).ok()?;
    let version = Version::try_from(stored.version.unwrap_or(0x13)).ok()?;
    let params = Params::try_from(stored).ok().filter(|params| params.m_cost() <= MOST_MEMORY)?;
    let (salt, wanted) = (stored.salt.as_ref()?, stored.hash.as_ref()?);
    let argon2 = Argon2::new(algorithm, version, params);
    let tag = tag(&argon2, password, salt, wanted.len(), memory).ok()?;
    Some(bool::from(tag.ct_eq(wanted.as_bytes())))
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::Store(sea_orm::DbErr::Custom(format!("a password could not be hashed: {error}")).into())
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

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
    async fn the_crates_own_verifier_agrees() {
        let stored = hasher(1, 1).hash("correct horse").await.expect("a hash");
        let parsed = PasswordHash::new(&stored).expect("a PHC string");
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"correct house", &parsed).is_err());
    }

    #[tokio::test]
    async fn memory_is_used_again_and_never_more_than_its_bound() {
        let hasher = hasher(2, 100);
        let tries = (0..20).map(|_| hasher.verify(None, "guess"));
        assert!(futures::future::join_all(tries).await.iter().all(Result::is_ok));
        let idle = hasher.0.idle.lock().expect("the memory");
        assert!(idle.len() <= 2, "{} buffers for 2 hashes at a time", idle.len());
        assert!(idle.iter().all(|memory| memory.len() == MEMORY as usize));
    }

    #[tokio::test]
    async fn who_hangs_up_frees_no_place_before_the_hash_is_done() {
        let hasher = hasher(1, 0);
        {
            let mut gone = Box::pin(hasher.verify(None, "guess"));
            assert!(futures::poll!(gone.as_mut()).is_pending());
        }
        assert!(matches!(hasher.verify(None, "guess").await, Err(Refusal::Busy)), "the place is taken still");
        let done = hasher.0.running.acquire().await.expect("a place");
        drop(done);
        assert!(hasher.verify(None, "guess").await.is_ok());
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
