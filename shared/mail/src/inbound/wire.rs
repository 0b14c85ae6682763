//! The bytes of a session: lines in, replies out, and the mail between DATA and its dot.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kernel::{Budget, Held};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

/// The longest command line (RFC 5321 section 4.5.3.1.4 asks for 512, extensions for more).
const LINE: usize = 2_048;
/// The longest line of a mail, without its CRLF (RFC 5321 section 4.5.3.1.6).
const TEXT_LINE: usize = 998;
/// What all mails that are being taken may hold together, bytes.
const TOGETHER: usize = 256 << 20;

/// What the sessions of a listener share, so that no number of them takes everything.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// Bytes of the mails that are being taken.
    pub budget: Budget,
    /// Whether nearly all places are taken.
    pub crowded: Arc<AtomicBool>,
    pub patience: Patience,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { budget: Budget::new(TOGETHER), crowded: Arc::default(), patience: Patience::default() }
    }
}

/// How long a session waits for the other side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a whole command line, for the next piece of a mail, and until a reply is taken (RFC 5321 section 4.5.3.2.7).
    pub usual: Duration,
    /// The same while nearly all places are taken.
    pub crowded: Duration,
    /// For a whole mail, however it trickles.
    pub mail: Duration,
    /// From one mail that is kept to the next, while nearly all places are taken.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { usual: seconds(300), crowded: seconds(10), mail: seconds(1_800), idle: seconds(300) }
    }
}

/// A limit of a session that the other side went over, so that it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Silence(Duration),
    /// A command line that trickles.
    Line(Duration),
    /// A mail that trickles.
    Mail(Duration),
    /// No mail for too long, while others wait for a place.
    Idle(Duration),
    /// A mail that goes on for long after it was too large, in bytes.
    Endless(usize),
    /// Replies that nobody reads.
    Deaf(Duration),
}

impl Limit {
    /// What the other side did, for the log.
    pub(super) fn deed(self) -> String {
        let seconds = |limit: Duration| format!("{} s", limit.as_secs_f64());
        match self {
            Self::Silence(limit) => format!("was silent for too long, {}", seconds(limit)),
            Self::Line(limit) => format!("sent no whole command line within {}", seconds(limit)),
            Self::Mail(limit) => format!("sent no whole mail within {}", seconds(limit)),
            Self::Idle(limit) => {
                format!("brought no mail within {} while nearly all places were taken", seconds(limit))
            }
            Self::Endless(limit) => format!("sent a mail that did not end within {limit} bytes"),
            Self::Deaf(limit) => format!("took no reply within {}", seconds(limit)),
        }
    }

    /// What the other side is told, behind 421.
    pub(super) fn reply(self) -> &'static str {
        match self {
            Self::Silence(_) => "4.4.2 You were silent for too long.",
            Self::Line(_) => "4.4.2 Your command line took too long.",
            Self::Mail(_) => "4.4.2 Your mail took too long.",
            Self::Idle(_) => "4.4.2 You brought no mail for too long, and others wait for a place.",
            Self::Endless(_) => "4.3.4 Your mail does not end.",
            Self::Deaf(_) => "4.4.2 You read no replies.",
        }
    }
}

/// Why a session cannot go on.
#[derive(Debug)]
pub(super) enum Broken {
    Over(Limit),
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Limit> for Broken {
    fn from(limit: Limit) -> Self {
        Self::Over(limit)
    }
}

/// A connection with what was read ahead and what is still to be said.
pub(super) struct Wire<S> {
    stream: S,
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
    bounds: Bounds,
    /// What the mail that was taken last holds.
    held: Held,
    /// When the last mail was kept, or the session began.
    brought: Instant,
}

/// A line as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Without its CRLF.
    Text(Vec<u8>),
    /// It ended with something else than CRLF.
    Bare,
    TooLong,
    /// The other side has gone.
    End,
}

/// A mail as it came, or what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Whole(Vec<u8>),
    TooLarge,
    /// All mails that are being taken are too large together.
    TooMuch,
    LongLine,
    /// A line of one dot that did not stand between CRLFs: SMTP smuggling.
    BareDot,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S, bounds: Bounds) -> Self {
        let held = bounds.budget.begin();
        Self { stream, input: Vec::new(), at: 0, output: Vec::new(), bounds, held, brought: Instant::now() }
    }

    /// Says that a mail was kept: whoever brings some may stay.
    pub(super) fn brought(&mut self) {
        self.brought = Instant::now();
    }

    /// Says that the mail that was taken last is not held any more.
    pub(super) fn let_go(&mut self) {
        self.held = self.bounds.budget.begin();
    }

    /// The stream, and whether something had been read ahead of which nobody knows who sent it.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }

    /// Says a reply of one line; it leaves when the other side has to be waited for.
    pub(super) fn say(&mut self, code: u16, text: &str) {
        self.line_out(code, ' ', text);
    }

    /// Says one line of a reply that goes on.
    pub(super) fn say_more(&mut self, code: u16, text: &str) {
        self.line_out(code, '-', text);
    }

    fn line_out(&mut self, code: u16, mark: char, text: &str) {
        // What others wrote may stand in a reply; it must stay on its line and within 512 bytes.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect();
        self.output.extend_from_slice(format!("{code}{mark}{text}\r\n").as_bytes());
    }

    pub(super) async fn flush(&mut self) -> Result<(), Broken> {
        if !self.output.is_empty() {
            let writing = async {
                self.stream.write_all(&self.output).await?;
                self.stream.flush().await
            };
            within(&self.bounds, Instant::now(), self.brought, Limit::Deaf, writing).await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Says a last word to somebody who may not listen any more.
    pub(super) async fn farewell(&mut self, text: &str) {
        self.say(421, text);
        let _ = timeout(self.bounds.patience.crowded, async {
            let _ = self.stream.write_all(&self.output).await;
            self.stream.flush().await
        })
        .await;
        self.output.clear();
    }

    /// Reads more, after everything has been said; `false` at the end. The other side is waited for since `since`.
    async fn more(&mut self, since: Option<Instant>, limit: fn(Duration) -> Limit) -> Result<bool, Broken> {
        self.flush().await?;
        if self.at > 0 {
            self.input.drain(..self.at);
            self.at = 0;
        }
        self.input.reserve(4096);
        let since = since.unwrap_or_else(Instant::now);
        let reading = self.stream.read_buf(&mut self.input);
        Ok(within(&self.bounds, since, self.brought, limit, reading).await? > 0)
    }

    /// The next command line. It has to be whole in time, so that a byte now and then keeps no place.
    pub(super) async fn line(&mut self) -> Result<Line, Broken> {
        let began = Instant::now();
        let mut looked = 0;
        loop {
            let unread = &self.input[self.at..];
            if let Some(end) = unread[looked..].iter().position(|byte| *byte == b'\n') {
                let line = &unread[..looked + end];
                let read = match line.strip_suffix(b"\r") {
                    _ if line.len() > LINE => Line::TooLong,
                    Some(text) if !text.contains(&b'\r') => Line::Text(text.to_vec()),
                    _ => Line::Bare,
                };
                self.at += looked + end + 1;
                return Ok(read);
            }
            looked = unread.len();
            if looked > LINE {
                return Ok(Line::TooLong);
            }
            let limit = if looked == 0 { Limit::Silence } else { Limit::Line };
            if !self.more(Some(began), limit).await? {
                return Ok(Line::End);
            }
        }
    }

    /// The mail that follows DATA, up to its dot, without the dots that were stuffed (RFC 5321 section 4.5.2).
    pub(super) async fn body(&mut self, limit: usize) -> Result<Body, Broken> {
        let patience = self.bounds.patience.mail;
        timeout(patience, self.read_body(limit)).await.unwrap_or(Err(Limit::Mail(patience).into()))
    }

    async fn read_body(&mut self, limit: usize) -> Result<Body, Broken> {
        let mut body = Reader::new(limit);
        let endless = limit.saturating_mul(2).saturating_add(1 << 20);
        loop {
            let (used, ended) = body.take(&self.input[self.at..]);
            self.at += used;
            if !self.held.reach(body.out.len()) {
                body.too_much = true;
                body.out = Vec::new();
            }
            if ended {
                return Ok(body.end());
            }
            if body.seen > endless {
                return Err(Limit::Endless(endless).into());
            }
            if !self.more(None, Limit::Silence).await? {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
}

/// Waits for the other side: since `since` for what goes on now, since `brought` for a mail. A crowd that comes meanwhile
/// shortens both.
async fn within<T>(
    bounds: &Bounds,
    since: Instant,
    brought: Instant,
    limit: fn(Duration) -> Limit,
    going: impl Future<Output = io::Result<T>>,
) -> Result<T, Broken> {
    let Patience { usual, crowded, idle, .. } = bounds.patience;
    let over = || match bounds.crowded.load(Ordering::Relaxed) {
        true if brought.elapsed() >= idle => Some(Limit::Idle(idle)),
        true if since.elapsed() >= crowded => Some(limit(crowded)),
        _ if since.elapsed() >= usual => Some(limit(usual)),
        _ => None,
    };
    let mut going = std::pin::pin!(going);
    loop {
        if let Some(limit) = over() {
            return Err(limit.into());
        }
        let left = crowded.min(usual.saturating_sub(since.elapsed()));
        if let Ok(done) = timeout(left, &mut going).await {
            return Ok(done?);
        }
    }
}

/// Takes a mail apart into lines, whatever pieces it comes in.
struct Reader {
    limit: usize,
    seen: usize,
    out: Vec<u8>,
    /// Bytes of the line that were taken already.
    line: usize,
    /// Whether the line before ended with CRLF.
    after_crlf: bool,
    too_large: bool,
    too_much: bool,
    long_line: bool,
    bare_dot: bool,
}

impl Reader {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            seen: 0,
            out: Vec::with_capacity(4096),
            line: 0,
            after_crlf: true,
            too_large: false,
            too_much: false,
            long_line: false,
            bare_dot: false,
        }
    }

    /// Takes what it can; how much that was, and whether the mail has ended.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            let line = &bytes[at..at + end + 1];
            at += end + 1;
            if self.whole_line(line) {
                self.seen += at;
                return (at, true);
            }
        }
        // A line longer than any good one is taken in pieces; its last byte may be the CR of a CRLF.
        if bytes.len() - at > 8 * TEXT_LINE {
            let piece = &bytes[at..bytes.len() - 1];
            if self.line == 0 && piece.starts_with(b".") {
                self.push(&piece[1..]);
            } else {
                self.push(piece);
            }
            self.line += piece.len();
            at += piece.len();
        }
        self.seen += at;
        (at, false)
    }

    /// Takes a line, or the rest of one; whether it was the dot.
    fn whole_line(&mut self, line: &[u8]) -> bool {
        let fresh = self.line == 0;
        let (text, end): (&[u8], &[u8]) = match line.strip_suffix(b"\r\n") {
            Some(text) => (text, b"\r\n"),
            None => (&line[..line.len() - 1], b"\n"),
        };
        let crlf = end.len() == 2;
        let lone_dot = fresh && text == b".";
        if lone_dot && crlf && self.after_crlf {
            return true;
        }
        if lone_dot || text.contains(&b'\r') && text.split(|byte| *byte == b'\r').any(|piece| piece == b".") {
            self.bare_dot = true;
        }
        if self.line + text.len() > TEXT_LINE + 1 || (self.line + text.len() > TEXT_LINE && !text.starts_with(b".")) {
            self.long_line = true;
        }
        self.push(if fresh { text.strip_prefix(b".").unwrap_or(text) } else { text });
        self.push(end);
        self.line = 0;
        self.after_crlf = crlf;
        false
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.out.len() + bytes.len() > self.limit {
            self.too_large = true;
            self.out = Vec::new();
        }
        if !self.too_large && !self.too_much {
            self.out.extend_from_slice(bytes);
        }
    }

    fn end(self) -> Body {
        match self {
            Self { bare_dot: true, .. } => Body::BareDot,
            Self { too_large: true, .. } => Body::TooLarge,
            Self { too_much: true, .. } => Body::TooMuch,
            Self { long_line: true, .. } => Body::LongLine,
            Self { out, .. } => Body::Whole(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn read(bytes: &[u8], limit: usize) -> Result<Body, Broken> {
        let (mut there, here) = tokio::io::duplex(64);
        let bytes = bytes.to_vec();
        let sending = tokio::spawn(async move { there.write_all(&bytes).await });
        let got = Wire::new(here, Bounds::default()).body(limit).await;
        sending.abort();
        got
    }

    #[tokio::test]
    async fn a_mail_ends_at_its_dot_only() {
        assert_eq!(read(b"a\r\n..b\r\n.c\r\n.\r\n", 99).await.unwrap(), Body::Whole(b"a\r\n.b\r\nc\r\n".to_vec()));
        assert_eq!(read(b".\r\n", 99).await.unwrap(), Body::Whole(Vec::new()));
        assert_eq!(read(b"a\nb\r\n.\r\n", 99).await.unwrap(), Body::Whole(b"a\nb\r\n".to_vec()));
        assert!(read(b"a\r\n", 99).await.is_err());
    }

    #[tokio::test]
    async fn a_bare_dot_is_never_the_end() {
        for smuggled in
            ["a\n.\nMAIL FROM:<x@y>\r\n", "a\r\n.\nRSET\r\n", "a\n.\r\nRSET\r\n", "a\r\n\r.\r\r\n", "a\r.\rb\r\n"]
        {
            let bytes = format!("{smuggled}.\r\n");
            assert_eq!(read(bytes.as_bytes(), 999).await.unwrap(), Body::BareDot, "{smuggled:?}");
        }
    }

    #[tokio::test]
    async fn size_and_line_length_have_a_limit() {
        assert_eq!(read(b"12345678\r\n.\r\n", 9).await.unwrap(), Body::TooLarge);
        assert_eq!(read(b"12345678\r\n.\r\n", 10).await.unwrap(), Body::Whole(b"12345678\r\n".to_vec()));
        let line = |length: usize| format!("{}\r\n.\r\n", "x".repeat(length)).into_bytes();
        assert!(matches!(read(&line(998), 99_999).await.unwrap(), Body::Whole(_)));
        assert_eq!(read(&line(999), 99_999).await.unwrap(), Body::LongLine);
        assert_eq!(read(&line(50_000), 99_999).await.unwrap(), Body::LongLine);
        assert!(read(&vec![b'x'; 3 << 20], 10).await.is_err());
    }

    #[tokio::test]
    async fn lines_end_with_crlf() {
        let (mut there, here) = tokio::io::duplex(1 << 16);
        there.write_all(b"NOOP\r\nbare\nagain\r\r\n").await.unwrap();
        there.write_all(&vec![b'x'; 5_000]).await.unwrap();
        let mut wire = Wire::new(here, Bounds::default());
        assert_eq!(wire.line().await.unwrap(), Line::Text(b"NOOP".to_vec()));
        assert_eq!(wire.line().await.unwrap(), Line::Bare);
        assert_eq!(wire.line().await.unwrap(), Line::Bare);
        assert_eq!(wire.line().await.unwrap(), Line::TooLong);
    }

    proptest! {
        #[test]
        fn the_pieces_do_not_matter(
            lines in proptest::collection::vec("[.\\r\\na]{0,6}", 0..8), cuts in proptest::collection::vec(1..9_usize, 1..20),
        ) {
            let text = lines.join("\r\n") + "\r\n.\r\n";
            let mut whole = Reader::new(999);
            let ended = whole.take(text.as_bytes());
            let mut pieces = Reader::new(999);
            let (mut at, mut upto, mut done) = (0, 0, false);
            for cut in cuts.iter().cycle() {
                upto = (upto + cut).min(text.len());
                let (used, end) = pieces.take(&text.as_bytes()[at..upto]);
                at += used;
                done = end;
                if done || upto == text.len() { break }
            }
            prop_assert_eq!((at, done), ended);
            prop_assert_eq!(pieces.end(), whole.end());
        }
    }
}
