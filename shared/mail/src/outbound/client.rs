//! A connection to the smarthost: pipelined (RFC 2920), used for many mails, with a verdict for each recipient.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::smarthost::Smarthost;

mod tls;

/// The longest reply, all its lines.
const REPLY: usize = 16_384;

/// What the other side says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Sent(String),
    /// Trying again does not help.
    Failed(String),
    /// Trying again may help.
    Later(String),
    /// The smarthost was not there to be asked.
    Unreached(String),
}

/// The connection broke, or the other side hung up (421): nothing more is known.
#[derive(Debug)]
pub(super) struct Broken(pub String);

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self(match error.kind() {
            io::ErrorKind::TimedOut => "The smarthost was silent for too long.".to_owned(),
            _ => format!("The connection to the smarthost broke: {error}."),
        })
    }
}

/// One mail to recipients that share an envelope sender.
pub(super) struct Transaction<'a> {
    pub from: &'a str,
    pub rcpts: &'a [&'a str],
    /// Fields for this recipient alone, dots stuffed.
    pub personal: &'a [u8],
    /// Everything else, dots stuffed, ending with CRLF.
    pub body: &'a [u8],
    pub eight_bit: bool,
    pub utf8: bool,
}

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A reply: its code and its text on one line.
#[derive(Clone, Debug)]
struct Reply(u16, String);

impl Reply {
    fn is_good(&self) -> bool {
        self.0 / 100 == 2
    }

    fn verdict(&self) -> Verdict {
        let text = format!("{} {}", self.0, self.1);
        match self.0 / 100 {
            2 => Verdict::Sent(text),
            5 => Verdict::Failed(text),
            _ => Verdict::Later(text),
        }
    }
}

#[derive(Default)]
struct Offered {
    pipelining: bool,
    eight_bit: bool,
    utf8: bool,
    start_tls: bool,
    size: Option<usize>,
    auth: Vec<String>,
}

pub(super) struct Client {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    at: usize,
    offered: Offered,
    patience: Duration,
}

impl Client {
    /// Connects, greets, encrypts and authenticates as the smarthost's URL says.
    pub(super) async fn connect(to: &Smarthost, name: &str) -> Result<Self, Broken> {
        let unreachable =
            |error: &dyn std::fmt::Display| Broken(format!("The smarthost {to} cannot be reached: {error}."));
        let connecting = TcpStream::connect((to.host.as_str(), to.port));
        let tcp = timeout(to.patience.min(Duration::from_secs(30)), connecting).await;
        let tcp = tcp.map_err(|_| unreachable(&"it does not answer"))?.map_err(|error| unreachable(&error))?;
        tcp.set_nodelay(true)?;
        let stream: Box<dyn Stream> =
            if to.implicit_tls { tls::wrap(tcp, to, tls::Trust::Verified).await? } else { Box::new(tcp) };
        let mut client = Self::over(stream, to.patience);
        client.introduce(name).await?;
        // To this machine nobody listens in; elsewhere a password never goes out in the clear.
        if !to.implicit_tls && client.offered.start_tls && !(to.is_here() && to.auth.is_none()) {
            client = client.encrypt(to).await?;
            client.greet(name).await?;
        } else if !to.implicit_tls && to.auth.is_some() && !to.is_here() {
            return Err(Broken(format!(
                "The smarthost {to} offers no STARTTLS; the password is not sent in the clear."
            )));
        }
        if let Some((user, password)) = &to.auth {
            client.authenticate(user, password).await?;
        }
        Ok(client)
    }

    pub(super) fn over(stream: Box<dyn Stream>, patience: Duration) -> Self {
        Self { stream, input: Vec::new(), at: 0, offered: Offered::default(), patience }
    }

    /// Hears the greeting and says who we are.
    pub(super) async fn introduce(&mut self, name: &str) -> Result<(), Broken> {
        let hello = self.reply().await?;
        self.good(&hello, "does not want to talk")?;
        self.greet(name).await
    }

    fn good(&self, reply: &Reply, what: &str) -> Result<(), Broken> {
        if reply.is_good() { Ok(()) } else { Err(Broken(format!("The smarthost {what}: {} {}", reply.0, reply.1))) }
    }

    async fn greet(&mut self, name: &str) -> Result<(), Broken> {
        self.write(format!("EHLO {name}\r\n").as_bytes()).await?;
        let reply = self.reply().await?;
        if !reply.is_good() {
            self.write(format!("HELO {name}\r\n").as_bytes()).await?;
            let reply = self.reply().await?;
            self.offered = Offered::default();
            return self.good(&reply, "refuses the greeting");
        }
        let mut offered = Offered::default();
        for line in reply.1.split('\n').skip(1) {
            let (word, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            match word.to_ascii_uppercase().as_str() {
                "PIPELINING" => offered.pipelining = true,
                "8BITMIME" => offered.eight_bit = true,
                "SMTPUTF8" => offered.utf8 = true,
                "STARTTLS" => offered.start_tls = true,
                "SIZE" => offered.size = rest.trim().parse().ok().filter(|size| *size > 0),
                "AUTH" => offered.auth.extend(rest.split_whitespace().map(str::to_ascii_uppercase)),
                _ => {}
            }
        }
        self.offered = offered;
        Ok(())
    }

    async fn encrypt(mut self, to: &Smarthost) -> Result<Self, Broken> {
        self.write(b"STARTTLS\r\n").await?;
        let reply = self.reply().await?;
        self.good(&reply, "offers STARTTLS and refuses it")?;
        let trust = if to.auth.is_some() { tls::Trust::Verified } else { tls::Trust::Anybody };
        let stream = tls::wrap(self.stream, to, trust).await?;
        // What came before the handshake is thrown away (RFC 3207 section 4.2).
        Ok(Self { stream, input: Vec::new(), at: 0, offered: Offered::default(), patience: self.patience })
    }

    /// RFC 4954, with PLAIN (RFC 4616) or LOGIN.
    async fn authenticate(&mut self, user: &str, password: &str) -> Result<(), Broken> {
        let offers = |word: &str| self.offered.auth.iter().any(|known| known == word);
        let words: Vec<String> = if offers("PLAIN") || !offers("LOGIN") {
            vec![format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{user}\0{password}")))]
        } else {
            vec!["AUTH LOGIN".to_owned(), STANDARD.encode(user), STANDARD.encode(password)]
        };
        let mut reply = Reply(0, String::new());
        for word in words {
            self.write(format!("{word}\r\n").as_bytes()).await?;
            reply = self.reply().await?;
            if reply.0 != 334 {
                break;
            }
        }
        self.good(&reply, "does not know the user or the password of mail.smarthost")
    }

    /// Sends one mail; a verdict for each recipient, in their order.
    pub(super) async fn send(&mut self, mail: &Transaction<'_>) -> Result<Vec<Verdict>, Broken> {
        let size = mail.personal.len() + mail.body.len();
        if self.offered.size.is_some_and(|limit| size > limit) {
            let reply = Verdict::Failed(format!(
                "552 5.3.4 The mail has {size} bytes; the smarthost takes no more than {}.",
                self.offered.size.unwrap_or(0)
            ));
            return Ok(vec![reply; mail.rcpts.len()]);
        }
        let mut verdicts: Vec<Option<Verdict>> = mail.rcpts.iter().map(|rcpt| self.beyond(mail, rcpt)).collect();
        if verdicts.iter().all(Option::is_some) {
            return Ok(verdicts.into_iter().flatten().collect());
        }
        let commands = self.commands(mail, size, &verdicts);
        let replies = self.exchange(&commands).await?;
        let mut replies = replies.into_iter();
        let mut next = || replies.next().unwrap_or_else(|| Reply(400, "There was no reply.".into()));
        let sender = next();
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.is_none()) {
            let reply = next();
            // A refused sender is the reason behind whatever is said of the recipients.
            *verdict = match (sender.is_good(), reply.is_good()) {
                (false, _) => Some(sender.verdict()),
                (true, false) => Some(reply.verdict()),
                (true, true) => None,
            };
        }
        let data = next();
        let anybody = verdicts.iter().any(Option::is_none);
        let said = match data.0 {
            354 if anybody => {
                self.write_all(&[mail.personal, mail.body, b".\r\n"]).await?;
                self.decisive().await?
            }
            354 => {
                // Nobody takes it, and still it must be ended.
                self.write(b".\r\n").await?;
                self.decisive().await?
            }
            400.. => data,
            _ => Reply(451, format!("The smarthost answered DATA with {} {}", data.0, data.1)),
        };
        if !said.is_good() || !anybody {
            self.write(b"RSET\r\n").await?;
            self.decisive().await?;
        }
        let last = said.verdict();
        Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(|| last.clone())).collect())
    }

    /// The verdict on a recipient that this smarthost cannot serve (RFC 6531 section 3.2), or nothing.
    fn beyond(&self, mail: &Transaction<'_>, rcpt: &str) -> Option<Verdict> {
        let plain = rcpt.is_ascii() && mail.from.is_ascii();
        if !self.offered.utf8 && !plain {
            return Some(Verdict::Failed(
                "553 5.6.7 The smarthost does not offer SMTPUTF8, which this address needs.".into(),
            ));
        }
        if rcpt.is_empty() || rcpt.contains(|c: char| c.is_control() || matches!(c, '<' | '>')) || !rcpt.contains('@') {
            return Some(Verdict::Failed("553 5.1.3 This is not a mail address.".into()));
        }
        None
    }

    /// MAIL, RCPT for those without a verdict, DATA.
    fn commands(&self, mail: &Transaction<'_>, size: usize, verdicts: &[Option<Verdict>]) -> Vec<String> {
        let from: String = mail.from.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect();
        let mut first = format!("MAIL FROM:<{from}>");
        if self.offered.size.is_some() {
            first.push_str(&format!(" SIZE={size}"));
        }
        if self.offered.eight_bit && mail.eight_bit {
            first.push_str(" BODY=8BITMIME");
        }
        if self.offered.utf8 && (mail.utf8 || !mail.from.is_ascii() || mail.rcpts.iter().any(|rcpt| !rcpt.is_ascii())) {
            first.push_str(" SMTPUTF8");
        }
        let rcpts = mail.rcpts.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_none());
        let rcpts = rcpts.map(|(rcpt, _)| format!("RCPT TO:<{rcpt}>"));
        std::iter::once(first).chain(rcpts).chain(["DATA".to_owned()]).collect()
    }

    /// Sends commands, all at once where that is offered, and reads a reply for each.
    async fn exchange(&mut self, commands: &[String]) -> Result<Vec<Reply>, Broken> {
        let mut replies = Vec::with_capacity(commands.len());
        if self.offered.pipelining {
            let mut bytes = Vec::with_capacity(commands.len() * 48);
            for command in commands {
                bytes.extend_from_slice(command.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
            self.write(&bytes).await?;
            for _ in commands {
                replies.push(self.decisive().await?);
            }
            return Ok(replies);
        }
        let mut taken = false;
        for (at, command) in commands.iter().enumerate() {
            // Without pipelining a refusal is known before DATA, which then is not asked for.
            if at + 1 == commands.len() && !taken {
                replies.push(Reply(503, "No recipient was taken.".into()));
                break;
            }
            self.write(format!("{command}\r\n").as_bytes()).await?;
            let reply = self.decisive().await?;
            taken |= at > 0 && reply.is_good();
            let refused = at == 0 && !reply.is_good();
            replies.push(reply.clone());
            if refused {
                replies.resize(commands.len(), reply);
                break;
            }
        }
        Ok(replies)
    }

    /// Says goodbye; the answer is not waited for.
    pub(super) async fn quit(mut self) {
        let _ = self.write(b"QUIT\r\n").await;
        let _ = timeout(Duration::from_secs(2), self.stream.shutdown()).await;
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.write_all(&[bytes]).await
    }

    async fn write_all(&mut self, pieces: &[&[u8]]) -> Result<(), Broken> {
        let size: usize = pieces.iter().map(|piece| piece.len()).sum();
        let writing = async {
            if size <= 1 << 16 {
                self.stream.write_all(&pieces.concat()).await?;
            } else {
                for piece in pieces {
                    self.stream.write_all(piece).await?;
                }
            }
            self.stream.flush().await
        };
        Ok(timeout(self.patience, writing).await.map_err(io::Error::from)??)
    }

    /// A reply; 421 means that the other side hangs up.
    async fn decisive(&mut self) -> Result<Reply, Broken> {
        match self.reply().await? {
            Reply(421, text) => Err(Broken(format!("421 {}", text.replace('\n', " ")))),
            Reply(code, text) => Ok(Reply(code, text.replace('\n', " "))),
        }
    }

    /// A reply as it came, its lines separated by line feeds.
    async fn reply(&mut self) -> Result<Reply, Broken> {
        let garbled = || Broken("The smarthost answered with something that is no SMTP.".to_owned());
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            let code = line.get(..3).and_then(|code| code.parse().ok()).filter(|code| (200..600).contains(code));
            let code: u16 = code.ok_or_else(garbled)?;
            if text.len() + line.len() > REPLY {
                return Err(garbled());
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line.get(4..).unwrap_or_default().trim_end());
            match line.as_bytes().get(3) {
                Some(b'-') => {}
                None | Some(b' ') => return Ok(Reply(code, text)),
                Some(_) => return Err(garbled()),
            }
        }
    }

    async fn line(&mut self) -> Result<String, Broken> {
        let mut looked = 0;
        loop {
            let unread = &self.input[self.at..];
            if let Some(end) = unread[looked..].iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(unread[..looked + end].trim_ascii_end()).into_owned();
                self.at += looked + end + 1;
                return Ok(line);
            }
            looked = unread.len();
            if looked > REPLY {
                return Err(Broken("The smarthost answered with something that is no SMTP.".into()));
            }
            self.input.drain(..self.at);
            self.at = 0;
            self.input.reserve(4096);
            let reading = self.stream.read_buf(&mut self.input);
            if timeout(self.patience, reading).await.map_err(io::Error::from)?? == 0 {
                return Err(Broken("The smarthost closed the connection.".into()));
            }
        }
    }
}

/// A mail as it goes over the wire: lines end with CRLF, dots are stuffed, the end is the end of a line.
pub(super) fn stuffed(pieces: &[&[u8]]) -> Arc<[u8]> {
    let mut out = Vec::with_capacity(pieces.iter().map(|piece| piece.len() + piece.len() / 64 + 2).sum());
    for line in pieces.iter().flat_map(|piece| lines(piece)) {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    Arc::from(out)
}

/// The lines of a mail as they are sent, without their ends. A bare CR is no line end to us and may be one to others,
/// so it is made one.
pub(super) fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.split_inclusive(|byte| *byte == b'\n').flat_map(|line| {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        text.strip_suffix(b"\r").unwrap_or(text).split(|byte| *byte == b'\r')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_end_alike_and_dots_are_stuffed() {
        assert_eq!(
            &stuffed(&[b"A: 1\r\n", b"B: 2\n\n.\r\n.x\ry\n.\rend"])[..],
            b"A: 1\r\nB: 2\r\n\r\n..\r\n..x\r\ny\r\n..\r\nend\r\n"
        );
        assert_eq!(&stuffed(&[b"", b""])[..], b"");
    }

    proptest! {
        #[test]
        fn no_mail_ends_itself(raw in proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(b'a')], 0..40)) {
            let wire = stuffed(&[&raw]);
            let mut framed = b"\r\n".to_vec();
            framed.extend_from_slice(&wire);
            prop_assert!(!framed.windows(5).any(|five| five == b"\r\n.\r\n"));
            prop_assert!(wire.is_empty() || wire.ends_with(b"\r\n"));
            prop_assert!(!wire.windows(2).any(|two| two[1] == b'\n' && two[0] != b'\r'));
        }
    }
}
