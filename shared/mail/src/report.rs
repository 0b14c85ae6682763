//! Delivery reports (RFC 3464): reading those that come, writing our own.

use lettre::message::SinglePart;
use store::{StoreError, Tx};

use crate::compose::{self, ReturnPath};
use crate::dsn::{OfMail, OfRcpt};
use crate::outbound::{self, Raw, Relay};
use crate::{Message, Rcpt, Recipient};

/// Bytes of the original's header that a report quotes, and of a whole mail that it brings back.
const QUOTED: usize = 32_000;
const WHOLE: usize = 1_000_000;

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The final recipient, or else the original one.
    pub recipient: String,
    pub action: Action,
    /// Class, subject and detail: `5.1.1` (RFC 3463).
    pub status: String,
    /// What the other side said.
    pub diagnostic: String,
}

/// What became of the mail (RFC 3464 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

/// What the sender asked to be told (RFC 3461).
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub mail: OfMail,
    /// Of the only recipient that is reported on.
    pub rcpt: OfRcpt,
}

impl Report {
    /// The mail has reached its mailbox.
    pub(crate) fn arrived(recipient: &str) -> Self {
        let diagnostic = "250 2.1.5 The mailbox has it.".to_owned();
        Self { recipient: recipient.to_owned(), action: Action::Delivered, status: "2.1.5".into(), diagnostic }
    }

    /// Whether the recipient will not get the mail: `Action: failed` with a status of class 5, or none.
    pub fn is_permanent(&self) -> bool {
        self.action == Action::Failed && !self.status.starts_with(['4', '2'])
    }
}

/// What a mail says of its recipients, when it is a report; otherwise nothing.
pub fn read(message: &Message) -> Vec<Report> {
    let kinds = ["message/delivery-status", "message/global-delivery-status"];
    let parts = message.attachments.iter().filter(|part| kinds.contains(&part.content_type.as_str()));
    parts.flat_map(|part| read_status(&String::from_utf8_lossy(&part.bytes))).collect()
}

/// Reads the groups of fields of a `message/delivery-status` part; the ones without a recipient are left out.
fn read_status(text: &str) -> Vec<Report> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").filter_map(read_group).collect()
}

fn read_group(group: &str) -> Option<Report> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (true, None) => {}
            (false, _) => {
                let (name, value) = line.split_once(':')?;
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    // The type stands before the semicolon: `rfc822; ann@x.org`.
    let typed = |value: &str| value.split_once(';').map_or(value, |(_, value)| value).trim().to_owned();
    let address = |name: &str| {
        let found = field(name).map(typed).map(|text| text.trim_matches(['<', '>']).to_owned());
        found.filter(|text| text.contains('@') && !text.contains(char::is_control))
    };
    let action = match field("action")?.split_whitespace().next()?.to_ascii_lowercase().as_str() {
        "failed" => Action::Failed,
        "delayed" => Action::Delayed,
        "delivered" => Action::Delivered,
        "relayed" => Action::Relayed,
        "expanded" => Action::Expanded,
        _ => return None,
    };
    Some(Report {
        recipient: address("final-recipient").or_else(|| address("original-recipient"))?,
        action,
        status: field("status").and_then(|value| value.split_whitespace().next()).unwrap_or_default().to_owned(),
        diagnostic: field("diagnostic-code").map(typed).unwrap_or_default(),
    })
}

/// Queues a report on `original` to its envelope sender, from the null sender (RFC 3464 section 2). A null sender is told
/// nothing (RFC 5321 section 6.1).
pub(crate) async fn send(
    tx: &Tx,
    host: &str,
    to: &str,
    raw: &[u8],
    original: &Message,
    reports: &[Report],
    asked: &Asked,
) -> Result<(), StoreError> {
    if Rcpt::parse(to).is_none() {
        return Ok(());
    }
    let (bytes, message_id) = write(host, to, raw, original, reports, asked, tx.now());
    let relay = Relay {
        raw: Raw::Bytes(bytes),
        headers: Vec::new(),
        personal: None,
        envelope_from: ReturnPath::Null,
        rcpts: vec![Recipient::new(to)],
        message_id,
        subject: subject(reports).into(),
        about: "mail/report".into(),
    };
    match outbound::queue_raw(tx, relay).await {
        Ok(_) => Ok(()),
        Err(compose::ComposeError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(%error, "a delivery report could not be written");
            Ok(())
        }
    }
}

/// The bytes of a report, and its Message-ID.
pub(crate) fn write(
    host: &str,
    to: &str,
    raw: &[u8],
    original: &Message,
    reports: &[Report],
    asked: &Asked,
    now: chrono::DateTime<chrono::Utc>,
) -> (Vec<u8>, String) {
    let id = compose::new_message_id(&format!("report@{host}"), now);
    let boundary = format!("=_report_{:016x}", rand::random::<u64>());
    // Only a failure brings the mail back (RFC 3461 section 4.3).
    let whole = asked.mail.full == Some(true) && !arrived(reports) && raw.len() <= WHOLE;
    let (kind, quoted) =
        if whole { ("message/rfc822", raw.to_vec()) } else { ("text/rfc822-headers", quoted_head(raw)) };
    let eight_bit = if quoted.is_ascii() { "7bit" } else { "8bit" };
    let pairs = [
        ("From", format!("Mail Delivery System <MAILER-DAEMON@{host}>")),
        ("To", format!("<{to}>")),
        ("Subject", subject(reports).to_owned()),
        ("Date", now.to_rfc2822()),
        ("Message-ID", format!("<{id}>")),
        ("In-Reply-To", format!("<{}>", original.message_id)),
        ("Auto-Submitted", "auto-replied".to_owned()),
        ("MIME-Version", "1.0".to_owned()),
        ("Content-Type", format!("multipart/report; report-type=delivery-status; boundary=\"{boundary}\"")),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    let mut out = compose::fields(&pairs).unwrap_or_default().into_bytes();
    let part = |out: &mut Vec<u8>, body: &[u8]| {
        out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
        out.extend_from_slice(body);
    };
    part(&mut out, &SinglePart::plain(sentence(host, original, reports)).formatted());
    part(&mut out, format!("Content-Type: message/delivery-status\r\n\r\n{}", status(host, reports, asked)).as_bytes());
    let head = format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {eight_bit}\r\n\r\n");
    part(&mut out, &[head.as_bytes(), &quoted].concat());
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (out, id)
}

fn arrived(reports: &[Report]) -> bool {
    reports.iter().all(|report| report.action == Action::Delivered)
}

fn subject(reports: &[Report]) -> &'static str {
    if arrived(reports) { "Your mail has arrived" } else { "Your mail could not be delivered" }
}

fn sentence(host: &str, original: &Message, reports: &[Report]) -> String {
    let what = match arrived(reports) {
        true => "has arrived at the following address.",
        false => "could not be delivered to the following address. It will not be tried again.",
    };
    let mut text = format!("This is {host}. Your mail \u{201c}{}\u{201d} {what}\n", original.subject);
    for report in reports {
        text.push_str(&format!("\n    {}\n    {}\n", report.recipient, report.diagnostic));
    }
    text
}

fn status(host: &str, reports: &[Report], asked: &Asked) -> String {
    let mut text = match &asked.mail.envelope_id {
        Some(id) => format!("Original-Envelope-Id: {id}\r\nReporting-MTA: dns; {host}\r\n"),
        None => format!("Reporting-MTA: dns; {host}\r\n"),
    };
    for report in reports {
        let kind = if report.recipient.is_ascii() { "rfc822" } else { "utf-8" };
        let ascii = |text: &str| -> String {
            text.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '?' }).take(800).collect()
        };
        let recipient: String = report.recipient.chars().filter(|c| !c.is_control()).collect();
        text.push_str("\r\n");
        if let Some((kind, address)) = asked.rcpt.original.as_deref().and_then(|original| original.split_once(';')) {
            text.push_str(&format!("Original-Recipient: {kind}; {address}\r\n"));
        }
        let action = if report.action == Action::Delivered { "delivered" } else { "failed" };
        text.push_str(&format!(
            "Final-Recipient: {kind}; {recipient}\r\nAction: {action}\r\nStatus: {}\r\nDiagnostic-Code: smtp; {}\r\n",
            ascii(&report.status),
            ascii(&report.diagnostic),
        ));
    }
    text
}

/// The header of the original, whole lines only, with CRLF.
fn quoted_head(raw: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for line in raw.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || head.len() + line.len() > QUOTED {
            break;
        }
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_written_is_the_report_read() {
        let raw = b"From: ann@x.org\r\nSubject: hi\r\nMessage-ID: <1@x.org>\r\n\r\nbody\r\n";
        let failed = Report {
            recipient: "bob@y.org".into(),
            action: Action::Failed,
            status: "5.1.1".into(),
            diagnostic: "550 5.1.1 No such user".into(),
        };
        let now = chrono::DateTime::UNIX_EPOCH;
        let (bytes, id) = write(
            "hub.test",
            "ann@x.org",
            raw,
            &Message::parse(raw),
            std::slice::from_ref(&failed),
            &Asked::default(),
            now,
        );
        let report = Message::parse(&bytes);
        assert_eq!(report.message_id, id);
        assert_eq!(read(&report), [failed]);
        assert!(report.is_automatic());
        assert_eq!(report.in_reply_to, ["1@x.org"]);
        assert!(report.text().contains("bob@y.org") && !String::from_utf8_lossy(&bytes).contains("body"));
        assert!(report.attachments.iter().any(|part| String::from_utf8_lossy(&part.bytes).contains("Subject: hi")));
    }

    #[test]
    fn every_recipient_of_a_report_is_read() {
        let text = "Reporting-MTA: dns; a\n\nOriginal-Recipient: rfc822;a@x\nAction: FAILED (no)\nStatus: 5.0.0 (odd)\n\n\
                    Final-Recipient: utf-8; \u{e4}@x\n\tfolded\nAction: delayed\nStatus: 4.4.1\n\nAction: failed\n";
        let reports = read_status(text);
        assert_eq!(reports.len(), 2);
        assert_eq!((reports[0].recipient.as_str(), reports[0].status.as_str()), ("a@x", "5.0.0"));
        assert!(reports[0].is_permanent() && !reports[1].is_permanent());
    }
}
