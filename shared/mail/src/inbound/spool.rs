//! The spool: a mail is a row with its bytes before anybody is told that it was taken.

use kernel::Hub;
use sea_orm::{ActiveValue::Set, EntityTrait};
use store::{StoreError, Tx, blobs};

use super::{Mailboxes, Route};
use crate::entity::{inbound, inbound_rcpt};
use crate::fate::{Fate, Line};
use crate::{Message, Rcpt, report};

store::id!(InboundId, "A mail that came in.");

/// The bell that a commit with new inbound mail rings.
pub const BELL: &str = "mail/in";

/// Who sent a mail and for whom, as SMTP says it.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// Empty for the null sender `<>`.
    pub from: String,
    pub rcpts: Vec<Rcpt>,
    /// How it came, for the administrator: `command`.
    pub via: String,
}

/// What became of a mail that was handed in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Absent when nobody takes it.
    pub id: Option<InboundId>,
    /// Recipients that lead nowhere.
    pub refused: Vec<Refused>,
    lines: Vec<Line>,
}

/// A recipient that is not taken.
#[derive(Clone, Debug)]
pub struct Refused {
    pub rcpt: Rcpt,
    /// The sentence for the sender.
    pub why: String,
    /// Whether nobody answers the address; else its mailbox wants no mail there.
    pub is_unknown: bool,
}

impl Received {
    /// Tells the log of the recipients that were refused. Whoever hands the mail in answers first: a mail server shows
    /// the beginning of what a command says to the sender.
    pub fn tell_refused(&self) {
        self.lines.iter().for_each(Line::tell);
    }
}

/// A mail on its way into the spool.
pub(crate) struct Spooled<'a> {
    pub raw: &'a [u8],
    pub from: &'a str,
    pub via: &'a str,
    /// What its sender wants to be told ([`crate::dsn`]).
    pub dsn: Option<String>,
    pub rcpts: Vec<To<'a>>,
}

/// A recipient of a mail on its way into the spool.
pub(crate) struct To<'a> {
    pub rcpt: &'a Rcpt,
    /// Where it leads; a mailbox that is not known yet is asked at delivery.
    pub route: Option<Route>,
    pub dsn: Option<String>,
}

impl<'a> To<'a> {
    /// A recipient of whom nothing is known, and of whom nobody wants to be told more than failures.
    pub fn new(rcpt: &'a Rcpt) -> Self {
        Self { rcpt, route: None, dsn: None }
    }
}

/// Takes a mail that is here already: the bytes are kept as they are. It is delivered by [`serve`](super::serve) or
/// [`deliver_pending`](super::deliver_pending). When some recipients take it and others do not, the sender gets a report
/// on the others: whoever handed it in hears that it was taken.
pub async fn receive(
    hub: &Hub,
    mailboxes: &Mailboxes,
    raw: &[u8],
    envelope: &Envelope,
) -> Result<Received, StoreError> {
    let mut refused = Vec::new();
    let mut rcpts = Vec::new();
    for rcpt in &envelope.rcpts {
        match mailboxes.route(hub, rcpt).await? {
            Route::Unknown => refused.push(Refused { rcpt: rcpt.clone(), why: unknown(rcpt), is_unknown: true }),
            Route::Refused(why) => refused.push(Refused { rcpt: rcpt.clone(), why, is_unknown: false }),
            route => rcpts.push(To { rcpt, route: Some(route), dsn: None }),
        }
    }
    let message = Message::parse(raw);
    let line = |one: &Refused| Line {
        message_id: message.message_id.clone(),
        ..Line::refused(&envelope.from, vec![one.rcpt.address.clone()], one.why.as_str())
    };
    let lines = refused.iter().map(line).collect();
    if rcpts.is_empty() {
        return Ok(Received { id: None, refused, lines });
    }
    let tx = hub.store.write().await?;
    let mail = Spooled { raw, from: &envelope.from, via: &envelope.via, dsn: None, rcpts };
    let id = keep(&tx, std::slice::from_ref(&mail)).await?.first().copied();
    for line in id.map(|id| received(&mail, id)).into_iter().flatten() {
        line.after(&tx);
    }
    if !refused.is_empty() && !message.is_automatic() {
        let reports: Vec<_> = refused.iter().map(Refused::report).collect();
        let host = &hub.settings.mail_domain;
        report::send(&tx, host, &envelope.from, raw, &message, &reports, &report::Asked::default()).await?;
    }
    tx.commit().await?;
    Ok(Received { id, refused, lines })
}

impl Refused {
    fn report(&self) -> report::Report {
        report::Report {
            recipient: self.rcpt.address.clone(),
            action: report::Action::Failed,
            status: if self.is_unknown { "5.1.1" } else { "5.7.1" }.into(),
            diagnostic: self.why.clone(),
        }
    }
}

/// The lines of a mail that has just been kept: what goes to a mailbox, and what only the administrator reads.
pub(super) fn received(mail: &Spooled<'_>, id: InboundId) -> Vec<Line> {
    let head = mail.raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(mail.raw.len()).min(64_000);
    let message_id = Message::parse(&mail.raw[..head]).message_id;
    let line = |fate, to| Line {
        message_id: message_id.clone(),
        from: mail.from.to_owned(),
        to,
        number: id.0,
        reply: mail.via.to_owned(),
        ..Line::new(fate)
    };
    let is_kept = |route: &Option<Route>| matches!(route, Some(Route::Postmaster));
    let of = |kept: bool| -> Vec<String> {
        let some = mail.rcpts.iter().filter(|to| is_kept(&to.route) == kept);
        some.map(|to| to.rcpt.address.clone()).collect()
    };
    let lines = [line(Fate::Received, of(false)), line(Fate::Kept, of(true))];
    lines.into_iter().filter(|line| !line.to.is_empty()).collect()
}

/// What is said of an address that nobody answers.
pub(crate) fn unknown(rcpt: &Rcpt) -> String {
    format!("There is no mailbox {} here.", rcpt.address)
}

/// Keeps mails with three statements, however many they are; the ids come back in the same order.
pub(crate) async fn keep(tx: &Tx, mails: &[Spooled<'_>]) -> Result<Vec<InboundId>, StoreError> {
    let bodies: Vec<&[u8]> = mails.iter().map(|mail| mail.raw).collect();
    let names = blobs::put_many(tx, &bodies).await?;
    let rows = mails.iter().zip(names).map(|(mail, blob)| inbound::ActiveModel {
        blob: Set(blob.0),
        size: Set(mail.raw.len() as i64),
        envelope_from: Set(mail.from.to_owned()),
        via: Set(mail.via.to_owned()),
        received_at: Set(tx.now()),
        dsn: Set(mail.dsn.clone()),
        ..Default::default()
    });
    let kept = inbound::Entity::insert_many(rows).exec_with_returning(tx).await?;
    let mut ids: Vec<InboundId> = kept.into_iter().map(|row| InboundId(row.id)).collect();
    // Numbers are given in the order of the rows; the order of what comes back is nobody's promise.
    ids.sort_unstable();
    let rcpts: Vec<_> =
        mails.iter().zip(&ids).flat_map(|(mail, id)| mail.rcpts.iter().map(|to| rcpt_row(tx, *id, to))).collect();
    for rows in rcpts.chunks(500) {
        inbound_rcpt::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    tx.ring(BELL);
    Ok(ids)
}

fn rcpt_row(tx: &Tx, mail: InboundId, to: &To<'_>) -> inbound_rcpt::ActiveModel {
    let kept = matches!(to.route, Some(Route::Postmaster));
    let mailbox = match &to.route {
        Some(Route::Mailbox(name)) => name,
        _ => "",
    };
    inbound_rcpt::ActiveModel {
        mail_id: Set(mail.0),
        address: Set(to.rcpt.address.clone()),
        mailbox: Set(mailbox.to_owned()),
        state: Set(if kept { "kept" } else { "waiting" }.to_owned()),
        tries: Set(0),
        due_at: Set((!kept).then(|| tx.now())),
        reply: Set(String::new()),
        done_at: Set(kept.then(|| tx.now())),
        dsn: Set(to.dsn.clone()),
        ..Default::default()
    }
}
