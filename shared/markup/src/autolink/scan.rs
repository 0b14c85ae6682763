//! The scanner. Each byte is looked at a bounded number of times, whatever the text.

use super::{Kind, Reference};

/// Schemes that make a URL of the characters that follow.
const SCHEMES: [&str; 9] =
    ["https://", "http://", "ftp://", "ircs://", "irc://", "git://", "svn://", "ssh://", "mailto:"];

/// Words after which `<a@b>` is a mail, even if it could be a person's address. Everyday words are not among them:
/// "see <ann@example.org>" must not show an address to strangers.
const MAIL_WORDS: [&str; 6] = ["message-id", "in-reply-to", "references", "msgid", "mid", "id"];

/// Words after which a run of digits is a commit although it has no letter.
const COMMIT_WORDS: [&str; 6] = ["commit", "commits", "changeset", "revision", "rev", "revert"];

const LONGEST_NAME: usize = 64;
const LONGEST_MAIL: usize = 254;

/// All references of a text, in order, none inside another.
pub fn find(text: &str) -> Vec<Reference> {
    let bytes = text.as_bytes();
    // Most runs of text hold nothing of interest, and are passed in one look at each byte.
    let hints = bytes.iter().fold(0, |hints, &byte| hints | HINTS[usize::from(byte)]);
    if hints == 0 && !text.contains("www.") {
        return Vec::new();
    }
    let mut scanner = Scanner { text, bytes, hints, at: 0, no_mail_before: 0, found: Vec::new() };
    scanner.run();
    scanner.found
}

const MAIL: u8 = 1;
const HASH: u8 = 2;
const COLON: u8 = 4;
const DIGIT: u8 = 8;

/// What a byte makes possible: without a `@` there is no address, without a digit no number.
static HINTS: [u8; 256] = {
    let mut hints = [0; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        hints[digit as usize] = DIGIT;
        digit += 1;
    }
    hints[b'@' as usize] = MAIL;
    hints[b'#' as usize] = HASH;
    hints[b':' as usize] = COLON;
    hints
};

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    hints: u8,
    at: usize,
    /// Up to here it is known that no mail address begins.
    no_mail_before: usize,
    found: Vec<Reference>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            let matched = match byte {
                b'<' => self.bracketed(),
                b'#' => self.issue_number(),
                _ if byte.is_ascii_alphanumeric() => self.url().or_else(|| self.address()).or_else(|| self.word()),
                _ => None,
            };
            match matched {
                Some((end, kind)) => {
                    let range = self.at..end;
                    self.found.push(Reference::new(range.clone(), kind, &self.text[range]));
                    self.at = end;
                }
                // An address may begin behind a foreign letter; a word may not.
                None if byte.is_ascii_alphanumeric() => {
                    self.at = self.run_of(self.at, |b| b.is_ascii_alphanumeric() || b == b'_')
                }
                None => self.at += 1,
            }
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b' ')
    }

    fn before(&self) -> u8 {
        self.at.checked_sub(1).map_or(b' ', |i| self.bytes[i])
    }

    fn run_of(&self, from: usize, fits: impl Fn(u8) -> bool) -> usize {
        self.bytes.iter().skip(from).position(|&b| !fits(b)).map_or(self.bytes.len().max(from), |n| from + n)
    }

    /// The word before the place, without the colon that may follow it, in lower case.
    fn word_before(&self) -> String {
        let head = &self.bytes[self.at.saturating_sub(24)..self.at];
        let fits = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
        let end = head.iter().rposition(|b| !matches!(b, b' ' | b':' | b'\t')).map_or(0, |i| i + 1);
        let start = head[..end].iter().rposition(|b| !fits(b)).map_or(0, |i| i + 1);
        String::from_utf8_lossy(&head[start..end]).to_ascii_lowercase()
    }

    fn url(&self) -> Option<(usize, Kind)> {
        let first = self.bytes[self.at] | 0x20;
        let possible =
            first == b'w' || self.hints & COLON != 0 && matches!(first, b'h' | b'f' | b'i' | b'g' | b's' | b'm');
        if !possible {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let starts =
            |prefix: &str| rest.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()));
        let prefix = SCHEMES.iter().find(|s| starts(s)).copied().or_else(|| starts("www.").then_some("www."))?;
        let body = self.at + prefix.len();
        let mut end = self.run_of(body, |b| b > b' ' && !matches!(b, b'<' | b'>' | b'"' | b'`' | b'|' | 0x7f));
        // A space of any script ends it as well, and so does what shows nothing.
        let gap = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}');
        end = self.text.get(body..end).and_then(|url| url.find(gap)).map_or(end, |gap| body + gap);
        end = self.trimmed(body, end);
        let host = is_word(self.byte(body)) || self.byte(body) == b'[';
        (end > body && host).then_some((end, Kind::Url))
    }

    /// The end of a URL without the punctuation of the sentence around it (GFM section 6.9).
    fn trimmed(&self, body: usize, mut end: usize) -> usize {
        let count = |b: u8| self.bytes[body..end].iter().filter(|&&x| x == b).count();
        let mut extra_round = count(b')').saturating_sub(count(b'('));
        let mut extra_square = count(b']').saturating_sub(count(b'['));
        while end > body {
            match self.bytes[end - 1] {
                b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' => {}
                b')' if extra_round > 0 => extra_round -= 1,
                b']' if extra_square > 0 => extra_square -= 1,
                _ => break,
            }
            end -= 1;
        }
        end
    }

    /// `<a@b>`: a Message-ID, or the address of a person.
    fn bracketed(&self) -> Option<(usize, Kind)> {
        let limit = (self.at + LONGEST_MAIL).min(self.bytes.len());
        let inside = self.at + 1;
        let close = inside + self.bytes[inside..limit].iter().position(|&b| b <= b' ' || matches!(b, b'<' | b'>'))?;
        if self.bytes[close] != b'>' {
            return None;
        }
        let id = &self.text[inside..close];
        let (local, domain) = id.rsplit_once('@')?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_{|}~.".contains(&b);
        let sound = |b: u8| b.is_ascii_alphanumeric() || b".-_[]:".contains(&b);
        let id_like = !local.is_empty() && local.bytes().all(fits) && !domain.is_empty() && domain.bytes().all(sound);
        if !id_like || domain.ends_with(['.', '-']) {
            return None;
        }
        // A person's address is left to the scan of the text in the brackets.
        let person = is_mailbox(local) && domain_end(domain.as_bytes(), 0).is_some();
        (!person || MAIL_WORDS.contains(&self.word_before().as_str()))
            .then(|| (close + 1, Kind::Message(id.to_owned())))
    }

    fn issue_number(&self) -> Option<(usize, Kind)> {
        let open = !is_word(self.before()) && !matches!(self.before(), b'/' | b'#' | b'&' | b'=' | b'?');
        let (end, id) = self.number(self.at + 1)?;
        open.then_some((end, Kind::Issue { tracker: None, id }))
    }

    /// A number that ends where a word ends; `#1.5` is none.
    fn number(&self, from: usize) -> Option<(usize, u64)> {
        let end = self.run_of(from, |b| b.is_ascii_digit());
        let broken =
            is_word(self.byte(end)) || (matches!(self.byte(end), b'.' | b',') && self.byte(end + 1).is_ascii_digit());
        if end == from || end - from > 12 || broken {
            return None;
        }
        Some((end, self.text[from..end].parse().ok().filter(|n| *n > 0)?))
    }

    fn address(&mut self) -> Option<(usize, Kind)> {
        if self.at < self.no_mail_before || self.hints & MAIL == 0 {
            return None;
        }
        let is_local =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'=' | b'~' | b'\'');
        let sign = self.run_of(self.at, is_local);
        self.no_mail_before = sign;
        if self.byte(sign) != b'@' || sign - self.at > LONGEST_NAME || self.byte(sign - 1) == b'.' {
            return None;
        }
        let end = domain_end(self.bytes, sign + 1).filter(|end| end - self.at <= LONGEST_MAIL)?;
        // `git@host:path` names a repository.
        let path = self.byte(end) == b':' && self.byte(end + 1) > b' ';
        (!path).then_some((end, Kind::Address))
    }

    /// `tracker#12`, `issue12`, `issue 12`, `r1234`, and commit ids.
    fn word(&self) -> Option<(usize, Kind)> {
        if self.hints & DIGIT == 0 {
            return None;
        }
        if is_word(self.before())
            || matches!(self.before(), b'/' | b'@' | b'.' | b'#' | b'$' | b'\\' | b'-' | b'=' | b'&')
        {
            return None;
        }
        let limit = (self.at + LONGEST_NAME).min(self.bytes.len());
        let end = self.bytes[self.at..limit].iter().position(|&b| !is_word(b)).map_or(limit, |n| self.at + n);
        if let Some(found) = self.in_tracker(end, limit) {
            return found;
        }
        let word = &self.bytes[self.at..end];
        let goes_on = is_word(self.byte(end)) || self.byte(end) == b'-' && is_word(self.byte(end + 1));
        let closed = !goes_on;
        if word.len() >= 5 && word[..5].eq_ignore_ascii_case(b"issue") {
            let digits = self.at + 5;
            let digits = if word.len() == 5 && self.bytes.get(digits) == Some(&b' ') { digits + 1 } else { digits };
            let (last, id) = self.number(digits)?;
            return Some((last, Kind::Issue { tracker: None, id }));
        }
        if word[0] == b'r' && closed && word.len() > 1 && word[1..].iter().all(u8::is_ascii_digit) {
            let (last, number) = self.number(self.at + 1)?;
            return Some((last, Kind::Revision(number)));
        }
        (closed && self.is_commit(word)).then(|| (end, Kind::Commit(self.text[self.at..end].to_ascii_lowercase())))
    }

    /// `tracker#12`: the outer option says that it is one, the inner one what it refers to.
    fn in_tracker(&self, end: usize, limit: usize) -> Option<Option<(usize, Kind)>> {
        if self.hints & HASH == 0 {
            return None;
        }
        let fits = |b: u8| is_word(b) || b == b'-';
        let name_end = self.bytes[end..limit].iter().position(|&b| !fits(b)).map_or(limit, |n| end + n);
        let named =
            self.byte(name_end) == b'#' && self.byte(self.at).is_ascii_alphabetic() && self.byte(name_end - 1) != b'-';
        named.then(|| {
            let (last, id) = self.number(name_end + 1)?;
            Some((last, Kind::Issue { tracker: Some(self.text[self.at..name_end].to_owned()), id }))
        })
    }

    fn is_commit(&self, word: &[u8]) -> bool {
        let one_case = !word.iter().any(u8::is_ascii_uppercase) || !word.iter().any(u8::is_ascii_lowercase);
        if !(7..=40).contains(&word.len()) || !one_case || !word.iter().all(u8::is_ascii_hexdigit) {
            return false;
        }
        let digit = word.iter().any(u8::is_ascii_digit);
        let letter = word.iter().any(u8::is_ascii_alphabetic);
        digit && (letter || COMMIT_WORDS.contains(&self.word_before().as_str()))
    }
}

/// True for what may stand before the `@` of a person: short, few digits. When in doubt it is a person, whose address is hidden.
fn is_mailbox(local: &str) -> bool {
    local.len() <= 32 && local.bytes().filter(u8::is_ascii_digit).count() <= 4
}

/// The end of a domain of at least two labels, the last one of letters; what follows it does not belong to it.
fn domain_end(bytes: &[u8], from: usize) -> Option<usize> {
    let limit = (from + LONGEST_MAIL).min(bytes.len());
    let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let end = bytes[from..limit].iter().position(|b| !fits(b)).map_or(limit, |n| from + n);
    let (mut at, mut found) = (from, None);
    for (label, count) in bytes[from..end].split(|b| *b == b'.').zip(1..) {
        if label.is_empty() {
            break;
        }
        let letters = label.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let whole = letters == label.len() || label[letters] == b'-' && label[letters..].iter().all(|b| *b == b'-');
        if count > 1 && letters >= 2 && whole {
            found = Some(at + letters);
        }
        at += label.len() + 1;
    }
    found
}
