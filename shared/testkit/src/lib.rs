//! A whole hub in a test: `TestHub::with([|hub| tracker::module(hub, Default::default())])`.
//!
//! Begin with [`TestHub`]. Its clock moves by hand; [`TestHub::settle`] runs journal, jobs and mail until nothing moves,
//! and fails the test when an entry is parked, a job failed or a mail was not understood. The same tests run on
//! PostgreSQL when `GUILDHALL_TEST_DATABASE` names a server (`postgres://user:password@host/postgres`).

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod browser;
pub mod database;
mod hub;
mod irc;
mod log;
mod mails;
mod plans;

pub use browser::{Browser, Reply, UploadFile};
pub use hub::TestHub;
pub use irc::{IrcLink, IrcPeer, SelfSigned};
pub use log::Log;
pub use mails::{Letter, Outbox, Sent};
pub use plans::{Scales, Weight};

/// The fields of a form: `form! { title: "crash", "@action": "new" }`.
#[macro_export]
macro_rules! form {
    (@name $name:ident) => { stringify!($name).to_string() };
    (@name $name:literal) => { $name.to_string() };
    ($($name:tt : $value:expr),* $(,)?) => {
        { let fields: Vec<(String, String)> = vec![$( ($crate::form!(@name $name), $value.to_string()) ),*]; fields }
    };
}

/// A mail that comes in: `mail! { from: "ann@x.org", to: "issues+1@hub.test", subject: "Re: crash", body: "…" }`.
#[macro_export]
macro_rules! mail {
    ($($field:ident : $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut letter = $crate::Letter::default();
        $( letter.$field = $value.into(); )*
        letter
    }};
}
