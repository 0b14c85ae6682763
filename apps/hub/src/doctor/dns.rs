//! Asking the DNS, as far as the doctor needs it: one question a datagram (RFC 1035), with room for long answers (RFC 6891).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;

const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// Names in an answer that point at each other.
const JUMPS: usize = 20;

/// What is asked for: the numbers of RFC 1035 section 3.2.2 and RFC 3596.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    A = 1,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Address(IpAddr),
    /// Preference and name.
    Mx(u16, String),
    Text(String),
}

/// Asks the name servers of this machine, or one that is named.
#[derive(Clone, Debug)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
}

impl Resolver {
    /// One server.
    pub fn at(server: SocketAddr) -> Self {
        Self { servers: vec![server] }
    }

    /// The servers of `/etc/resolv.conf` (resolv.conf(5)), at most three; this machine where it names none.
    pub fn of_machine() -> Self {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let mut servers: Vec<SocketAddr> = text.lines().filter_map(server).take(3).collect();
        if servers.is_empty() {
            servers.push((Ipv4Addr::LOCALHOST, 53).into());
        }
        Self { servers }
    }

    /// The answers; none where the name or the kind is not there. The error is a sentence without its end.
    pub async fn ask(&self, name: &str, kind: Kind) -> Result<Vec<Record>, String> {
        let mut last = String::new();
        for _ in 0..TRIES {
            for server in &self.servers {
                match tokio::time::timeout(PATIENCE, exchange(*server, name, kind)).await {
                    Ok(Ok(records)) => return Ok(records),
                    Ok(Err(why)) => last = format!("{server} {why}"),
                    Err(_) => last = format!("{server} does not answer"),
                }
            }
        }
        Err(last)
    }

    /// The addresses of a name, IPv4 and IPv6.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let mut records = self.ask(name, Kind::A).await?;
        records.extend(self.ask(name, Kind::Aaaa).await?);
        Ok(records
            .into_iter()
            .filter_map(|record| if let Record::Address(ip) = record { Some(ip) } else { None })
            .collect())
    }

    /// The texts of a name that begin with `mark`.
    pub async fn texts(&self, name: &str, mark: &str) -> Result<Vec<String>, String> {
        let records = self.ask(name, Kind::Txt).await?;
        let text = |record| if let Record::Text(text) = record { Some(text) } else { None };
        Ok(records.into_iter().filter_map(text).filter(|text| text.starts_with(mark)).collect())
    }
}

fn server(line: &str) -> Option<SocketAddr> {
    let mut words = line.split_whitespace();
    let address = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next())?;
    Some((address.parse::<IpAddr>().ok()?, 53).into())
}

async fn exchange(server: SocketAddr, name: &str, kind: Kind) -> Result<Vec<Record>, String> {
    let failed = |error: std::io::Error| format!("cannot be asked ({error})");
    let here: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(here).await.map_err(failed)?;
    socket.connect(server).await.map_err(failed)?;
    let id: u16 = rand::random();
    socket.send(&question(id, name, kind).ok_or("cannot be asked for such a name")?).await.map_err(failed)?;
    let mut buffer = [0_u8; 4096];
    loop {
        let size = socket.recv(&mut buffer).await.map_err(failed)?;
        // Anybody can send a datagram; only the one with this number is the answer.
        if buffer.get(..2) == Some(&id.to_be_bytes()) {
            return answers(&buffer[..size], kind);
        }
    }
}

/// A question with the wish for recursion, and an OPT record that says how much fits here.
pub(crate) fn question(id: u16, name: &str, kind: Kind) -> Option<Vec<u8>> {
    let mut out = id.to_be_bytes().to_vec();
    out.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
        out.push(length);
        out.extend(label.as_bytes());
    }
    out.push(0);
    // RFC 1035 section 2.3.4.
    if out.len() - 12 > 255 {
        return None;
    }
    out.extend((kind as u16).to_be_bytes());
    out.extend([0, 1]);
    out.extend([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]);
    Some(out)
}

pub(crate) fn answers(message: &[u8], kind: Kind) -> Result<Vec<Record>, String> {
    let odd = || "gave an answer that cannot be read".to_owned();
    let code = message.get(3).ok_or_else(odd)? & 15;
    match code {
        0 => {}
        3 => return Ok(vec![]),
        2 => return Err("cannot find out (SERVFAIL)".into()),
        5 => return Err("refuses to answer (REFUSED)".into()),
        other => return Err(format!("answered with the code {other}")),
    }
    records(message, kind).ok_or_else(odd)
}

fn records(message: &[u8], kind: Kind) -> Option<Vec<Record>> {
    let (questions, count) = (number(message, 4)?, number(message, 6)?);
    let mut at = 12;
    for _ in 0..questions {
        at = name(message, at)?.1 + 4;
    }
    let mut found = vec![];
    for _ in 0..count {
        at = name(message, at)?.1;
        let (of, length) = (number(message, at)?, usize::from(number(message, at + 8)?));
        let data = message.get(at + 10..at + 10 + length)?;
        if of == kind as u16 {
            found.push(record(message, at + 10, data, kind)?);
        }
        at += 10 + length;
    }
    Some(found)
}

fn record(message: &[u8], at: usize, data: &[u8], kind: Kind) -> Option<Record> {
    Some(match kind {
        Kind::A => Record::Address(IpAddr::from(<[u8; 4]>::try_from(data).ok()?)),
        Kind::Aaaa => Record::Address(IpAddr::from(<[u8; 16]>::try_from(data).ok()?)),
        Kind::Mx => Record::Mx(number(message, at)?, name(message, at + 2)?.0),
        Kind::Txt => {
            let (mut text, mut rest) = (vec![], data);
            while let Some((length, more)) = rest.split_first() {
                text.extend(more.get(..usize::from(*length))?);
                rest = &more[usize::from(*length)..];
            }
            Record::Text(shown(&text))
        }
    })
}

/// Text that a terminal may be shown: whoever answers may have put anything there.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// The name at `at`, and where what follows it begins (RFC 1035 section 4.1.4).
fn name(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let (mut labels, mut end) = (vec![], None);
    for _ in 0..JUMPS * 8 {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => return Some((labels.join("."), end.unwrap_or(at + 1))),
            192.. => {
                end = end.or(Some(at + 2));
                at = usize::from(number(message, at)? & 0x3fff);
            }
            64..192 => return None,
            _ => {
                labels.push(shown(message.get(at + 1..at + 1 + length)?));
                at += 1 + length;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to `hub.test` with these records, each pointing at the name of the question.
    fn answer(code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut out = vec![7, 7, 0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).expect("few"), 0, 0, 0, 0];
        out.extend(b"\x03hub\x04test\x00\x00\x01\x00\x01");
        for (kind, data) in records {
            out.extend([0xc0, 12]);
            out.extend(kind.to_be_bytes());
            out.extend([0, 1, 0, 0, 0, 60]);
            out.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
            out.extend(*data);
        }
        out
    }

    #[test]
    fn answers_are_read_and_others_left_out() {
        let message = answer(0, &[(5, b"\xc0\x0c"), (15, b"\x00\x0a\x04mail\xc0\x0c"), (1, &[192, 0, 2, 7])]);
        assert_eq!(answers(&message, Kind::Mx), Ok(vec![Record::Mx(10, "mail.hub.test".into())]));
        assert_eq!(answers(&message, Kind::A), Ok(vec![Record::Address(IpAddr::from([192, 0, 2, 7]))]));
        let message = answer(0, &[(16, b"\x07v=spf1 \x03~al\x01l")]);
        assert_eq!(answers(&message, Kind::Txt), Ok(vec![Record::Text("v=spf1 ~all".into())]));
    }

    #[test]
    fn no_answer_writes_on_the_terminal() {
        let message = answer(0, &[(16, b"\x09v=\x1b[2J\x07\xc2\x9b"), (15, b"\x00\x0a\x05m\x1bail\xc0\x0c")]);
        let texts = answers(&message, Kind::Txt).expect("an answer");
        assert_eq!(texts, [Record::Text("v=\u{fffd}[2J\u{fffd}\u{fffd}".into())]);
        assert_eq!(answers(&message, Kind::Mx), Ok(vec![Record::Mx(10, "m\u{fffd}ail.hub.test".into())]));
    }

    #[test]
    fn no_such_name_is_an_answer_and_a_failure_is_none() {
        assert_eq!(answers(&answer(3, &[]), Kind::A), Ok(vec![]));
        assert!(answers(&answer(2, &[]), Kind::A).is_err());
        assert!(answers(&answer(5, &[]), Kind::A).is_err());
    }

    #[test]
    fn what_is_cut_off_or_turns_in_circles_is_told() {
        let whole = answer(0, &[(15, b"\x00\x0a\x04mail\xc0\x0c"), (1, &[192, 0, 2, 7])]);
        for end in 0..whole.len() {
            assert!(answers(&whole[..end], Kind::A).is_err(), "{end}");
        }
        let mut circle = answer(0, &[(15, b"\x00\x0a\xc0\x00")]);
        let end = circle.len();
        circle[end - 1] = u8::try_from(end - 2).expect("short");
        assert!(answers(&circle, Kind::Mx).is_err());
    }

    #[test]
    fn a_question_says_the_name_and_refuses_none() {
        let asked = question(1, "hub.test.", Kind::Mx).expect("a question");
        assert_eq!(&asked[12..26], b"\x03hub\x04test\x00\x00\x0f\x00\x01");
        assert_eq!(question(1, "hub..test", Kind::Mx), None);
        assert_eq!(question(1, &"x".repeat(64), Kind::Mx), None);
        assert!(question(1, &["x"; 127].join("."), Kind::Mx).is_some());
        assert_eq!(question(1, &["x"; 128].join("."), Kind::Mx), None);
    }
}
