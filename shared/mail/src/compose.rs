//! Composing a mail of the hub's own.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MessageBuilder, MultiPart, SinglePart};

use crate::{Address, Attachment};

/// Message-IDs that a References field carries at most; the first stays, the oldest of the others go.
const REFERENCES: usize = 60;

/// A mail of the hub's own; `Outgoing { from, subject, text, rcpts, ..Default::default() }`.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    pub from: Address,
    /// The To field, which need not name the recipients.
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub subject: String,
    /// Plain text, lines of any length: it is flowed to 72 columns (RFC 3676), quotes keep their marks, unless it is
    /// `verbatim`.
    pub text: String,
    /// Whether the text is set line for line, as a diff must be.
    pub verbatim: bool,
    /// The same as HTML, when there is more to show.
    pub html: Option<String>,
    /// Without angle brackets; absent: made once, and the same on every retry.
    pub message_id: Option<String>,
    /// Without angle brackets.
    pub in_reply_to: Option<String>,
    /// Without angle brackets, oldest first.
    pub references: Vec<String>,
    /// Further fields, such as `List-Id`; a field named twice stands once, with the last value.
    pub headers: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
    /// Where bounces go.
    pub envelope_from: ReturnPath,
    pub rcpts: Vec<Recipient>,
    /// What it belongs to, for the administrator: `tracker/issue/12`.
    pub about: String,
    /// Whether no person wrote it: it is then marked `Auto-Submitted: auto-generated` (RFC 3834 section 5).
    pub auto: bool,
}

/// Whoever gets a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    pub address: String,
    /// An opaque word for this recipient, put where a template says `{token}`.
    pub token: Option<String>,
}

impl Recipient {
    /// A recipient without a token.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), token: None }
    }
}

/// The envelope sender, to which bounces go (RFC 5321 section 4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReturnPath {
    /// `<>`: a bounce of it is never sent.
    #[default]
    Null,
    /// This address.
    To(String),
    /// This address with the recipient in it, one for each: see [`verp_encode`](crate::verp_encode).
    Verp(String),
    /// This address with the recipient's token in it: `dev-bounces+TOKEN@host`.
    Token(String),
}

/// Why a mail could not be composed; a fault of the caller, never of a stranger.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("The address `{0}` cannot stand in a mail.")]
    BadAddress(String),
    #[error("`{0}` is not the name of a header field.")]
    BadHeader(String),
    #[error("The mail could not be composed: {0}.")]
    Builder(String),
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl From<sea_orm::DbErr> for ComposeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<ComposeError> for crate::Failure {
    fn from(error: ComposeError) -> Self {
        Self(error.to_string())
    }
}

/// The bytes of a mail and its Message-ID.
#[derive(Clone, Debug)]
pub struct Composed {
    pub raw: Vec<u8>,
    pub message_id: String,
}

/// Makes the bytes of a mail; the same `id` and `now` give the same fields.
pub fn compose(mail: &Outgoing, now: DateTime<Utc>) -> Result<Composed, ComposeError> {
    let from = mailbox(&mail.from)?;
    let message_id = match &mail.message_id {
        Some(id) => one_line(id).replace(['<', '>', ' '], ""),
        None => new_message_id(&mail.from.address, now),
    };
    // The envelope of lettre is not used; it wants one recipient.
    let envelope = lettre::address::Envelope::new(Some(from.email.clone()), vec![from.email.clone()])
        .map_err(|error| ComposeError::Builder(error.to_string()))?;
    let mut builder = lettre::Message::builder().envelope(envelope).date(SystemTime::from(now)).from(from);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    for cc in &mail.cc {
        builder = builder.cc(mailbox(cc)?);
    }
    for reply in &mail.reply_to {
        builder = builder.reply_to(mailbox(reply)?);
    }
    builder = builder.raw_header(field("Subject", &mail.subject)?);
    builder = builder.raw_header(field("Message-ID", &format!("<{message_id}>"))?);
    if let Some(id) = &mail.in_reply_to {
        builder = builder.raw_header(field("In-Reply-To", &format!("<{id}>"))?);
    }
    if !mail.references.is_empty() {
        builder = builder.raw_header(field("References", &references(&mail.references))?);
    }
    if mail.auto {
        builder = builder.raw_header(field("Auto-Submitted", "auto-generated")?);
    }
    for (name, value) in &mail.headers {
        builder = builder.raw_header(field(name, value)?);
    }
    let message = body(builder, mail).map_err(|error| ComposeError::Builder(error.to_string()))?;
    Ok(Composed { raw: message.formatted(), message_id })
}

/// A Message-ID that no other mail has, at the domain of `address`.
pub(crate) fn new_message_id(address: &str, now: DateTime<Utc>) -> String {
    let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{}.{:016x}@{domain}", now.format("%Y%m%d%H%M%S"), rand::random::<u64>())
}

fn body(builder: MessageBuilder, mail: &Outgoing) -> Result<lettre::Message, lettre::error::Error> {
    let plain = match mail.verbatim {
        true => SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()),
        false => SinglePart::builder().header(flowed()).body(crate::flow::flow(&mail.text)),
    };
    let html = mail.html.as_ref().map(|html| {
        let plain = plain.clone();
        MultiPart::alternative().singlepart(plain).singlepart(SinglePart::html(html.clone()))
    });
    if mail.attachments.is_empty() {
        return match html {
            Some(both) => builder.multipart(both),
            None => builder.singlepart(plain),
        };
    }
    let mut mixed = match html {
        Some(both) => MultiPart::mixed().multipart(both),
        None => MultiPart::mixed().singlepart(plain),
    };
    for attachment in &mail.attachments {
        mixed = mixed.singlepart(attached(attachment));
    }
    builder.multipart(mixed)
}

fn flowed() -> ContentType {
    ContentType::parse("text/plain; charset=utf-8; format=flowed").unwrap_or(ContentType::TEXT_PLAIN)
}

fn attached(attachment: &Attachment) -> SinglePart {
    let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let kind = ContentType::parse(&one_line(&attachment.content_type)).unwrap_or_else(|_| octets());
    let name = one_line(&attachment.name);
    let placed = if name.is_empty() { ContentDisposition::inline() } else { ContentDisposition::attachment(&name) };
    let part = SinglePart::builder().header(placed).header(kind);
    if attachment.content_type.starts_with("message/") {
        // Mails within mails are never encoded (RFC 2046 section 5.2.1).
        let as_it_is = match attachment.bytes.is_ascii() {
            true => ContentTransferEncoding::SevenBit,
            false => ContentTransferEncoding::EightBit,
        };
        return part.body(Body::dangerous_pre_encoded(attachment.bytes.clone(), as_it_is));
    }
    part.body(Body::new(attachment.bytes.clone()))
}

fn references(ids: &[String]) -> String {
    let skipped = ids.len().saturating_sub(REFERENCES);
    let kept = ids.iter().take(1).chain(ids.iter().skip(1 + skipped));
    kept.map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

fn mailbox(address: &Address) -> Result<Mailbox, ComposeError> {
    let bad = || ComposeError::BadAddress(address.address.clone());
    let name = one_line(&address.name);
    let rcpt = crate::Rcpt::parse(&address.address).ok_or_else(bad)?;
    if rcpt.local.contains([',', ';', ':', '\\']) && !rcpt.local.starts_with('"') {
        return Err(bad());
    }
    let email = rcpt.address.parse().unwrap_or_else(|_| lettre::Address::new_dangerous(&rcpt.local, &rcpt.domain));
    Ok(Mailbox::new((!name.is_empty()).then_some(name), email))
}

/// A field that cannot bring another one with it: control characters become spaces, the rest is encoded (RFC 2047).
pub(crate) fn field(name: &str, value: &str) -> Result<HeaderValue, ComposeError> {
    let bad = || ComposeError::BadHeader(name.to_owned());
    if !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        return Err(bad());
    }
    let checked = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| bad())?;
    // One blank each: between two encoded words more would be lost (RFC 2047 section 6.2).
    let value = one_line(value).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(HeaderValue::new(checked, value))
}

/// The lines of these fields, folded, each with its CRLF.
pub(crate) fn fields(pairs: &[(String, String)]) -> Result<String, ComposeError> {
    let mut headers = String::new();
    for (name, value) in pairs {
        // A `Headers` of its own for each, so that a name may stand twice.
        let mut one = lettre::message::header::Headers::new();
        one.insert_raw(field(name, value)?);
        headers.push_str(&one.to_string());
    }
    Ok(headers)
}

fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

#[cfg(test)]
mod tests;
