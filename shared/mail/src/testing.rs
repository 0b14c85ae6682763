//! A hub for the tests of this crate, and a mailbox that remembers.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::DateTime;
use kernel::{Clock, Hub, Settings, Templates, Theme};
use store::{StoreError, Tx};

use crate::inbound::{Envelope, Mailboxes};
use crate::{Accepts, Failure, Fate, Inbound, Mailbox, Rcpt};

/// A hub on a database of its own, which goes with it.
pub(crate) struct TestHub {
    pub hub: Hub,
    _data: tempfile::TempDir,
}

impl std::ops::Deref for TestHub {
    type Target = Hub;
    fn deref(&self) -> &Hub {
        &self.hub
    }
}

/// A hub at `hub.test` whose clock stands.
pub(crate) async fn hub() -> TestHub {
    let data = tempfile::tempdir().unwrap();
    let clock = Clock::by_hand(DateTime::from_timestamp(1_795_000_000, 0).unwrap());
    let store = testkit::database::open(data.path(), clock).await;
    let settings = Settings {
        name: "Test".into(),
        tagline: String::new(),
        url: "https://hub.test".into(),
        mail_domain: "hub.test".into(),
        timezone: "UTC".into(),
        data: data.path().to_owned(),
        secret: vec![7; 32],
        node: "test".into(),
    };
    let templates = Templates::load(Theme::load(None).unwrap(), store.clock().clone()).unwrap();
    TestHub { hub: Hub::new(store, settings, templates), _data: data }
}

/// Answers `@hub.test` by the local part: `refuse` and `later` say so, `fail` fails, `broken` has no database at RCPT,
/// `closed` is refused at RCPT, anything that starts with `nobody` is unknown, the rest is taken.
#[derive(Clone, Default)]
pub(crate) struct Memory(pub Arc<Mutex<Vec<(String, Inbound)>>>);

impl Memory {
    pub fn boxes(&self) -> Mailboxes {
        Mailboxes::new([std::sync::Arc::new(self.clone()) as std::sync::Arc<dyn Mailbox>])
    }

    /// The recipients that got something, in order.
    pub fn rcpts(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(rcpt, _)| rcpt.clone()).collect()
    }

    pub fn mails(&self) -> Vec<Inbound> {
        self.0.lock().unwrap().iter().map(|(_, mail)| mail.clone()).collect()
    }
}

#[async_trait]
impl Mailbox for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn accepts(&self, _: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        Ok(match rcpt.local.to_lowercase().as_str() {
            _ if rcpt.domain != "hub.test" => Accepts::NotMine,
            "broken" => return Err(StoreError::Damaged("a table".into())),
            "closed" => Accepts::Refused("The list is closed.".into()),
            "postmaster" => Accepts::NotMine,
            local if local.starts_with("nobody") => Accepts::NotMine,
            _ => Accepts::Mine,
        })
    }

    async fn deliver(&self, _: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure> {
        match rcpt.local.as_str() {
            "refuse" => return Ok(Fate::Refused("Members only.".into())),
            "later" => return Ok(Fate::Later("Come back.".into())),
            "fail" => return Err(Failure("It broke.".into())),
            "panic" => panic!("a mailbox panics"),
            _ => {}
        }
        self.0.lock().unwrap().push((rcpt.address.clone(), mail.clone()));
        Ok(Fate::Accepted)
    }
}

pub(crate) fn envelope(from: &str, rcpts: &[&str]) -> Envelope {
    let rcpts = rcpts.iter().map(|rcpt| Rcpt::parse(rcpt).unwrap()).collect();
    Envelope { from: from.into(), rcpts, via: "test".into() }
}
