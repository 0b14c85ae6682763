//! What must hold whatever bytes come: the targets of `ops/fuzz`.

pub use crate::inbound::fuzz::{session, trace};
pub use crate::outbound::fuzz::{replies, signing};

use crate::{Address, Message, Rcpt, report, verp_decode, verp_encode};

/// A mail is always a message, within bounds, and says what can be said again.
pub fn message(data: &[u8]) {
    let message = Message::parse(data);
    let files: usize = message.attachments.iter().map(|file| file.bytes.len()).sum();
    assert!(message.text().len() + files < 40_000 + 20 * data.len(), "{} bytes of {}", files, data.len());
    assert!(!message.message_id.contains(['<', '>', '\r', '\n']), "{:?}", message.message_id);
    assert!(!message.subject.contains(['\r', '\n']), "{:?}", message.subject);
    assert!(!message.from.address.contains(['\r', '\n']), "{:?}", message.from);
    message.html();
    message.is_automatic();
    assert!(
        message.all_headers().all(|(name, value)| !name.contains('\n')
            && message.header(name).is_some()
            && value.len() <= 4 * data.len())
    );
    for said in report::read(&message) {
        assert!(said.recipient.contains('@') && !said.recipient.contains(['\r', '\n']), "{said:?}");
    }
}

/// An address written is the address read, and no address brings a line of its own.
pub fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for found in Address::parse_list(&text) {
        assert!(!found.to_string().contains(['\r', '\n']), "{found:?}");
    }
    for line in text.lines() {
        let Some(rcpt) = Rcpt::parse(line) else { continue };
        assert!(!rcpt.address.contains(|c: char| c.is_control()), "{rcpt:?}");
        assert_eq!(Rcpt::parse(&rcpt.address).as_ref(), Some(&rcpt), "read again");
        let (base, detail) = rcpt.plus();
        assert_eq!(base.len() + detail.map_or(0, |detail| detail.len() + 1), rcpt.local.len());
        rcpt.dash();
    }
}

/// Every address comes back from the sender address that carries it, and any other sender address is read.
pub fn verp(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines() {
        verp_decode(line);
        let Some(rcpt) = Rcpt::parse(line) else { continue };
        let carried = verp_encode("dev-bounces@hub.test", &rcpt.address);
        assert!(carried.is_ascii() && !carried.contains([' ', '<', '>']), "{carried}");
        let back = verp_decode(&carried);
        assert_eq!(back, Some(("dev-bounces@hub.test".to_owned(), rcpt.address.clone())), "{carried}");
    }
}
