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
use super::wire::{Body, Bounds, Broken, Limit, Line, Wire};
use super::{Mailboxes, Route, spool, trace};
use crate::Rcpt;
use crate::dsn::{OfMail, OfRcpt};
use crate::fate;

/// Recipients of one mail.
const RCPTS: usize = 1_000;
/// Faults after which a session is closed.
const FAULTS: u32 = 20;
/// Refused senders and recipients of a session of which the log is told.
const TOLD: u32 = 100;
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

/// Tells the log which limit ended a session.
pub(super) fn closed(peer: IpAddr, protocol: Protocol, what: &str) {
    tracing::info!(%peer, protocol = protocol.name(), "a mail session is closed: it {what}");
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
        told: 0,
        unknown: 0,
        mails: 0,
    };
    if !secure {
        session.wire.say(220, &format!("{} {} Guildhall", door.domain, if session.lmtp() { "LMTP" } else { "ESMTP" }));
    }
    let next = match session.talk().await {
        Ok(next) => next,
        Err(Broken::Io(error)) => return Err(error),
        Err(Broken::Over(limit)) => {
            session.over(limit).await;
            Next::Close
        }
    };
    // What was sent ahead of the encryption is thrown away with the wire: anybody may have put it there.
    Ok(matches!(next, Next::Encrypt).then(|| session.wire.into_stream()))
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

impl Announced {
    fn addresses(&self) -> Vec<String> {
        self.rcpts.iter().map(|(rcpt, ..)| rcpt.address.clone()).collect()
    }
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
    /// Refused senders and recipients of which the log was told.
    told: u32,
    unknown: u32,
    mails: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    fn lmtp(&self) -> bool {
        self.door.protocol == Protocol::Lmtp
    }

    /// Tells the log which limit ends a session.
    fn limit(&self, what: &str) {
        closed(self.peer, self.door.protocol, what);
    }

    /// Answers commands until the session ends or is to be encrypted.
    async fn talk(&mut self) -> Result<Next, Broken> {
        loop {
            let next = self.turn().await?;
            if !matches!(next, Next::Listen) {
                self.wire.flush().await?;
                return Ok(next);
            }
        }
    }

    /// Ends a session that went over a limit, in whatever phase it is.
    async fn over(&mut self, limit: Limit) {
        self.limit(&limit.deed());
        self.give_up(421, limit.reply());
        if !matches!(limit, Limit::Deaf(_)) {
            self.wire.farewell(limit.reply()).await;
        }
    }

    /// Tells the log of a mail that had recipients when its session was ended from this side.
    fn give_up(&mut self, code: u16, reply: &str) {
        if let Some(mail) = self.mail.take().filter(|mail| !mail.rcpts.is_empty()) {
            self.tell_refused(&mail.from, mail.addresses(), &format!("{code} {reply}"));
        }
    }

    fn tell_refused(&self, from: &str, to: Vec<String>, reply: &str) {
        fate::Line::refused(from, to, format!("{reply} ({})", self.peer)).tell();
    }

    async fn turn(&mut self) -> Result<Next, Broken> {
        let line = tokio::select! {
            line = self.wire.line() => line?,
            () = self.door.stop.cancelled() => {
                let reply = "4.3.2 The hub is being restarted. Try again in a minute.";
                self.give_up(421, reply);
                self.wire.say(421, reply);
                return Ok(Next::Close);
            }
        };
        let line = match line {
            Line::End => return Ok(Next::Close),
            Line::TooLong => {
                let reply = "5.5.2 The line is too long.";
                self.limit("sent a command line longer than 2048 bytes");
                self.give_up(500, reply);
                self.wire.say(500, reply);
                return Ok(Next::Close);
            }
            Line::Bare => None,
            Line::Text(line) => Some(line),
        };
        let command = match &line {
            Some(line) => command::parse(line),
            None => Err(Fault(500, "5.5.2", "End each line with CR LF.".into())),
        };
        let answer = match command {
            Ok(command) => self.answer(command).await?,
            Err(fault) => Err(fault),
        };
        let Err(fault) = answer else { return Ok(answer.unwrap_or(Next::Listen)) };
        self.tell_fault(&line.unwrap_or_default(), &fault);
        let Fault(code, status, text) = fault;
        self.wire.say(code, &format!("{status} {text}"));
        self.faults += u32::from(code != 452 && code != 451 && code != 550);
        Ok(if self.has_erred_enough() { Next::Close } else { Next::Listen })
    }

    /// Whether there were so many errors that the session ends; says so.
    fn has_erred_enough(&mut self) -> bool {
        let enough = self.faults >= FAULTS || (self.unknown >= UNKNOWN && !self.lmtp());
        if enough {
            let reply = "4.7.0 Too many errors.";
            self.limit(&format!(
                "made too many errors, {} and {} unknown recipients ({FAULTS} and {UNKNOWN} are the most)",
                self.faults, self.unknown
            ));
            self.give_up(421, reply);
            self.wire.say(421, reply);
        }
        enough
    }

    /// Tells the log of a mail that is refused at MAIL, or for a recipient at RCPT.
    fn tell_fault(&mut self, line: &[u8], Fault(code, status, text): &Fault) {
        self.told += 1;
        if self.told > TOLD {
            return;
        }
        let more = if self.told == TOLD { " (what else is refused in this session is not told)" } else { "" };
        let reply = format!("{code} {status} {text}{more}");
        match (command::path_of(line), &self.mail) {
            (Some(("MAIL", from)), _) => self.tell_refused(&from, vec![], &reply),
            (Some(("RCPT", to)), Some(mail)) => self.tell_refused(&mail.from, vec![to], &reply),
            // Without a sender RCPT is an error of the session; the sender's refusal was told.
            _ => {}
        }
    }

    async fn answer(&mut self, command: Command) -> Result<Result<Next, Fault>, Broken> {
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
            return Err(Fault(452, "4.5.3", format!("{MAILS} mails are enough for one connection; open another.")));
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
            let text = format!("A mail has at most {RCPTS} recipients; send it again to the others.");
            return Err(Fault(452, "4.5.3", text));
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
                Err(Fault(550, "5.1.1", spool::unknown(&rcpt)))
            }
            Ok(Route::Refused(why)) => Err(Fault(550, "5.7.1", why)),
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

    async fn data(&mut self) -> Result<Result<Next, Fault>, Broken> {
        if self.mail.as_ref().is_none_or(|mail| mail.rcpts.is_empty()) {
            return Ok(Err(Fault(503, "5.5.1", "Name a recipient that is taken first.".into())));
        }
        self.wire.say(354, "Send the mail; end it with a line of one dot.");
        let body = self.wire.body(self.door.max_size).await;
        if let Err(Broken::Io(error)) = &body {
            // Nobody is there to be told; a sender that means well comes again.
            self.give_up(451, &format!("4.4.2 The connection broke within the mail: {error}."));
        }
        let body = body?;
        let Some(mail) = self.mail.take() else { return Ok(Ok(Next::Listen)) };
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
        if kept.is_ok() {
            self.wire.brought();
        }
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
            self.tell_refused(&mail.from, mail.addresses(), &format!("{code} {status} {text}"));
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
        let closes = !matches!(next, Next::Close) && self.has_erred_enough();
        Ok(if closes { Next::Close } else { next })
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
