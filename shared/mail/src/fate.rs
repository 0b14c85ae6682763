//! What became of a mail: one line of the log and one count for each fate.
//!
//! The fields are described in `docs/admin/trouble.md`; programs read them with `GUILDHALL_LOG_FORMAT=json`.

use sea_orm::{EnumIter, Iterable};
use store::Tx;

/// One fate of a mail for one recipient, or for several that fared alike.
#[derive(Clone, Debug)]
pub struct Line {
    pub fate: Fate,
    /// The Message-ID without angle brackets; empty where the mail has not been seen yet.
    pub message_id: String,
    pub from: String,
    pub to: Vec<String>,
    /// Its number in the spool (in) or the queue (out); 0 while it has none.
    pub number: i64,
    /// What it belongs to: `list/dev`, `issues/12`.
    pub about: String,
    /// What was answered, or why.
    pub reply: String,
}

/// What can become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum Fate {
    /// In: kept on the disk and acknowledged.
    Received,
    /// In: not taken; the reply says why.
    Refused,
    /// In: its mailbox has done with it.
    Accepted,
    /// In: waits for a moderator.
    Held,
    /// In: thrown away by a rule or a moderator. Out: given up by the administrator.
    DroppedIn,
    DroppedOut,
    /// In: mail to the postmaster, kept for the administrator, since no mailbox takes it.
    Kept,
    /// In: handed over again later.
    DeferredIn,
    /// Out: the smarthost has taken it.
    Sent,
    /// Out: tried again later.
    DeferredOut,
    /// Out: refused for good, and the sender is told.
    Bounced,
}

impl Fate {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Whether it comes in or goes out.
    pub fn way(self) -> &'static str {
        match self {
            Self::Sent | Self::DeferredOut | Self::Bounced | Self::DroppedOut => "out",
            _ => "in",
        }
    }

    /// The word to search the log for.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::DroppedIn | Self::DroppedOut => "dropped",
            Self::Kept => "kept",
            Self::DeferredIn | Self::DeferredOut => "deferred",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
        }
    }
}

impl Line {
    /// A fate of which nothing else is known yet.
    pub fn new(fate: Fate) -> Self {
        let empty = String::new;
        Self { fate, message_id: empty(), from: empty(), to: vec![], number: 0, about: empty(), reply: empty() }
    }

    /// The fate of a mail that came in, for one of its recipients.
    pub fn of(fate: Fate, mail: &crate::Inbound, to: &str) -> Self {
        Self {
            message_id: mail.message.message_id.clone(),
            from: mail.envelope_from.clone(),
            to: vec![to.to_owned()],
            number: mail.spool_id.0,
            ..Self::new(fate)
        }
    }

    /// A mail that is not taken from `from` for `to`; `reply` is what its sender is told.
    pub fn refused(from: &str, to: Vec<String>, reply: impl Into<String>) -> Self {
        Self { from: from.to_owned(), to, reply: reply.into(), ..Self::new(Fate::Refused) }
    }

    /// Tells it now.
    pub fn tell(&self) {
        let (fate, way) = (self.fate.word(), self.fate.way());
        metrics::counter!("guildhall_mail_total", "way" => way, "fate" => fate).increment(self.to.len().max(1) as u64);
        tracing::info!(
            target: "guildhall::mail",
            fate,
            way,
            id = plain(&self.message_id),
            from = plain(&self.from),
            to = plain(&self.to.join(",")),
            number = self.number,
            about = plain(&self.about),
            reply = plain(&self.reply),
            "mail"
        );
    }

    /// Tells it once the transaction is committed.
    pub fn after(self, tx: &Tx) {
        tx.after_commit(move || self.tell());
    }
}

/// Without control characters, so that a line stays a line; at most 1,000 characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1_000).collect()
}

#[cfg(test)]
mod tests {
    use super::{Fate, plain};

    #[test]
    fn the_manual_tells_of_each_fate() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/admin/trouble.md");
        let page = std::fs::read_to_string(page).unwrap();
        for fate in Fate::all() {
            let row = format!("| {} | `{}` |", fate.way(), fate.word());
            assert_eq!(page.matches(&row).count(), 1, "{row}");
        }
    }

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(plain("550 no\r\nfate=sent"), "550 no  fate=sent");
        assert_eq!(plain(&"x".repeat(5_000)).len(), 1_000);
    }
}
