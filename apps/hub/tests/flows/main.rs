//! The flows: what a person does, through all modules of the running binary, with the real programs at the other end.
//!
//! `ops/test` installs those programs (git, svn, hg, ngircd, smtp-sink, chromium).

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[allow(dead_code, unused_imports, reason = "shared with the crash tests and the bench, which use more of it")]
mod harness;
mod hostile;

mod archive;
mod backup;
mod bad_input;
mod behind;
mod clock;
mod demo;
mod doctor;
mod first_minutes;
mod form_to_nosy;
mod irc_line;
mod keyboard;
mod live;
mod lost_database;
mod mail_to_list;
mod metrics;
mod pages;
mod promises;
mod push;
mod stop;
mod two_hubs;
