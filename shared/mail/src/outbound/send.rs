//! Sending what is due.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jobs::Stop;
use kernel::Hub;
use store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::BELL;
use super::claim::{self, Claimed, PLACES};
use super::client::Verdict;
use super::record::Ledger;
use super::sign::Signer;
use super::smarthost::Smarthost;
use super::worker::{self, Job, Outcome, Way};
use crate::inbound::{Mailboxes, Route};
use crate::{Config, Rcpt};

/// Recipients in one transaction with the smarthost.
const TOGETHER: usize = 50;
/// The safety net below the bell, and the step of retries.
const POLL: Duration = Duration::from_secs(1);
/// How often claims are held for longer.
const RENEW: Duration = Duration::from_millis(1_500);
/// How long the smarthost may take when the hub stops; what it has not answered by then is sent again.
const FAREWELL: Duration = Duration::from_secs(5);
/// Outcomes that are written down in one transaction.
const OUTCOMES: usize = 400;

/// Sends whatever is due until `stop`; transactions that run then are finished first.
pub async fn run(hub: Hub, mailboxes: Mailboxes, config: Config, stop: Stop) {
    let smarthost = Smarthost::of(&config).unwrap_or_else(|fault| {
        tracing::error!("{fault} Until then no mail leaves.");
        None
    });
    match &smarthost {
        Some(_) => {
            if let Err(error) = claim::wake_parked(&hub).await {
                tracing::error!(%error, "mail that waited for a smarthost could not be looked up");
            }
        }
        None => tracing::info!("no smarthost is configured: outgoing mail stays in the queue"),
    }
    let office = Office::open(hub, mailboxes, smarthost, &config, stop.clone());
    let mut bell = office.hub.store.bell(BELL);
    while !stop.is_cancelled() {
        bell.mark_unchanged();
        // All places may be taken by mails that take their time.
        let place = tokio::select! {
            place = office.places.clone().acquire_owned() => place.ok(),
            () = stop.cancelled() => break,
        };
        let busy = match office.round(place).await {
            Ok(found) => found > 0,
            Err(error) => {
                tracing::error!(%error, "outgoing mail waits for the database");
                false
            }
        };
        if !busy {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = bell.changed() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
    office.close().await;
}

/// Sends until nothing is due; how many mails were in the works. For tests and the command line.
pub async fn settle(hub: &Hub, mailboxes: &Mailboxes, config: &Config) -> Result<u64, StoreError> {
    let smarthost = Smarthost::of(config).unwrap_or_default();
    settle_to(hub, mailboxes, config, smarthost).await
}

pub(super) async fn settle_to(
    hub: &Hub,
    mailboxes: &Mailboxes,
    config: &Config,
    smarthost: Option<Smarthost>,
) -> Result<u64, StoreError> {
    let office = Office::open(hub.clone(), mailboxes.clone(), smarthost, config, Stop::new());
    let mut worked = 0;
    loop {
        let place = office.places.clone().acquire_owned().await.ok();
        let found = office.round(place).await?;
        if found == 0 {
            break;
        }
        worked += found as u64;
        let _ = office.places.acquire_many(PLACES as u32).await;
    }
    office.close().await;
    Ok(worked)
}

/// Where mail is sorted: claims on one side, connections on the other.
struct Office {
    hub: Hub,
    mailboxes: Mailboxes,
    domain: String,
    stop: Stop,
    /// Absent without a smarthost.
    jobs: Option<mpsc::Sender<Job>>,
    outcomes: mpsc::Sender<Outcome>,
    /// For the mails that are in the works; a large one takes several.
    places: Arc<Semaphore>,
    in_the_works: Arc<Works>,
    renewing: tokio::task::JoinSet<()>,
    workers: tokio::task::JoinSet<()>,
    writing: tokio::task::JoinHandle<()>,
}

impl Office {
    fn open(hub: Hub, mailboxes: Mailboxes, smarthost: Option<Smarthost>, config: &Config, stop: Stop) -> Self {
        let (outcomes, done) = mpsc::channel(OUTCOMES);
        let mut workers = tokio::task::JoinSet::new();
        let ledger = Ledger { hub: hub.clone(), mailboxes: mailboxes.clone(), leaves: smarthost.is_some() };
        let writing = tokio::spawn(write_down(ledger, done));
        let jobs = smarthost.map(|to| {
            let (sender, receiver) = mpsc::channel(64);
            let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
            let signer = Signer::of(config).unwrap_or_else(|fault| {
                tracing::error!("{fault} Until then mail leaves without a signature.");
                None
            });
            let post = Arc::new(worker::Post { to, name: config.domain.clone(), signer, down: Mutex::default() });
            for _ in 0..config.connections_out.clamp(1, 100) {
                workers.spawn(worker::work(post.clone(), receiver.clone(), outcomes.clone()));
            }
            sender
        });
        let domain = config.domain.to_lowercase();
        let places = Arc::new(Semaphore::new(PLACES));
        let in_the_works = Arc::<Works>::default();
        let mut renewing = tokio::task::JoinSet::new();
        renewing.spawn(renew(hub.clone(), in_the_works.clone()));
        Self { hub, mailboxes, domain, stop, jobs, outcomes, places, in_the_works, renewing, workers, writing }
    }

    /// Claims what is due and hands it to the workers; how many mails that were.
    async fn round(&self, place: Option<OwnedSemaphorePermit>) -> Result<usize, StoreError> {
        let mut places: Vec<OwnedSemaphorePermit> = place.into_iter().collect();
        while let Ok(place) = self.places.clone().try_acquire_owned() {
            places.push(place);
        }
        let mails = claim::claim(&self.hub, places, self.in_the_works.claims()).await?;
        let found = mails.len();
        for mail in mails {
            let mail = Arc::new(mail);
            self.in_the_works.remember(&mail);
            self.sort(mail).await?;
        }
        Ok(found)
    }

    /// Hands the recipients of this hub their mail, and makes transactions for the others.
    async fn sort(&self, mail: Arc<Claimed>) -> Result<(), StoreError> {
        let mut sorted = self.split(&mail).await?;
        if self.jobs.is_none() {
            sorted.elsewhere.clear();
        }
        let open = sorted.here.len() + sorted.unknown.len() + sorted.elsewhere.len();
        mail.open.store(open, Ordering::Relaxed);
        if open == 0 {
            let tx = self.hub.store.write().await?;
            match self.jobs {
                Some(_) => claim::release(&tx, &[mail.id]).await?,
                None => claim::park(&tx, mail.id).await?,
            }
            return tx.commit().await;
        }
        let verdict = Verdict::Sent("250 2.0.0 Kept for a mailbox of this hub.".into());
        self.decided(&mail, Way::Here, sorted.here, verdict).await;
        for (rcpt, why) in sorted.unknown {
            self.decided(&mail, Way::Smarthost, vec![rcpt], Verdict::Failed(why)).await;
        }
        if let (Some(jobs), false) = (&self.jobs, sorted.elsewhere.is_empty()) {
            // Each mail feeds the workers by itself, so that a small one does not wait for a large one.
            tokio::spawn(feed(jobs.clone(), mail, sorted.elsewhere, self.stop.clone()));
        }
        Ok(())
    }

    async fn decided(&self, mail: &Arc<Claimed>, way: Way, rcpts: Vec<usize>, verdict: Verdict) {
        if rcpts.is_empty() {
            return;
        }
        let verdicts = vec![verdict; rcpts.len()];
        let outcome = Outcome { job: Job { mail: mail.clone(), rcpts, way }, verdicts };
        if self.outcomes.send(outcome).await.is_err() {
            tracing::error!("outcomes of outgoing mail are not written down any more");
        }
    }

    async fn split(&self, mail: &Claimed) -> Result<Sorted, StoreError> {
        let mut sorted = Sorted::default();
        for (at, rcpt) in mail.rcpts.iter().enumerate() {
            let domain = rcpt.address.rsplit_once('@').map_or("", |(_, domain)| domain);
            let own = domain.eq_ignore_ascii_case(&self.domain)
                || domain.eq_ignore_ascii_case(&self.hub.settings.mail_domain);
            let Some(address) = Rcpt::parse(&rcpt.address).filter(|_| own) else {
                sorted.elsewhere.push(at);
                continue;
            };
            match self.mailboxes.route(&self.hub, &address).await? {
                Route::Mailbox(_) | Route::Postmaster => sorted.here.push(at),
                Route::Refused(why) => sorted.unknown.push((at, format!("550 5.7.1 {why}"))),
                Route::Unknown if self.jobs.is_none() => {
                    let why = format!("550 5.1.1 There is no mailbox {} here.", address.address);
                    sorted.unknown.push((at, why));
                }
                // The domain may have people beside the hub, whom the smarthost knows.
                Route::Unknown => sorted.elsewhere.push(at),
            }
        }
        Ok(sorted)
    }

    async fn close(self) {
        let hub = self.hub.clone();
        let claims = self.in_the_works.claims();
        drop(self.jobs);
        drop(self.outcomes);
        let mut workers = self.workers;
        let all = async { while workers.join_next().await.is_some() {} };
        if self.stop.is_cancelled() {
            let _ = tokio::time::timeout(FAREWELL, all).await;
        } else {
            all.await;
        }
        // What is not done by now has no outcome; those that there are get written down.
        workers.shutdown().await;
        if let Err(error) = self.writing.await {
            tracing::error!(%error, "the outcomes of outgoing mail were not written down");
        }
        drop(self.renewing);
        if let Err(error) = claim::let_go(&hub, claims).await {
            tracing::warn!(%error, "claims on outgoing mail could not be given back; they end by themselves");
        }
    }
}

/// The mails that this hub has claimed and not let go of.
#[derive(Default)]
struct Works(Mutex<Vec<(i64, Weak<Claimed>)>>);

impl Works {
    fn remember(&self, mail: &Arc<Claimed>) {
        let mut works = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        works.retain(|(_, known)| known.strong_count() > 0);
        works.push((mail.id, Arc::downgrade(mail)));
    }

    fn claims(&self) -> Vec<i64> {
        let works = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        works.iter().filter(|(_, mail)| mail.strong_count() > 0).map(|(id, _)| *id).collect()
    }
}

/// Holds the claims for longer, beside all other work, so that none is lost because something takes its time.
async fn renew(hub: Hub, works: Arc<Works>) {
    loop {
        tokio::time::sleep(RENEW).await;
        if let Err(error) = claim::renew(&hub, works.claims()).await {
            tracing::warn!(%error, "claims on outgoing mail could not be renewed");
        }
    }
}

/// The recipients of a mail by where they are, as positions.
#[derive(Default)]
struct Sorted {
    here: Vec<usize>,
    elsewhere: Vec<usize>,
    /// Addresses of this hub that nobody answers, and what is said of them.
    unknown: Vec<(usize, String)>,
}

/// Makes transactions and hands them to the workers, as fast as they are taken.
async fn feed(jobs: mpsc::Sender<Job>, mail: Arc<Claimed>, rcpts: Vec<usize>, stop: Stop) {
    let together = if mail.is_personal() { 1 } else { TOGETHER };
    for rcpts in rcpts.chunks(together) {
        let job = Job { mail: mail.clone(), rcpts: rcpts.to_vec(), way: Way::Smarthost };
        if stop.is_cancelled() || jobs.send(job).await.is_err() {
            break;
        }
    }
}

async fn write_down(ledger: Ledger, mut done: mpsc::Receiver<Outcome>) {
    let mut outcomes = Vec::new();
    while done.recv_many(&mut outcomes, OUTCOMES).await > 0 {
        let mut pause = Duration::from_millis(200);
        for tries in 1.. {
            match ledger.record(&outcomes).await {
                Ok(()) => break,
                Err(error) if tries == 10 => {
                    tracing::error!(%error, "outcomes of outgoing mail are lost; it will be sent again");
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, "outcomes of outgoing mail wait for the database");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
            }
        }
        outcomes.clear();
    }
}
