//! Asking a web server for one page, as far as the health check and the doctor need it (RFC 9112).

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;

/// How long the other side may take for a connection, and for its answer.
pub const PATIENCE: Duration = Duration::from_secs(8);
/// What is read of an answer, bytes.
const LARGEST: u64 = 64 << 10;

/// What bytes go to and come from.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for S {}

/// The head of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    fields: String,
}

impl Answer {
    /// The head, without control characters: what it says is shown on terminals.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let clean = |c: char| if c.is_control() && !matches!(c, '\r' | '\n') { char::REPLACEMENT_CHARACTER } else { c };
        let text: String = String::from_utf8_lossy(bytes).chars().map(clean).collect();
        let (head, _) = text.split_once("\r\n\r\n")?;
        let (line, fields) = head.split_once("\r\n").unwrap_or((head, ""));
        let mut words = line.split(' ');
        let status = words.next().filter(|word| word.starts_with("HTTP/1.")).and_then(|_| words.next())?;
        Some(Self { status: status.parse().ok()?, fields: fields.to_owned() })
    }

    /// The value of a field, by its name in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let fields = self.fields.split(['\r', '\n']).filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// A connection. The error is a sentence without its end, as are those below.
pub async fn connect(to: impl ToSocketAddrs) -> Result<TcpStream, String> {
    match timeout(PATIENCE, TcpStream::connect(to)).await {
        Ok(connected) => connected.map_err(|error| error.to_string()),
        Err(_) => Err("it does not answer".into()),
    }
}

/// Asks for `path` of `host` over a connection, and lets it go.
pub async fn get(mut stream: impl Wire, host: &str, path: &str) -> Result<Answer, String> {
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: guildhall\r\nConnection: close\r\n\r\n");
    let mut said = vec![];
    let talk = async {
        stream.write_all(asked.as_bytes()).await?;
        stream.flush().await?;
        // Whoever hangs up without a farewell has answered all the same.
        match (&mut stream).take(LARGEST).read_to_end(&mut said).await {
            Err(error) if said.is_empty() => Err(error),
            _ => Ok(()),
        }
    };
    match timeout(PATIENCE, talk).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) if !said.is_empty() => {}
        Err(_) => return Err("it does not answer".into()),
    }
    Answer::read(&said).ok_or_else(|| "it answers something that is not HTTP".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_an_answer_is_read() {
        let answer = Answer::read(b"HTTP/1.1 301 Moved\r\nLocation: https://x.org/\r\nserver: y\r\n\r\nbody: no");
        let answer = answer.expect("an answer");
        assert_eq!((answer.status, answer.field("location")), (301, Some("https://x.org/")));
        assert_eq!((answer.field("Server"), answer.field("body")), (Some("y"), None));
        let odd = Answer::read(b"HTTP/1.1 301 Moved\r\nLocation: x\x1b[2J\ry\r\n\r\n").expect("an answer");
        assert_eq!(odd.field("location"), Some("x\u{fffd}[2J"));
        for odd in ["", "220 mail.example.org ESMTP\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 200 OK\r\n"] {
            assert!(Answer::read(odd.as_bytes()).is_none(), "{odd}");
        }
    }
}
