//! A mail that has been parsed, once.
//!
//! [`Message::parse`] never fails: what is wrong with a mail is told in [`Message::defects`] and mended as well as can
//! be. The raw bytes stay with whoever has them; this is only how they are read.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use mail_parser::parsers::MessageStream;
use mail_parser::{HeaderName, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType};
use store::BlobId;

use crate::Address;
use crate::address::from_parser;

/// Nested mails beyond which a body is taken as text (each level costs stack when it is freed).
const NESTED: usize = 300;
/// Message-IDs that are read from one References field.
const REFERENCES: usize = 1_000;
/// The longest Message-ID that is taken for one (a line of a header has 998 bytes, RFC 5322 section 2.1.1).
const LONGEST_ID: usize = 990;

static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);

/// A part that is not the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name, without folders; empty when it has none.
    pub name: String,
    /// `type/subtype`, lower case.
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// What is wrong with a mail, or unusual.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    #[error("It has no Message-ID; one was made from its bytes.")]
    MissingMessageId,
    #[error("It has no Date that can be read.")]
    MissingDate,
    #[error("It has no From that can be read.")]
    MissingFrom,
    #[error("It has no header fields.")]
    MissingHeaders,
    #[error("It has {1} fields {0}; the first one counts.")]
    Repeated(String, usize),
    #[error("A header field holds raw 8-bit characters that are not UTF-8; they were read as Windows-1252.")]
    EightBitHeader,
    #[error("A part is not encoded as it says.")]
    BadEncoding,
    #[error("Its parts are nested too deeply; the body was taken as text.")]
    TooDeep,
    #[error("It could not be taken apart; the body was taken as text.")]
    Unreadable,
}

/// A mail as people read it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Without angle brackets; made from the bytes when the mail has none ([`Defect::MissingMessageId`]).
    pub message_id: String,
    pub date: Option<DateTime<Utc>>,
    /// The first author; the address is empty when there is none.
    pub from: Address,
    pub sender: Option<Address>,
    pub reply_to: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// Decoded, on one line; empty when absent.
    pub subject: String,
    /// Message-IDs without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Message-IDs without angle brackets, oldest first.
    pub references: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub defects: Vec<Defect>,
    headers: Vec<(String, String)>,
    text: String,
    html: Option<String>,
}

impl Message {
    /// Reads a mail; always gives one.
    pub fn parse(raw: &[u8]) -> Self {
        let mut defects = Vec::new();
        let mended = mend_headers(raw, &mut defects);
        let parsed = if nested(&mended) > NESTED {
            defects.push(Defect::TooDeep);
            None
        } else {
            let parsed = std::panic::catch_unwind(AssertUnwindSafe(|| PARSER.parse(mended.as_ref())));
            parsed.unwrap_or_else(|_| {
                defects.push(Defect::Unreadable);
                None
            })
        };
        let whole = parsed.is_some();
        let has_fields = split(&mended).0.contains(&b':');
        let head = parsed.or_else(|| PARSER.parse_headers(mended.as_ref())).filter(|_| has_fields);
        let whole = whole && has_fields;
        let mut message = head.as_ref().map(|head| from_parsed(head, &mended, whole)).unwrap_or_default();
        if message.headers.is_empty() {
            defects.push(Defect::MissingHeaders);
        }
        if !whole {
            message.text = text_of(body_of(&mended));
        }
        without_nul(&mut message);
        message.message_id = match first_id(message.header("message-id").unwrap_or_default()) {
            Some(id) => id,
            None => {
                defects.push(Defect::MissingMessageId);
                format!("{}@generated.invalid", &BlobId::of(raw).0[..40])
            }
        };
        if message.date.is_none() {
            defects.push(Defect::MissingDate);
        }
        if message.from.address.is_empty() {
            defects.push(Defect::MissingFrom);
        }
        for name in ["From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "References"] {
            let count = message.headers(name).count();
            if count > 1 {
                defects.push(Defect::Repeated(name.into(), count));
            }
        }
        message.defects.append(&mut defects);
        message
    }

    /// The first field of this name, decoded and unfolded.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All fields of this name, top to bottom, decoded and unfolded.
    pub fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.to_owned();
        self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, value)| value.as_str())
    }

    /// Every field, top to bottom: the name as written, the value decoded and unfolded.
    pub fn all_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body as plain text; made from the HTML when there is only that.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The body as HTML, unsanitised, when the mail has one.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// Whether a robot or a list sent it, so that no robot may answer (RFC 3834 section 2).
    pub fn is_automatic(&self) -> bool {
        let is = |name, words: &[&str]| {
            let value = self.header(name).unwrap_or_default().to_ascii_lowercase();
            let word = value.split([';', ' ', '\t', '(']).next().unwrap_or_default();
            words.contains(&word)
        };
        let has = |name| self.header(name).is_some();
        has("auto-submitted") && !is("auto-submitted", &["no"])
            || is("precedence", &["bulk", "junk", "list", "auto_reply"])
            || has("list-id")
            || has("list-post")
            || has("x-autoreply")
            || has("x-autorespond")
            || has("x-failed-recipients")
            || is("content-type", &["multipart/report"])
            || self.header("return-path").is_some_and(|path| path.trim() == "<>")
            || matches!(
                self.from.address.split('@').next().unwrap_or_default().to_ascii_lowercase().as_str(),
                "mailer-daemon" | "postmaster" | "noreply" | "no-reply"
            )
    }
}

/// Takes NUL out of what people read: it is no text (RFC 5322 section 4.1), and PostgreSQL keeps none. The raw mail has it.
fn without_nul(message: &mut Message) {
    let addresses =
        message.sender.iter_mut().chain(&mut message.reply_to).chain(&mut message.to).chain(&mut message.cc);
    let texts = addresses.chain([&mut message.from]).flat_map(|address| [&mut address.name, &mut address.address]);
    let headers = message.headers.iter_mut().map(|(_, value)| value);
    for text in texts.chain(headers).chain([&mut message.text, &mut message.subject]).chain(&mut message.html) {
        text.retain(|c| c != '\0');
    }
}

fn from_parsed(parsed: &mail_parser::Message<'_>, raw: &[u8], whole: bool) -> Message {
    let first =
        |name: HeaderName<'_>| parsed.headers().iter().find(|header| header.name == name).map(|header| &header.value);
    let addresses = |name| match first(name) {
        Some(HeaderValue::Address(list)) => from_parser(list),
        _ => Vec::new(),
    };
    let date = first(HeaderName::Date).and_then(HeaderValue::as_datetime).filter(|date| date.is_valid());
    let mut message = Message {
        date: date.and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
        from: addresses(HeaderName::From).into_iter().next().unwrap_or_default(),
        sender: addresses(HeaderName::Sender).into_iter().next(),
        reply_to: addresses(HeaderName::ReplyTo),
        to: addresses(HeaderName::To),
        cc: addresses(HeaderName::Cc),
        headers: parsed
            .headers()
            .iter()
            .map(|header| {
                let bytes = raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
                (header.name.as_str().to_owned(), decoded(bytes))
            })
            .collect(),
        ..Message::default()
    };
    message.subject = message.header("subject").unwrap_or_default().to_owned();
    message.in_reply_to = ids(message.header("in-reply-to").unwrap_or_default());
    message.references = ids(message.header("references").unwrap_or_default());
    if whole {
        read_parts(&mut message, parsed, raw);
    }
    message
}

fn read_parts(message: &mut Message, parsed: &mail_parser::Message<'_>, raw: &[u8]) {
    let part = |id: &u32| parsed.parts.get(*id as usize);
    let mut texts = Vec::new();
    for part in parsed.text_body.iter().filter_map(part) {
        match &part.body {
            PartType::Text(text) => texts.push(read_text(part, &mended_text(part, text, raw))),
            PartType::Html(html) => {
                texts.push(mail_parser::decoders::html::html_to_text(&mended_text(part, html, raw)));
            }
            _ => {}
        }
    }
    let mut set_apart = parsed.attachments.clone();
    if texts.is_empty() {
        // A part that was cut off is set apart by the parser; the text of the mail it is all the same.
        let cut_off = |id: &u32| {
            part(id).is_some_and(|part| (*id == 0 || part.is_encoding_problem) && part.attachment_name().is_none())
        };
        let found = parsed.attachments.iter().position(cut_off);
        if let Some(PartType::Text(text)) = found.map(|at| &parsed.parts[parsed.attachments[at] as usize].body) {
            texts.push(text.to_string());
            set_apart.retain(|id| Some(id) != found.map(|at| &parsed.attachments[at]));
        }
    }
    message.text = texts.join("\n");
    let html: Vec<_> = parsed
        .html_body
        .iter()
        .filter_map(part)
        .filter_map(|part| match &part.body {
            PartType::Html(html) => Some(mended_text(part, html, raw)),
            _ => None,
        })
        .collect();
    message.html = (!html.is_empty()).then(|| html.join("\n"));
    message.attachments = set_apart.iter().filter_map(part).map(|part| attachment(part, raw)).collect();
    if parsed.parts.iter().any(|part| part.is_encoding_problem) {
        message.defects.push(Defect::BadEncoding);
    }
}

fn attachment(part: &MessagePart<'_>, raw: &[u8]) -> Attachment {
    let declared = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase(),
        None => kind.ctype().to_ascii_lowercase(),
    });
    let (implied, bytes) = match &part.body {
        PartType::Text(text) => ("text/plain", mended_text(part, text, raw).into_owned().into_bytes()),
        PartType::Html(html) => ("text/html", mended_text(part, html, raw).into_owned().into_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => ("application/octet-stream", bytes.to_vec()),
        PartType::Message(inner) if part.encoding != mail_parser::Encoding::None => {
            ("message/rfc822", inner.raw_message.to_vec())
        }
        PartType::Message(_) | PartType::Multipart(_) => ("message/rfc822", body_bytes(part, raw).to_vec()),
    };
    let name = part.attachment_name().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    Attachment { name, content_type: declared.unwrap_or_else(|| implied.to_owned()), bytes }
}

fn body_bytes<'a>(part: &MessagePart<'_>, raw: &'a [u8]) -> &'a [u8] {
    raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default()
}

/// A text as it is read: one that flows with each paragraph on one line (RFC 3676).
fn read_text(part: &MessagePart<'_>, text: &str) -> String {
    let says = |name: &str, wanted: &str| {
        let value = part.content_type().and_then(|kind| kind.attribute(name));
        value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    if says("format", "flowed") { crate::flow::unflow(text, says("delsp", "yes")) } else { text.to_owned() }
}

/// The text of a part; one in raw 8-bit characters that names no known charset is UTF-8, or else Windows-1252.
fn mended_text<'a>(part: &MessagePart<'_>, text: &'a str, raw: &[u8]) -> Cow<'a, str> {
    if part.encoding == mail_parser::Encoding::None && text.contains('\u{fffd}') {
        let bytes = body_bytes(part, raw);
        if !bytes.is_empty() && std::str::from_utf8(bytes).is_err() {
            return Cow::Owned(text_of(bytes));
        }
    }
    Cow::Borrowed(text)
}

fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Where the header ends: the bytes before and after the first empty line.
fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < raw.len() {
        let end = raw[at..].iter().position(|byte| *byte == b'\n').map_or(raw.len(), |n| at + n + 1);
        if matches!(&raw[at..end], b"\n" | b"\r\n") {
            return raw.split_at(end);
        }
        at = end;
    }
    (raw, &[])
}

fn body_of(raw: &[u8]) -> &[u8] {
    let (head, body) = split(raw);
    if body.is_empty() && !head.contains(&b':') { raw } else { body }
}

/// Header fields in raw characters that are no UTF-8 are read as Windows-1252, line by line.
fn mend_headers<'a>(raw: &'a [u8], defects: &mut Vec<Defect>) -> Cow<'a, [u8]> {
    let (head, body) = split(raw);
    if std::str::from_utf8(head).is_ok() {
        return Cow::Borrowed(raw);
    }
    defects.push(Defect::EightBitHeader);
    let mut mended = Vec::with_capacity(raw.len() + 64);
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        mended.extend_from_slice(text_of(line).as_bytes());
    }
    mended.extend_from_slice(body);
    Cow::Owned(mended)
}

/// A field's value without folding, encoded words decoded (RFC 2047).
fn decoded(value: &[u8]) -> String {
    let mut line: Vec<u8> = value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect();
    if !line.windows(2).any(|two| two == b"=?") {
        return String::from_utf8_lossy(line.trim_ascii()).into_owned();
    }
    line.push(b'\n');
    let mut stream = MessageStream::new(&line);
    match stream.parse_unstructured() {
        HeaderValue::Text(text) => {
            text.chars().filter(|c| !c.is_control() || *c == '\t').collect::<String>().trim().into()
        }
        _ => String::new(),
    }
}

/// Every `<id>` of a field, without the brackets; a field without any gives its words that look like one.
fn ids(field: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = field;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let Some(close) = rest.find('>') else { break };
        let id: String = rest[..close].chars().filter(|c| !c.is_whitespace()).collect();
        if !id.is_empty() && id.len() <= LONGEST_ID && !id.contains('<') {
            found.push(id);
        }
        rest = &rest[close + 1..];
        if found.len() == REFERENCES {
            break;
        }
    }
    if found.is_empty() {
        let words = field.split_whitespace().filter(|word| word.contains('@') && !word.contains(['<', '>', '"']));
        found.extend(words.filter(|word| word.len() <= LONGEST_ID).take(REFERENCES).map(str::to_owned));
    }
    found
}

fn first_id(field: &str) -> Option<String> {
    ids(field).into_iter().next().or_else(|| {
        let id: String = field.chars().filter(|c| !c.is_whitespace() && !matches!(c, '<' | '>')).collect();
        (!id.is_empty() && id.len() <= LONGEST_ID).then_some(id)
    })
}

/// How many parts say that they are mails.
fn nested(raw: &[u8]) -> usize {
    const NEEDLE: &[u8] = b"message/rfc822";
    let mut count = 0;
    let mut at = 0;
    while let Some(slash) = raw[at..].iter().position(|byte| *byte == b'/') {
        let slash = at + slash;
        let around = slash.checked_sub(7).and_then(|from| raw.get(from..from + NEEDLE.len()));
        if around.is_some_and(|word| word.eq_ignore_ascii_case(NEEDLE)) {
            count += 1;
        }
        at = slash + 1;
    }
    count
}

#[cfg(test)]
mod tests;
