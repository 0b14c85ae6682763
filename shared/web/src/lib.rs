//! The web edge that all apps share: pages, sessions, forms, errors, feeds.
//!
//! Begin with [`Page`]: a handler takes one, opens a door, and answers with [`Page::render`] or [`see_other`]. Forms are
//! read by [`CsrfForm`] or [`Submission`], which refuse a form whose token is not the visitor's; [`Pairs`] reads what
//! programs send. A handler's failure is
//! an [`Error`], shown as a page by [`layers::around`], with what was typed.
//!
//! Invariants: no page carries inline script or style (the Content-Security-Policy forbids both); every state change
//! is a POST with a CSRF token, or carries a bearer token instead of a cookie.

mod again;
mod allowance;
pub mod assets;
pub mod client;
pub mod cookie;
mod csrf;
mod doled;
mod entity;
mod error;
pub mod feed;
mod form;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod kept;
pub mod layers;
pub mod limit;
pub mod live;
mod page;
mod paging;
mod refill;
pub mod session;
mod shell;
mod upload;

pub use allowance::Allowance;
pub use error::{Error, Notice, Result};
pub use form::{CsrfForm, Fields, Pairs};
pub use page::{Administrator, CurrentUser, Page, Seat};
pub use paging::PageNumber;
pub use shell::{MenuEntry, Place, Shell};
pub use upload::{Submission, UploadedFile};

pub use cookie::see_other_saying;
pub use csrf::token as csrf_token;

use axum::response::{IntoResponse, Redirect, Response};

/// Answers a POST: the browser goes to `url` with a GET.
pub fn see_other(url: impl AsRef<str>) -> Response {
    Redirect::to(url.as_ref()).into_response()
}

/// A part of a path, percent-encoded (RFC 3986 section 2.3).
pub fn urlpart(text: &str) -> String {
    const KEEP: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEEP).to_string()
}
