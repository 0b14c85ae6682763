//! What must hold whatever a server sends: a target of `ops/fuzz`.

use crate::Network;
use crate::line;
use crate::session::{Effect, Session};
use crate::split::{shorten, split};

/// A connection over which these lines come: what the bot sends back is always one line, within its length.
pub fn lines(data: &[u8]) {
    let network = Network { nick: "hub".into(), channels: vec!["#dev".into()], ..Network::default() };
    let mut session = Session::new(network, Some("secret".into()));
    session.greeting();
    for bytes in data.split(|byte| *byte == b'\n') {
        let text = line::decode(bytes);
        for effect in session.hear(line::parse(&text)) {
            match effect {
                Effect::Send(said) => assert!(!said.contains(['\r', '\n', '\0']), "{said:?}"),
                Effect::Keep { text, .. } => assert!(!text.contains(['\r', '\n']), "{text:?}"),
                _ => {}
            }
        }
        for piece in split(&text, 60) {
            assert!(piece.len() <= 60 && !piece.contains(char::is_control), "{piece:?}");
        }
        assert!(shorten(&text, 60).len() <= 60, "{text:?}");
    }
}
