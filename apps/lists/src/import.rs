//! Bringing an mbox into an archive: read and parsed on one thread, kept in batches on another, in the memory of a few
//! batches. Doing it again adds nothing, so a run that broke off is simply started again.

use std::io::BufRead;

use chrono::{DateTime, Datelike, Utc};
use kernel::Hub;
use mail::Message;
use tokio::sync::mpsc;

use crate::archive::{self, Arrival, People};
use crate::list::List;
use crate::mbox::Reader;
use crate::reading::{self, Reading};
use crate::{Refusal, url};

/// Mails of one transaction.
const BATCH: usize = 250;
/// Bytes of one transaction.
const BYTES: usize = 8 << 20;

/// What became of one mail.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The line of its separator in the file.
    pub line: u64,
    pub message_id: String,
    pub subject: String,
    pub url: String,
    /// False when the very same bytes were there already.
    pub is_new: bool,
    /// Not 0 when the archive has other bytes of the same Message-ID.
    pub copy: i64,
    /// What is wrong with it.
    pub defects: Vec<String>,
}

/// What became of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub read: u64,
    pub added: u64,
    /// Had the very same bytes here already.
    pub known: u64,
    /// Of those added, how many share their Message-ID with other bytes.
    pub copies: u64,
    pub bytes: u64,
}

struct Mail {
    raw: Vec<u8>,
    line: u64,
    reading: Reading,
    defects: Vec<String>,
}

/// Keeps every mail of an mbox; `tell` hears of each.
pub async fn run(
    hub: &Hub,
    list: &List,
    from: impl BufRead + Send + 'static,
    mut tell: impl FnMut(&Fate),
) -> Result<Totals, Refusal> {
    let (send, mut receive) = mpsc::channel(2);
    let now = hub.now();
    let reader = tokio::task::spawn_blocking(move || read(from, now, &send));
    let mut totals = Totals::default();
    let mut people = People::new();
    while let Some(batch) = receive.recv().await {
        keep(hub, list, batch, &mut people, &mut totals, &mut tell).await?;
    }
    let read = reader.await.map_err(|error| Refusal::Text(format!("The file could not be read: {error}.")))?;
    read.map_err(|error| {
        Refusal::Text(format!("The file could not be read to its end: {error} What came before is kept."))
    })?;
    Ok(totals)
}

fn read(from: impl BufRead, now: DateTime<Utc>, send: &mpsc::Sender<Vec<Mail>>) -> std::io::Result<()> {
    let mut reader = Reader::new(from);
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let ended = loop {
        let mail = match reader.next_mail() {
            Ok(Some(mail)) => mail,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        let message = Message::parse(&mail.raw);
        let fallback = mail.at.filter(|at| at.year() > 1975 && *at <= now).unwrap_or(now);
        bytes += mail.raw.len();
        batch.push(Mail {
            reading: reading::read(&message, fallback, now),
            defects: message.defects.iter().map(ToString::to_string).collect(),
            raw: mail.raw,
            line: mail.line,
        });
        if batch.len() == BATCH || bytes > BYTES {
            bytes = 0;
            if send.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    };
    if !batch.is_empty() {
        // Nobody listens only when keeping failed, which is told there.
        let _ = send.blocking_send(batch);
    }
    ended
}

async fn keep(
    hub: &Hub,
    list: &List,
    batch: Vec<Mail>,
    people: &mut People,
    totals: &mut Totals,
    tell: &mut impl FnMut(&Fate),
) -> Result<(), Refusal> {
    let tx = hub.store.write().await?;
    let arrival = |mail: &'_ Mail| (mail.line, mail.reading.subject.clone(), mail.defects.clone(), mail.raw.len());
    let told: Vec<_> = batch.iter().map(arrival).collect();
    let (raws, readings): (Vec<Vec<u8>>, Vec<Reading>) = batch.into_iter().map(|mail| (mail.raw, mail.reading)).unzip();
    let arrivals = raws
        .iter()
        .zip(readings)
        .map(|(raw, reading)| Arrival { raw, reading, source: "import", judgement: String::new() })
        .collect();
    let kept = archive::keep(&tx, list, arrivals, people).await?;
    tx.commit().await?;
    for ((line, subject, defects, size), kept) in told.into_iter().zip(kept) {
        totals.read += 1;
        totals.bytes += size as u64;
        totals.added += u64::from(kept.is_new);
        totals.known += u64::from(!kept.is_new);
        totals.copies += u64::from(kept.is_new && kept.copy > 0);
        tell(&Fate {
            line,
            url: url::message(&list.name, &kept.message_id, kept.copy),
            message_id: kept.message_id,
            subject,
            is_new: kept.is_new,
            copy: kept.copy,
            defects,
        });
    }
    Ok(())
}
