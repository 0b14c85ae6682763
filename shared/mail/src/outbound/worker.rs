//! The connections to the smarthost, and the transactions that go over them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::claim::Claimed;
use super::client::{Broken, Client, Transaction, Verdict, stuffed};
use super::query::{personal_headers, sender};
use super::sign::{self, Signer};
use super::smarthost::Smarthost;

/// How long a connection is kept without work.
const IDLE: Duration = Duration::from_secs(5);
/// Mails over one connection.
const REUSE: usize = 1_000;
/// How long a smarthost that did not answer is left alone.
const DOWN: Duration = Duration::from_secs(15);

/// One transaction to be carried out: recipients of a mail that share an envelope sender.
pub(super) struct Job {
    pub mail: Arc<Claimed>,
    /// Positions in the mail's recipients.
    pub rcpts: Vec<usize>,
    pub way: Way,
}

/// Which way a mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To a mailbox of this hub.
    Here,
    Smarthost,
}

/// What became of the recipients of a job.
pub(super) struct Outcome {
    pub job: Job,
    pub verdicts: Vec<Verdict>,
}

/// The queue from which all workers take their jobs.
pub(super) type Jobs = Arc<tokio::sync::Mutex<mpsc::Receiver<Job>>>;

/// Carries out jobs until there are no more, over one connection at a time.
pub(super) async fn work(post: Arc<Post>, jobs: Jobs, outcomes: mpsc::Sender<Outcome>) {
    let mut line = Line { post, client: None, used: 0 };
    loop {
        let next = async { jobs.lock().await.recv().await };
        let job = match line.client {
            Some(_) => match tokio::time::timeout(IDLE, next).await {
                Ok(job) => job,
                Err(_) => {
                    line.hang_up().await;
                    continue;
                }
            },
            None => next.await,
        };
        let Some(job) = job else { break };
        let verdicts = line.carry_out(&job).await;
        if outcomes.send(Outcome { job, verdicts }).await.is_err() {
            break;
        }
    }
    line.hang_up().await;
}

/// What all workers share.
pub(super) struct Post {
    pub to: Smarthost,
    /// The name with which the hub greets.
    pub name: String,
    pub signer: Option<Signer>,
    /// When the smarthost could not be reached, and why.
    pub down: Mutex<Option<(Instant, String)>>,
}

/// A worker's connection, when it has one.
struct Line {
    post: Arc<Post>,
    client: Option<Client>,
    used: usize,
}

impl Line {
    async fn hang_up(&mut self) {
        if let Some(client) = self.client.take() {
            client.quit().await;
        }
    }

    async fn carry_out(&mut self, job: &Job) -> Vec<Verdict> {
        let mail = &job.mail;
        let rcpts: Vec<_> = job.rcpts.iter().filter_map(|at| mail.rcpts.get(*at)).collect();
        let Some(first) = rcpts.first() else { return Vec::new() };
        let token = first.token.as_deref();
        let personal = match mail.templates.is_empty() {
            true => String::new(),
            false => personal_headers(&mail.templates, &first.address, token),
        };
        let signature = match &self.post.signer {
            None => String::new(),
            Some(signer) => {
                let hash = mail.body_hash.get_or_init(|| sign::body_hash(&mail.raw));
                signer.sign(&[personal.as_bytes(), &mail.raw], hash, mail.created_at)
            }
        };
        let personal = stuffed(&[signature.as_bytes(), personal.as_bytes()]);
        let addresses: Vec<&str> = rcpts.iter().map(|rcpt| rcpt.address.as_str()).collect();
        let transaction = Transaction {
            from: &sender(&mail.return_path, &first.address, token),
            rcpts: &addresses,
            personal: &personal,
            body: &mail.wire,
            eight_bit: mail.eight_bit,
            utf8: mail.utf8,
        };
        // A connection that was used before may have been closed meanwhile: then a new one gets one more try.
        let fresh = self.client.is_none();
        match self.send(&transaction).await {
            Ok(verdicts) => verdicts,
            Err(_) if !fresh => match self.send(&transaction).await {
                Ok(verdicts) => verdicts,
                Err(broken) => vec![Verdict::Later(broken.0); rcpts.len()],
            },
            Err(broken) => vec![Verdict::Later(broken.0); rcpts.len()],
        }
    }

    async fn send(&mut self, transaction: &Transaction<'_>) -> Result<Vec<Verdict>, Broken> {
        if self.used >= REUSE {
            self.hang_up().await;
        }
        let client = match &mut self.client {
            Some(client) => client,
            empty => {
                self.used = 0;
                match connect(&self.post).await {
                    Ok(client) => empty.insert(client),
                    Err(Broken(why)) => return Ok(vec![Verdict::Unreached(why); transaction.rcpts.len()]),
                }
            }
        };
        self.used += 1;
        let sent = client.send(transaction).await;
        if sent.is_err() {
            self.client = None;
        }
        sent
    }
}

async fn connect(post: &Post) -> Result<Client, Broken> {
    let lock = || post.down.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((since, why)) = &*lock()
        && since.elapsed() < DOWN
    {
        return Err(Broken(why.clone()));
    }
    let connected = Client::connect(&post.to, &post.name).await;
    *lock() = match &connected {
        Ok(_) => None,
        Err(broken) => {
            tracing::warn!(smarthost = %post.to, why = broken.0, "outgoing mail waits");
            Some((Instant::now(), broken.0.clone()))
        }
    };
    connected
}
