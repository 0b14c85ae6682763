//! Which mailbox answers an address.

use std::sync::Arc;

use kernel::Hub;
use store::{StoreError, Tx};

use crate::{Accepts, Failure, Mailbox, Rcpt};

/// All mailboxes of the hub, in the order in which they are asked. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mailboxes(Arc<[Arc<dyn Mailbox>]>);

/// Where a recipient leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the mailbox of this name.
    Mailbox(&'static str),
    /// To the administrator, who reads what nobody else takes (RFC 5321 section 4.5.1).
    Postmaster,
    /// Nowhere, for the reason given.
    Refused(String),
    /// Nowhere: nobody knows the address.
    Unknown,
}

impl Mailboxes {
    /// These mailboxes, asked in this order.
    pub fn new(mailboxes: impl IntoIterator<Item = Arc<dyn Mailbox>>) -> Self {
        Self(mailboxes.into_iter().collect())
    }

    /// Asks each mailbox for the address until one answers. `postmaster` always leads somewhere.
    pub async fn route(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Route, StoreError> {
        let postmaster = rcpt.local.eq_ignore_ascii_case("postmaster");
        for mailbox in self.0.iter() {
            match mailbox.accepts(hub, rcpt).await? {
                Accepts::Mine => return Ok(Route::Mailbox(mailbox.name())),
                Accepts::Refused(why) if !postmaster => return Ok(Route::Refused(why)),
                Accepts::Refused(_) | Accepts::NotMine => {}
            }
        }
        Ok(if postmaster { Route::Postmaster } else { Route::Unknown })
    }

    /// Lets each mailbox hold what mails for these recipients change.
    pub(crate) async fn hold(&self, tx: &Tx, rcpts: &[Rcpt]) -> Result<(), Failure> {
        for mailbox in self.0.iter() {
            mailbox.hold(tx, rcpts).await?;
        }
        Ok(())
    }

    pub(crate) fn named(&self, name: &str) -> Option<&dyn Mailbox> {
        self.0.iter().find(|mailbox| mailbox.name() == name).map(AsRef::as_ref)
    }
}
