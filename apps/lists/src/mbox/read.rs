//! Taking an mbox apart, one mail at a time, in the memory of one mail.

use std::io::{self, BufRead, Read};
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDateTime, Utc};
use regex::bytes::Regex;

/// The largest Content-Length that is believed, bytes.
const BELIEVED: usize = 64 << 20;
/// What one mail may take up while it is read, bytes: a file that is no mbox, or is packed to harm, may be one endless line.
const LARGEST: usize = 128 << 20;
/// What a line takes up besides its bytes.
const OF_A_LINE: usize = 40;

/// `From sender Thu Jan  1 00:00:00 1970`, with a time zone before or behind the year.
static SEPARATOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^From (?:.* )?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:(?:[A-Z][a-z]{2}) +\d{1,2}|\d{1,2} +[A-Z][a-z]{2}) +",
        r"(?:\d{4} +)?\d{1,2}:\d{2}(?::\d{2})?(?: +[A-Z]{1,5}| +[-+]\d{4})*(?: +\d{4})?(?: +[-+]\d{4})?(?: remote from .*)?\s*$",
    ))
    .ok()
});

/// One mail of an mbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub raw: Vec<u8>,
    /// The number of the line on which its separator stands, from 1.
    pub line: u64,
    /// The time in its separator, when it can be read.
    pub at: Option<DateTime<Utc>>,
}

/// Reads the mails of an mbox.
pub struct Reader<R> {
    from: R,
    line: u64,
    /// The separator of the next mail, which was read to find the end of the last one.
    next: Option<Separator>,
    /// Lines that were taken for a mail's and turned out to be of the following ones.
    given_back: std::collections::VecDeque<Vec<u8>>,
    /// [`LARGEST`], but in tests.
    pub(super) largest: usize,
}

struct Separator {
    text: Vec<u8>,
    line: u64,
}

impl<R: BufRead> Reader<R> {
    /// A reader of the mbox `from`.
    pub fn new(from: R) -> Self {
        Self { from, line: 0, next: None, given_back: Default::default(), largest: LARGEST }
    }

    /// The next mail. Text before the first separator is an error: the file is no mbox.
    pub fn next_mail(&mut self) -> io::Result<Option<Mail>> {
        let separator = match self.next.take() {
            Some(separator) => separator,
            None => match self.first_separator()? {
                Some(separator) => separator,
                None => return Ok(None),
            },
        };
        let crlf = separator.text.ends_with(b"\r\n");
        let mut lines: Vec<Vec<u8>> = Vec::new();
        // Whoever writes this separator quotes, so that Content-Length says nothing of the file.
        let mut body = Body { is_quoted: separator.text.starts_with(b"From mboxrd@z "), ..Body::default() };
        let mut held = 0;
        while let Some(line) = self.read_line()? {
            if is_separator(&line) {
                if !body.may_hold_separators() {
                    self.next = Some(Separator { text: line, line: self.line });
                    break;
                }
                body.doubtful.get_or_insert((lines.len(), self.line));
            }
            body.add(&line);
            held += line.len() + OF_A_LINE;
            if held > self.largest {
                let most = self.largest >> 20;
                let why =
                    format!("The mail whose separator stands on line {} is larger than {most} MB.", separator.line);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            lines.push(line);
            if body.is_past_its_length() {
                self.give_back(&mut lines, &mut body);
            }
        }
        if body.doubtful.is_some() && !body.is_as_long_as_it_says() {
            self.give_back_and_restart(&mut lines, &mut body)?;
        }
        let is_counted = body.doubtful.is_some();
        let has_frame = !(is_counted && body.length == Some(body.size));
        Ok(Some(finish(separator, lines, has_frame.then_some(crlf), is_counted)))
    }

    fn first_separator(&mut self) -> io::Result<Option<Separator>> {
        while let Some(line) = self.read_line()? {
            if line.starts_with(b"From ") {
                return Ok(Some(Separator { text: line, line: self.line }));
            }
            if !line.trim_ascii().is_empty() {
                let why = "This is no mbox: it does not begin with a line `From sender date`.";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
        }
        Ok(None)
    }

    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = self.given_back.pop_front().unwrap_or_default();
        if line.is_empty() {
            // One byte more than a mail may have, so that the line is seen to be too long.
            (&mut self.from).take(self.largest as u64 + 1).read_until(b'\n', &mut line)?;
        }
        self.line += u64::from(!line.is_empty());
        Ok((!line.is_empty()).then_some(line))
    }

    /// Content-Length was wrong: what stands behind the first doubtful separator is read again.
    fn give_back(&mut self, lines: &mut Vec<Vec<u8>>, body: &mut Body) {
        if let Some((from, line)) = body.doubtful.take() {
            self.given_back = lines.drain(from..).chain(std::mem::take(&mut self.given_back)).collect();
            self.line = line - 1;
        }
        body.length = None;
    }

    fn give_back_and_restart(&mut self, lines: &mut Vec<Vec<u8>>, body: &mut Body) -> io::Result<()> {
        let had_next = self.next.take();
        if let Some(next) = had_next {
            self.given_back.push_front(next.text);
        }
        self.give_back(lines, body);
        // The first line given back is a separator.
        if let Some(text) = self.read_line()? {
            self.next = Some(Separator { text, line: self.line });
        }
        Ok(())
    }
}

/// What is known of the body that is being read.
#[derive(Default)]
struct Body {
    /// Whether lines of the body that look like separators are quoted for certain.
    is_quoted: bool,
    in_body: bool,
    /// What Content-Length says.
    length: Option<usize>,
    size: usize,
    /// The first line that looks like a separator and stands within Content-Length: its index, its number in the file.
    doubtful: Option<(usize, u64)>,
    last_is_empty: bool,
}

impl Body {
    fn add(&mut self, line: &[u8]) {
        let is_empty = matches!(line, b"\n" | b"\r\n");
        if self.in_body {
            self.size += line.len();
        } else if is_empty {
            self.in_body = true;
        } else if let Some(value) = field(line, b"content-length:") {
            self.length = value.parse().ok().filter(|length| *length <= BELIEVED);
        }
        self.last_is_empty = is_empty;
    }

    /// Whether a separator here may be a line of the body: Content-Length reaches beyond it.
    fn may_hold_separators(&self) -> bool {
        !self.is_quoted && self.in_body && self.length.is_some_and(|length| self.size < length)
    }

    /// Whether the end of the body was passed without a line end there.
    fn is_past_its_length(&self) -> bool {
        // One empty line may follow the body.
        self.doubtful.is_some() && self.length.is_some_and(|length| self.size > length + 2)
    }

    fn is_as_long_as_it_says(&self) -> bool {
        let rest = self.length.and_then(|length| self.size.checked_sub(length));
        rest.is_some_and(|rest| rest == 0 || self.last_is_empty && rest <= 2)
    }
}

fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let (head, value) = line.split_at_checked(name.len())?;
    if head.eq_ignore_ascii_case(name) { std::str::from_utf8(value).ok().map(str::trim) } else { None }
}

fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ") && line.len() < 1_000 && SEPARATOR.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// `frame` says that an empty line before the next separator belongs to the mbox, and whether it is a CRLF.
fn finish(separator: Separator, mut lines: Vec<Vec<u8>>, frame: Option<bool>, is_counted: bool) -> Mail {
    let frame: Option<&[u8]> = frame.map(|crlf| if crlf { b"\r\n".as_slice() } else { b"\n" });
    if lines.len() > 1 && frame.is_some() && lines.last().map(Vec::as_slice) == frame {
        lines.pop();
    }
    let mut raw = Vec::with_capacity(lines.iter().map(Vec::len).sum());
    for line in &lines {
        let quoted = !is_counted && line.starts_with(b">") && super::unquoted(line).starts_with(b"From ");
        raw.extend_from_slice(if quoted { &line[1..] } else { line });
    }
    Mail { raw, line: separator.line, at: time(&separator.text) }
}

/// The time of a separator: `Thu Jan  1 00:00:00 1970`, UTC when no zone is named.
fn time(separator: &[u8]) -> Option<DateTime<Utc>> {
    let text = String::from_utf8_lossy(separator);
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_clock = |word: &&str| word.as_bytes().iter().filter(|byte| **byte == b':').count() == 2;
    let clock = words.iter().rposition(is_clock)?;
    let year =
        words[clock + 1..].iter().find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    let date = format!("{} {} {} {year}", words.get(clock.checked_sub(2)?)?, words.get(clock - 1)?, words[clock]);
    let naive = NaiveDateTime::parse_from_str(&date, "%b %d %H:%M:%S %Y").ok()?;
    let zone = words[clock + 1..].iter().find(|word| word.len() == 5 && word.starts_with(['+', '-']));
    let shift = zone.and_then(|zone| zone[1..].parse::<i64>().ok().map(|n| (n / 100 * 60 + n % 100, zone)));
    let minutes = shift.map_or(0, |(minutes, zone)| if zone.starts_with('-') { -minutes } else { minutes });
    Some(naive.and_utc() - chrono::Duration::minutes(minutes))
}
