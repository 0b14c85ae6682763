//! Senders that take their time: each phase of a session ends in time, with a word to both sides.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use kernel::Budget;
use tokio::io::DuplexStream;

use super::*;
use crate::inbound::group::Spooler;
use crate::inbound::session::{Door, Known, Protocol, converse};
use crate::inbound::wire::{Bounds, Patience};

/// A limit that is met, and one that is not.
const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(3_600);
const PATIENT: Patience = Patience { usual: LONG, crowded: LONG, mail: LONG, idle: LONG };

/// A session on a pipe with these bounds, up to its greeting.
struct Slow {
    client: Client<DuplexStream>,
    log: Log,
    _hub: TestHub,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Slow {
    async fn begin(bounds: Bounds) -> Self {
        Self::within(bounds, 1 << 16).await
    }

    /// In a crowd, or alone.
    async fn with(patience: Patience, crowded: bool) -> Self {
        Self::begin(Bounds { patience, crowded: Arc::new(AtomicBool::new(crowded)), ..Bounds::default() }).await
    }

    async fn within(bounds: Bounds, pipe: usize) -> Self {
        let (log, guard) = Log::keep();
        let hub = hub().await;
        let (spooler, _) = Spooler::start(hub.hub.clone());
        let door = Door {
            hub: hub.hub.clone(),
            mailboxes: Memory::default().boxes(),
            protocol: Protocol::Smtp,
            domain: "hub.test".into(),
            max_size: 1_000,
            tls: false,
            spooler,
            stop: Stop::new(),
            known: Known::default(),
            bounds,
        };
        let (here, there) = tokio::io::duplex(pipe);
        tokio::spawn(async move { converse(&door, there, [192, 0, 2, 1].into(), false).await });
        Self { client: Client(BufReader::new(here)), log, _hub: hub, _guard: guard }
    }

    /// Up to the 354.
    async fn in_data(&mut self) {
        self.client.expect("220").await;
        self.client.ask("EHLO x.org", "250").await;
        self.client.ask("MAIL FROM:<ann@x.org>", "250").await;
        self.client.ask("RCPT TO:<a@hub.test>", "250").await;
        self.client.ask("DATA", "354").await;
    }

    /// Sends this again and again, a moment apart, until the session ends; the last reply.
    async fn trickle(&mut self, piece: &str) -> String {
        loop {
            // The other side may have hung up already; what it said is still to be read.
            let _ = self.client.0.write_all(piece.as_bytes()).await;
            let reply = tokio::time::timeout(Duration::from_millis(2), self.client.reply()).await;
            match reply {
                Ok(reply) if reply.starts_with(['4', '5']) || reply.ends_with("(gone)") => return reply,
                _ => {}
            }
        }
    }

    /// That the session is over, and that the log names this limit.
    async fn is_closed(&mut self, limit: &str) {
        self.client.expect("(gone)").await;
        self.log.line(&["a mail session is closed: it ", limit, "peer=192.0.2.1"]);
    }

    /// That the log has the mail, with what its sender was told.
    fn is_refused(&self, reply: &str) {
        self.log.line(&["fate=\"refused\"", "from=\"ann@x.org\"", "to=\"a@hub.test\"", reply]);
    }
}

#[tokio::test]
async fn silence_before_a_command_ends_the_session() {
    for (patience, crowded) in
        [(Patience { usual: SHORT, ..PATIENT }, false), (Patience { crowded: SHORT, ..PATIENT }, true)]
    {
        let mut slow = Slow::with(patience, crowded).await;
        slow.client.expect("220").await;
        slow.client.expect("421 4.4.2 You were silent for too long.").await;
        slow.is_closed("was silent for too long, 0.2 s").await;
    }
}

#[tokio::test]
async fn a_command_line_that_trickles_ends_the_session() {
    for (patience, crowded) in
        [(Patience { usual: SHORT, ..PATIENT }, false), (Patience { crowded: SHORT, ..PATIENT }, true)]
    {
        let mut slow = Slow::with(patience, crowded).await;
        slow.client.expect("220").await;
        let reply = slow.trickle("N").await;
        assert!(reply.starts_with("421 4.4.2 Your command line took too long."), "{reply}");
        slow.is_closed("sent no whole command line within 0.2 s").await;
    }
}

#[tokio::test]
async fn commands_without_a_mail_keep_no_place_in_a_crowd() {
    let mut slow = Slow::with(Patience { idle: SHORT, ..PATIENT }, true).await;
    slow.client.expect("220").await;
    let reply = slow.trickle("NOOP\r\n").await;
    assert!(reply.starts_with("421 4.4.2 You brought no mail for too long"), "{reply}");
    slow.is_closed("brought no mail within 0.2 s while nearly all places were taken").await;
}

#[tokio::test]
async fn a_mail_that_was_announced_and_does_not_come_is_told() {
    let mut slow = Slow::with(Patience { usual: SHORT * 5, ..PATIENT }, false).await;
    slow.client.send("EHLO x.org\r\nMAIL FROM:<ann@x.org>\r\nRCPT TO:<a@hub.test>\r\n").await;
    for code in ["220", "250", "250", "250", "421 4.4.2 You were silent for too long."] {
        slow.client.expect(code).await;
    }
    slow.is_closed("was silent for too long, 1 s").await;
    slow.is_refused("421 4.4.2 You were silent for too long. (192.0.2.1)");
}

#[tokio::test]
async fn silence_within_a_mail_ends_the_session() {
    let mut slow = Slow::with(Patience { usual: SHORT * 5, ..PATIENT }, false).await;
    slow.in_data().await;
    slow.client.send("Subject: x\r\n").await;
    slow.client.expect("421 4.4.2 You were silent for too long.").await;
    slow.is_closed("was silent for too long, 1 s").await;
    slow.is_refused("421 4.4.2 You were silent for too long. (192.0.2.1)");
}

#[tokio::test]
async fn a_mail_that_trickles_ends_the_session() {
    let mut slow = Slow::with(Patience { mail: SHORT, ..PATIENT }, false).await;
    slow.in_data().await;
    let reply = slow.trickle("x\r\n").await;
    assert!(reply.starts_with("421 4.4.2 Your mail took too long."), "{reply}");
    slow.is_closed("sent no whole mail within 0.2 s").await;
    slow.is_refused("421 4.4.2 Your mail took too long.");
    // In a crowd the same time is for all that the session does.
    let mut slow = Slow::with(Patience { idle: SHORT * 5, ..PATIENT }, true).await;
    slow.in_data().await;
    let reply = slow.trickle("x\r\n").await;
    assert!(reply.starts_with("421 4.4.2 You brought no mail for too long"), "{reply}");
    slow.is_closed("brought no mail within 1 s").await;
    slow.is_refused("421 4.4.2 You brought no mail for too long");
}

#[tokio::test]
async fn a_mail_that_does_not_end_ends_the_session() {
    let mut slow = Slow::with(PATIENT, false).await;
    slow.in_data().await;
    let reply = slow.trickle(&"0123456789abcd\r\n".repeat(4_000)).await;
    assert!(reply.starts_with("421 4.3.4 Your mail does not end."), "{reply}");
    slow.is_closed("sent a mail that did not end within 1050576 bytes").await;
    slow.is_refused("421 4.3.4 Your mail does not end.");
}

#[tokio::test]
async fn a_mail_whose_sender_goes_away_is_told() {
    let mut slow = Slow::with(PATIENT, false).await;
    slow.in_data().await;
    slow.client.send("Subject: x\r\n").await;
    slow.client.0.shutdown().await.unwrap();
    slow.client.expect("(gone)").await;
    slow.is_refused("451 4.4.2 The connection broke within the mail");
}

#[tokio::test]
async fn whoever_reads_no_replies_keeps_no_place() {
    let patience = Patience { usual: SHORT, ..PATIENT };
    let mut slow = Slow::within(Bounds { patience, ..Bounds::default() }, 64).await;
    while slow.client.0.write_all(b"HELP\r\n").await.is_ok() {}
    slow.log.line(&["a mail session is closed: it took no reply within 0.2 s"]);
}

#[tokio::test]
async fn ten_thousand_mails_are_enough_for_a_session() {
    // None of them finds room, so that nothing has to be kept.
    let mut slow = Slow::begin(Bounds { patience: PATIENT, budget: Budget::new(0), ..Bounds::default() }).await;
    slow.client.expect("220").await;
    slow.client.ask("EHLO x.org", "250").await;
    for _ in 0..10_000 {
        slow.client.send("MAIL FROM:<ann@x.org>\r\nRCPT TO:<a@hub.test>\r\nDATA\r\nSubject: x\r\n.\r\n").await;
        for code in ["250", "250", "354", "452 4.3.1"] {
            slow.client.expect(code).await;
        }
    }
    slow.client.ask("MAIL FROM:<bob@x.org>", "452 4.5.3 10000 mails are enough for one connection").await;
    slow.log.line(&["fate=\"refused\"", "from=\"bob@x.org\"", "452 4.5.3 10000 mails are enough"]);
}
