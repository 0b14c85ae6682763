//! A conversation over SMTP (RFC 5321) or LMTP (RFC 2033).

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jobs::Stop;
use kernel::Hub;
use store::StoreError;
use tokio::io::{AsyncRead, AsyncWrite};

use super::command::{self, Command, Fault, Hello};
use super::group::{NotKept, Spooler, Taken};
use super::wire::{Body, Bounds, Line, Wire};
use super::{Mailboxes, Route, spool, trace};
use crate::Rcpt;
use crate::dsn::{OfMail, OfRcpt};
use crate::fate::{self, Fate};

/// Recipients of one mail.
const RCPTS: usize = 1_000;
/// Faults after which a session is closed.
const FAULTS: u32 = 20;
/// Unknown recipients after which an SMTP session is closed: somebody tries names.
const UNKNOWN: u32 = 50;
/// Mails in one session.
const MAILS: u32 = 10_000;
/// How long an address that was found is taken to be there still.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// Which protocol a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Smtp,
    Lmtp,
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
        }
    }
}

/// What all sessions of a listener share.
pub(super) struct Door {
    pub hub: Hub,
    pub mailboxes: Mailboxes,
    pub protocol: Protocol,
    pub domain: String,
    pub max_size: usize,
    /// Whether STARTTLS is offered.
    pub tls: bool,
    pub spooler: Spooler,
    pub stop: Stop,
    pub known: Known,
    pub bounds: Bounds,
}

/// Addresses that were found a moment ago, so that a burst asks once.
#[derive(Default)]
pub(super) struct Known(Mutex<HashMap<String, (Instant, Route)>>);

impl Door {
    async fn route(&self, rcpt: &Rcpt) -> Result<Route, StoreError> {
        let known = |found: &(Instant, Route)| (found.0.elapsed() < KNOWN_FOR).then(|| found.1.clone());
        let lock = || self.known.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = lock().get(&rcpt.address).and_then(known) {
            return Ok(route);
        }
        let route = self.mailboxes.route(&self.hub, rcpt).await?;
        if matches!(route, Route::Mailbox(_)) {
            let mut known = lock();
            if known.len() > 10_000 {
                known.clear();
            }
            known.insert(rcpt.address.clone(), (Instant::now(), route.clone()));
        }
        Ok(route)
    }
}

/// Talks until the other side has had enough; gives the stream back when it is to be encrypted (RFC 3207).
pub(super) async fn converse<S>(door: &Door, stream: S, peer: IpAddr, secure: bool) -> io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut session = Session {
        door,
        wire: Wire::new(stream, door.bounds.clone()),
        peer,
        secure,
        hello: None,
        extended: false,
        mail: None,
        faults: 0,
        unknown: 0,
        mails: 0,
    };
    if !secure {
        session.wire.say(220, &format!("{} {} Guildhall", door.domain, if session.lmtp() { "LMTP" } else { "ESMTP" }));
    }
    loop {
        match session.turn().await? {
            Next::Listen => {}
            Next::Close => {
                session.wire.flush().await?;
                return Ok(None);
            }
            Next::Encrypt => {
                session.wire.flush().await?;
                // What was sent ahead of the encryption is thrown away with the wire: anybody may have put it there.
                return Ok(Some(session.wire.into_stream()));
            }
        }
    }
}

enum Next {
    Listen,
    Close,
    Encrypt,
}

/// A mail being announced.
struct Announced {
    from: String,
    utf8: bool,
    dsn: OfMail,
    rcpts: Vec<(Rcpt, Route, OfRcpt)>,
}

struct Session<'a, S> {
    door: &'a Door,
    wire: Wire<S>,
    peer: IpAddr,
    secure: bool,
    hello: Option<String>,
    /// Whether the greeting was EHLO or LHLO.
    extended: bool,
    mail: Option<Announced>,
    faults: u32,
    unknown: u32,
    mails: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    fn lmtp(&self) -> bool {
        self.door.protocol == Protocol::Lmtp
    }

    /// Tells the log which limit ends a session.
    fn limit(&self, what: &str) {
        tracing::info!(peer = %self.peer, protocol = self.door.protocol.name(), "a mail session is closed: it {what}");
    }

    async fn turn(&mut self) -> io::Result<Next> {
        let line = tokio::select! {
            line = self.wire.line() => line,
            () = self.door.stop.cancelled() => {
                self.wire.say(421, "4.3.2 The hub is being restarted. Try again in a minute.");
                return Ok(Next::Close);
            }
        };
        let line = match line {
            Ok(line) => line,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.limit("was silent for too long");
                self.wire.say(421, "4.4.2 You were silent for too long.");
                return Ok(Next::Close);
            }
            Err(error) => return Err(error),
        };
        let command = match line {
            Line::End => return Ok(Next::Close),
            Line::TooLong => {
                self.limit("sent a command line longer than 2048 bytes");
                self.wire.say(500, "5.5.2 The line is too long.");
                return Ok(Next::Close);
            }
            Line::Bare => Err(Fault(500, "5.5.2", "End each line with CR LF.".into())),
            Line::Text(line) => command::parse(&line),
        };
        let answer = match command {
            Ok(command) => self.answer(command).await?,
            Err(fault) => Err(fault),
        };
        match answer {
            Ok(next) => Ok(next),
            Err(Fault(code, status, text)) => {
                self.wire.say(code, &format!("{status} {text}"));
                self.faults += u32::from(code != 452 && code != 451 && code != 550);
                if self.faults >= FAULTS || (self.unknown >= UNKNOWN && !self.lmtp()) {
                    self.limit("made too many errors");
                    self.wire.say(421, "4.7.0 Too many errors.");
                    return Ok(Next::Close);
                }
                Ok(Next::Listen)
            }
        }
    }

    async fn answer(&mut self, command: Command) -> io::Result<Result<Next, Fault>> {
        Ok(match command {
            Command::Hello(kind, name) => self.hello(kind, name),
            Command::Mail { from, size, utf8, dsn } => self.mail(from, size, utf8, dsn),
            Command::Rcpt { to, dsn } => self.rcpt(&to, dsn).await,
            Command::Data => return self.data().await,
            Command::Rset => {
                self.mail = None;
                self.wire.say(250, "2.0.0 Forgotten.");
                Ok(Next::Listen)
            }
            Command::Noop => {
                self.wire.say(250, "2.0.0 Still here.");
                Ok(Next::Listen)
            }
            Command::Quit => {
                self.wire.say(221, "2.0.0 Goodbye.");
                Ok(Next::Close)
            }
            Command::StartTls => self.start_tls(),
            Command::Vrfy => {
                self.wire.say(252, "2.5.2 Send the mail, and you will know.");
                Ok(Next::Listen)
            }
            Command::Help => {
                self.wire.say(214, "2.0.0 EHLO LHLO MAIL RCPT DATA RSET NOOP QUIT STARTTLS");
                Ok(Next::Listen)
            }
            Command::Unoffered(name) => Err(Fault(502, "5.5.1", format!("{name} is not offered here."))),
        })
    }

    fn hello(&mut self, kind: Hello, name: String) -> Result<Next, Fault> {
        match (self.lmtp(), kind) {
            (true, Hello::Helo | Hello::Ehlo) => {
                return Err(Fault(500, "5.5.1", "This is LMTP: greet with LHLO.".into()));
            }
            (false, Hello::Lhlo) => return Err(Fault(500, "5.5.1", "This is SMTP: greet with EHLO.".into())),
            _ => {}
        }
        self.hello = Some(name);
        self.extended = kind != Hello::Helo;
        self.mail = None;
        if !self.extended {
            self.wire.say(250, &self.door.domain);
            return Ok(Next::Listen);
        }
        self.wire.say_more(250, &self.door.domain);
        for word in ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN"] {
            self.wire.say_more(250, word);
        }
        if self.door.tls && !self.secure {
            self.wire.say_more(250, "STARTTLS");
        }
        self.wire.say(250, &format!("SIZE {}", self.door.max_size));
        Ok(Next::Listen)
    }

    fn start_tls(&mut self) -> Result<Next, Fault> {
        if !self.door.tls {
            return Err(Fault(502, "5.5.1", "STARTTLS is not offered here.".into()));
        }
        if self.secure {
            return Err(Fault(503, "5.5.1", "The connection is encrypted already.".into()));
        }
        self.wire.say(220, "2.0.0 Go ahead.");
        Ok(Next::Encrypt)
    }

    fn mail(&mut self, from: String, size: Option<usize>, utf8: bool, dsn: OfMail) -> Result<Next, Fault> {
        if self.hello.is_none() {
            return Err(Fault(503, "5.5.1", "Greet first.".into()));
        }
        if self.mail.is_some() {
            return Err(Fault(503, "5.5.1", "A mail has been announced already; RSET takes it back.".into()));
        }
        if self.mails >= MAILS {
            return Err(Fault(452, "4.5.3", "Enough for one connection; open another.".into()));
        }
        if size.is_some_and(|size| size > self.door.max_size) {
            return Err(self.too_large());
        }
        if !from.is_empty() && Rcpt::parse(&from).is_none() {
            return Err(Fault(501, "5.1.7", format!("{from} is not a mail address.")));
        }
        self.mail = Some(Announced { from, utf8, dsn, rcpts: Vec::new() });
        self.wire.say(250, "2.1.0 The sender is noted.");
        Ok(Next::Listen)
    }

    fn too_large(&self) -> Fault {
        let limit = crate::Size(self.door.max_size);
        Fault(552, "5.3.4", format!("The mail is too large; {limit} is the most that is taken here."))
    }

    async fn rcpt(&mut self, to: &str, dsn: OfRcpt) -> Result<Next, Fault> {
        let Some(mail) = &mut self.mail else {
            return Err(Fault(503, "5.5.1", "Announce the mail with MAIL FROM first.".into()));
        };
        if mail.rcpts.len() >= RCPTS {
            return Err(Fault(452, "4.5.3", "Too many recipients; send the mail again to the others.".into()));
        }
        if !mail.utf8 && !to.is_ascii() {
            return Err(command::needs_utf8());
        }
        // `<postmaster>` needs no domain (RFC 5321 section 4.1.1.3).
        let whole = if to.contains('@') { to.to_owned() } else { format!("{to}@{}", self.door.domain) };
        let Some(rcpt) = Rcpt::parse(&whole) else {
            return Err(Fault(501, "5.1.3", format!("{to} is not a mail address.")));
        };
        match self.door.route(&rcpt).await {
            Ok(Route::Unknown) => {
                self.unknown += 1;
                let why = spool::unknown(&rcpt);
                refused(&mail.from, &[&rcpt], &format!("550 5.1.1 {why} ({})", self.peer));
                Err(Fault(550, "5.1.1", why))
            }
            Ok(Route::Refused(why)) => {
                refused(&mail.from, &[&rcpt], &format!("550 5.7.1 {why} ({})", self.peer));
                Err(Fault(550, "5.7.1", why))
            }
            Ok(route) => {
                mail.rcpts.push((rcpt, route, dsn));
                self.wire.say(250, "2.1.5 The recipient is known.");
                Ok(Next::Listen)
            }
            Err(error) => {
                tracing::error!(%error, rcpt = rcpt.address, "a recipient was put off");
                Err(Fault(451, "4.3.0", "The hub cannot look the recipient up now. Try again later.".into()))
            }
        }
    }

    async fn data(&mut self) -> io::Result<Result<Next, Fault>> {
        if self.mail.as_ref().is_none_or(|mail| mail.rcpts.is_empty()) {
            return Ok(Err(Fault(503, "5.5.1", "Name a recipient that is taken first.".into())));
        }
        let Some(mail) = self.mail.take() else { return Ok(Ok(Next::Listen)) };
        self.wire.say(354, "Send the mail; end it with a line of one dot.");
        let body = self.wire.body(self.door.max_size).await?;
        self.mails += 1;
        let raw = match body {
            Body::Whole(raw) => raw,
            Body::TooLarge => return Ok(self.reply_all(&mail, Err(self.too_large()), Next::Listen)),
            Body::TooMuch => {
                let text = "The hub is taking too many large mails at this moment. Try again later.";
                return Ok(self.reply_all(&mail, Err(Fault(452, "4.3.1", text.into())), Next::Listen));
            }
            Body::LongLine => {
                let text = "A line of the mail is longer than 998 bytes.";
                return Ok(self.reply_all(&mail, Err(Fault(554, "5.6.0", text.into())), Next::Listen));
            }
            Body::BareDot => {
                let text = "The mail holds a lone dot that is not between CR LF.";
                return Ok(self.reply_all(&mail, Err(Fault(554, "5.5.2", text.into())), Next::Close));
            }
        };
        if trace::circles(&raw) {
            let text = "The mail goes in circles: it has been handed on more than a hundred times.";
            return Ok(self.reply_all(&mail, Err(Fault(554, "5.4.6", text.into())), Next::Listen));
        }
        let taken = self.taken(&mail, &raw);
        drop(raw);
        let kept = self.door.spooler.keep(taken).await;
        self.wire.let_go();
        let answer = kept.map_err(|why| match why {
            // RFC 5321 section 4.2.2: insufficient system storage.
            NotKept::Full => Fault(452, "4.3.1", "The hub's disk is full. Try again later.".into()),
            NotKept::Failed => Fault(451, "4.3.0", "The hub cannot keep the mail now. Try again later.".into()),
        });
        Ok(self.reply_all(&mail, answer.map(|id| id.0), Next::Listen))
    }

    /// One reply, or in LMTP one for each recipient (RFC 2033 section 4.2).
    fn reply_all(&mut self, mail: &Announced, answer: Result<i64, Fault>, next: Next) -> Result<Next, Fault> {
        if let Err(Fault(code, status, text)) = &answer {
            let rcpts: Vec<&Rcpt> = mail.rcpts.iter().map(|(rcpt, _, _)| rcpt).collect();
            refused(&mail.from, &rcpts, &format!("{code} {status} {text} ({})", self.peer));
        }
        let replies = if self.lmtp() { mail.rcpts.len() } else { 1 };
        for n in 0..replies {
            match &answer {
                Ok(id) if self.lmtp() => {
                    self.wire.say(250, &format!("2.1.5 Kept as {id} for {}.", mail.rcpts[n].0.address));
                }
                Ok(id) => self.wire.say(250, &format!("2.0.0 Kept as {id}.")),
                Err(Fault(code, status, text)) => self.wire.say(*code, &format!("{status} {text}")),
            }
        }
        self.faults += u32::from(answer.is_err_and(|fault| fault.0 >= 500));
        Ok(if self.faults >= FAULTS { Next::Close } else { next })
    }

    fn taken(&self, mail: &Announced, raw: &[u8]) -> Taken {
        let mut rcpts: Vec<(Rcpt, Route, OfRcpt)> = Vec::with_capacity(mail.rcpts.len());
        for rcpt in &mail.rcpts {
            if !rcpts.iter().any(|(known, ..)| known == &rcpt.0) {
                rcpts.push(rcpt.clone());
            }
        }
        let secure = if self.secure { "S" } else { "" };
        let with = match (self.lmtp(), mail.utf8, self.extended) {
            (true, true, _) => format!("UTF8LMTP{secure}"),
            (true, false, _) => format!("LMTP{secure}"),
            (false, true, _) => format!("UTF8SMTP{secure}"),
            (false, false, true) => format!("ESMTP{secure}"),
            (false, false, false) => "SMTP".to_owned(),
        };
        let hop = trace::Hop {
            hello: self.hello.as_deref().unwrap_or("unknown"),
            peer: self.peer,
            domain: &self.door.domain,
            with: &with,
            only: match &rcpts[..] {
                [(only, ..)] => Some(&only.address),
                _ => None,
            },
            now: self.door.hub.now(),
        };
        let raw = trace::stamp(&hop, raw);
        let via = format!("{} {}", self.door.protocol.name(), self.peer);
        Taken { raw, from: mail.from.clone(), via, dsn: mail.dsn.clone(), rcpts }
    }
}

/// Tells the log of a mail that is not taken at the door.
fn refused(from: &str, to: &[&Rcpt], reply: &str) {
    fate::Line {
        from: from.to_owned(),
        to: to.iter().map(|rcpt| rcpt.address.clone()).collect(),
        reply: reply.to_owned(),
        ..fate::Line::new(Fate::Refused)
    }
    .tell();
}
