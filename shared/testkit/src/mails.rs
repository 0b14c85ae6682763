//! Mails of a test: those that come in, and those that wait to go out.

use mail::inbound::Envelope;
use mail::outbound::{Copy, OutboxFilter};
use mail::{Fate, Message, Rcpt};

use crate::TestHub;

/// A mail that somebody sends to the hub.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// `ann@x.org` or `Ann <ann@x.org>`.
    pub from: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    /// Without the angle brackets; drawn when empty.
    pub message_id: String,
    pub in_reply_to: String,
    pub references: String,
    /// More fields, each with its line end.
    pub headers: String,
}

impl Letter {
    /// The mail as it travels.
    pub fn raw(&self) -> Vec<u8> {
        let drawn = format!("{}@test.example", uuid::Uuid::new_v4().simple());
        let id = if self.message_id.is_empty() { &drawn } else { &self.message_id };
        let mut text =
            format!("From: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{id}>\r\n", self.from, self.to, self.subject);
        if !self.in_reply_to.is_empty() {
            text.push_str(&format!("In-Reply-To: <{}>\r\n", self.in_reply_to.trim_matches(['<', '>'])));
        }
        if !self.references.is_empty() {
            text.push_str(&format!("References: {}\r\n", self.references));
        }
        text.push_str(&self.headers.replace("\r\n", "\n").replace('\n', "\r\n"));
        text.push_str("Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n");
        if !self.headers.to_lowercase().contains("content-type:") {
            text.push_str(
                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
            );
        }
        text.push_str("\r\n");
        text.push_str(&self.body.replace("\r\n", "\n").replace('\n', "\r\n"));
        if !text.ends_with("\r\n") {
            text.push_str("\r\n");
        }
        text.into_bytes()
    }
}

/// One mail to one recipient, as it would leave.
#[derive(Clone, Debug)]
pub struct Sent {
    pub copy: Copy,
    pub raw: Vec<u8>,
    pub message: Message,
}

impl Sent {
    /// The mail as text, with its line ends as `\n`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).replace("\r\n", "\n")
    }

    /// The decoded text of the body.
    pub fn body(&self) -> String {
        self.message.text().to_owned()
    }

    /// A field of the header.
    pub fn header(&self, name: &str) -> String {
        self.message.header(name).unwrap_or_default().to_owned()
    }

    /// The first URL in the body that contains `part`.
    pub fn link(&self, part: &str) -> String {
        let body = self.body();
        let found = body.split_whitespace().find(|word| word.contains("://") && word.contains(part));
        found.unwrap_or_else(|| panic!("no link with {part} in:\n{body}")).trim_matches(['<', '>', '.', ',']).to_owned()
    }
}

/// The mails that wait to go out, oldest first.
#[derive(Clone, Debug)]
pub struct Outbox(pub Vec<Sent>);

impl Outbox {
    /// Those to one address; `bob` stands for `bob@example.org`.
    pub fn to(&self, address: &str) -> Self {
        let whole = if address.contains('@') { address.to_owned() } else { format!("{address}@example.org") };
        Self(self.0.iter().filter(|sent| sent.copy.address == whole).cloned().collect())
    }

    /// The only mail.
    #[track_caller]
    pub fn one(&self) -> Sent {
        let subjects: Vec<&str> = self.0.iter().map(|sent| sent.copy.subject.as_str()).collect();
        assert_eq!(self.0.len(), 1, "not one mail but {subjects:?}");
        self.0[0].clone()
    }

    /// The newest mail.
    #[track_caller]
    pub fn last(&self) -> Sent {
        self.0.last().expect("a mail").clone()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl TestHub {
    /// Hands a mail in as SMTP would: a recipient that no mailbox answers is refused, the rest is kept and delivered.
    pub async fn mail_in(&self, letter: Letter) -> Fate {
        let from = mail::Message::parse(&letter.raw()).from.address;
        self.mail_in_raw(&from, &letter.to, &letter.raw()).await
    }

    /// Hands raw bytes in, with an envelope of its own.
    pub async fn mail_in_raw(&self, from: &str, to: &str, raw: &[u8]) -> Fate {
        let rcpts = to.split(',').filter_map(|to| Rcpt::parse(to.trim())).collect();
        let envelope = Envelope { from: from.to_owned(), rcpts, via: "test".into() };
        let received = mail::inbound::receive(&self.hub, &self.mailboxes, raw, &envelope).await.expect("the spool");
        self.deliver_pending().await;
        received.refused.into_iter().next().map_or(Fate::Accepted, |refused| Fate::Refused(refused.why))
    }

    /// What waits to go out.
    pub async fn outbox(&self) -> Outbox {
        let filter = OutboxFilter { limit: 1_000_000, ..OutboxFilter::default() };
        let mut copies = mail::outbound::outbox(&self.hub.store.read(), &filter).await.expect("the outbox");
        copies.reverse();
        let mut sent = Vec::with_capacity(copies.len());
        for copy in copies {
            let raw = mail::outbound::rendered(&self.hub.store, copy.id).await.expect("a mail").expect("a mail");
            sent.push(Sent { message: Message::parse(&raw), raw, copy });
        }
        Outbox(sent)
    }

    pub(crate) async fn deliver_pending(&self) -> u64 {
        mail::inbound::deliver_pending(&self.hub, &self.mailboxes).await.expect("delivery")
    }
}
