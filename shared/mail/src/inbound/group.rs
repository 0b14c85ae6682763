//! The group commit: mails of many sessions become durable with one synced transaction.

use kernel::Hub;
use store::{StoreError, Tx};
use tokio::sync::{mpsc, oneshot};

use super::Route;
use super::spool::{self, InboundId, Spooled, To};
use crate::dsn::{OfMail, OfRcpt};
use crate::fate::Line;
use crate::{Message, Rcpt, report};

/// Mails in one transaction.
const MAILS: usize = 256;
/// Bytes in one transaction, roughly.
const BYTES: usize = 32 << 20;

/// A mail that a session wants kept.
pub(super) struct Taken {
    pub raw: Vec<u8>,
    pub from: String,
    pub via: String,
    pub dsn: OfMail,
    pub rcpts: Vec<(Rcpt, Route, OfRcpt)>,
}

/// Why a mail could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotKept {
    /// There is no room on the disk.
    Full,
    /// The database or the disk does not do what it should.
    Failed,
}

type Answer = Result<InboundId, NotKept>;

struct Asked(Taken, oneshot::Sender<Answer>);

/// Where sessions hand their mails in.
#[derive(Clone)]
pub(super) struct Spooler(mpsc::Sender<Asked>);

impl Spooler {
    /// Starts the task that commits; it ends when the last clone of the spooler is gone.
    pub(super) fn start(hub: Hub) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(MAILS);
        (Self(sender), tokio::spawn(commit_all(hub, receiver)))
    }

    /// Keeps a mail; answers when it is on the disk.
    pub(super) async fn keep(&self, mail: Taken) -> Answer {
        let (answer, kept) = oneshot::channel();
        self.0.send(Asked(mail, answer)).await.map_err(|_| NotKept::Failed)?;
        kept.await.unwrap_or(Err(NotKept::Failed))
    }
}

async fn commit_all(hub: Hub, mut receiver: mpsc::Receiver<Asked>) {
    let mut waiting = Vec::new();
    while receiver.recv_many(&mut waiting, MAILS).await > 0 {
        let mut rest = waiting.as_slice();
        let mut ids = Vec::with_capacity(waiting.len());
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|Asked(mail, _)| {
                bytes += mail.raw.len();
                bytes <= BYTES
            });
            let (group, later) = rest.split_at(fits.count().max(1));
            rest = later;
            match commit(&hub, group).await {
                Ok(kept) => ids.extend(kept.into_iter().map(Ok)),
                Err(error) => {
                    tracing::error!(%error, mails = group.len(), "inbound mail could not be kept; it was put off");
                    let why = if error.is_full() { NotKept::Full } else { NotKept::Failed };
                    ids.extend(group.iter().map(|_| Err(why)));
                }
            }
        }
        for (Asked(_, answer), id) in waiting.drain(..).zip(ids) {
            // A session that has gone gets no answer; its mail is kept all the same.
            let _ = answer.send(id);
        }
    }
}

async fn commit(hub: &Hub, group: &[Asked]) -> Result<Vec<InboundId>, StoreError> {
    let mails: Vec<Spooled<'_>> = group
        .iter()
        .map(|Asked(mail, _)| Spooled {
            raw: &mail.raw,
            from: &mail.from,
            via: &mail.via,
            dsn: mail.dsn.written(),
            rcpts: mail
                .rcpts
                .iter()
                .map(|(rcpt, route, dsn)| To { rcpt, route: Some(route.clone()), dsn: dsn.written() })
                .collect(),
        })
        .collect();
    let tx = hub.store.write().await?;
    let ids = spool::keep(&tx, &mails).await?;
    for Asked(mail, _) in group {
        tell_of_kept(hub, &tx, mail).await?;
    }
    tx.commit().await?;
    for (mail, id) in mails.iter().zip(&ids) {
        spool::received(mail, *id).iter().for_each(Line::tell);
    }
    Ok(ids)
}

/// Mail for the postmaster has arrived when it is kept; whoever wanted to hear of that does.
async fn tell_of_kept(hub: &Hub, tx: &Tx, mail: &Taken) -> Result<(), StoreError> {
    let kept = |(_, route, dsn): &&(Rcpt, Route, OfRcpt)| *route == Route::Postmaster && dsn.wants_success();
    for (rcpt, _, dsn) in mail.rcpts.iter().filter(kept) {
        let asked = report::Asked { mail: mail.dsn.clone(), rcpt: dsn.clone() };
        let original = Message::parse(&mail.raw);
        let arrived = report::Report::arrived(&rcpt.address);
        report::send(tx, &hub.settings.mail_domain, &mail.from, &mail.raw, &original, &[arrived], &asked).await?;
    }
    Ok(())
}
