//! What must hold whatever bytes come: the targets of `ops/fuzz`.

use crate::{bounce, commands, headers, mbox, reading, route};

/// An archive is read to its end, or refused; a mail of it that is written is read back.
pub fn archive(data: &[u8]) {
    let mut reader = mbox::Reader::new(data);
    let mut taken = 0;
    while let Ok(Some(found)) = reader.next_mail() {
        taken += found.raw.len();
        assert!(taken <= data.len() + 1, "{taken} bytes of {}", data.len());
        let mut written = vec![];
        mbox::write(&mut written, &found.raw, found.at.unwrap_or_default());
        let back = mbox::Reader::new(written.as_slice()).next_mail();
        assert!(matches!(back, Ok(Some(_))), "{:?}", String::from_utf8_lossy(&written));
    }
}

/// A mail to a list: what it wants, whether it is a bounce, and its header without the fields of other lists.
pub fn mail(data: &[u8]) {
    let message = mail::Message::parse(data);
    for failed in bounce::read(&message) {
        assert!(!failed.address.contains(['\r', '\n']), "{failed:?}");
    }
    assert!(commands::read(&message.subject, message.text()).len() <= 1 + data.len());
    commands::decision(message.text());
    let cleaned = headers::cleaned(data, "[dev] ");
    assert!(cleaned.len() <= data.len() + 200, "{} bytes of {}", cleaned.len(), data.len());
    reading::bare_subject(&message.subject);
    for line in String::from_utf8_lossy(data).lines() {
        route::meanings(line);
        route::is_name(line);
    }
}
