//! What can go wrong on the web, each as one clear sentence where the person is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kernel::{TemplateError, Told};
use store::StoreError;

/// The result of a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a handler did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the visitor may not know of it.
    #[error("{0}")]
    NotFound(String),
    /// A link of a mail that was used up, is too old or never was.
    #[error("{0}")]
    DeadLink(String),
    /// The visitor is known and may not.
    #[error("{0}")]
    Forbidden(String),
    /// Only somebody who has signed in may.
    #[error("Sign in first: this is for people with an account.")]
    SignIn,
    /// The request makes no sense; sending it again does not help.
    #[error("{0}")]
    Refused(String),
    /// The form did not come from a page of ours, or that page was opened in another session.
    #[error("This form is too old or comes from another place.")]
    StaleForm,
    #[error("{0}")]
    TooLarge(String),
    /// One client asks too often for what `limit` names.
    #[error("Too many requests from you. Wait {seconds} seconds and try again.")]
    TooMany { limit: &'static str, seconds: u64 },
    /// More is asked of the hub than it can do at this moment.
    #[error("{0}")]
    Busy(String),
    /// There is no room left to write.
    #[error("The disk of the hub is full, so nothing was saved.")]
    Full,
    /// Something of ours failed; the cause is logged and not shown.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// "There is no {what}."
    pub fn no(what: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("There is no {what}."))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) | Self::DeadLink(_) => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::StaleForm => StatusCode::FORBIDDEN,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The limit that was met, as the log names it.
    fn limit(&self) -> Option<&str> {
        match self {
            Self::TooLarge(text) | Self::Busy(text) if text != AWAY && text != CROSSED => Some(text),
            Self::TooMany { limit, .. } => Some(limit),
            _ => None,
        }
    }

    fn headline(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "Not found",
            Self::DeadLink(_) => "This link no longer works",
            Self::Forbidden(_) => "Not allowed",
            Self::SignIn => "Sign in",
            Self::Refused(_) => "That did not work",
            Self::StaleForm => "Send the form again",
            Self::TooLarge(_) => "Too large",
            Self::TooMany { .. } => "Too fast",
            Self::Busy(_) => "Back in a moment",
            Self::Full => "No room left",
            Self::Internal(_) => "Something broke here",
        }
    }

    fn mend(&self) -> &'static str {
        match self {
            Self::NotFound(_) => ELSEWHERE,
            Self::Forbidden(_) => "Ask an administrator of the project if you should be allowed to.",
            Self::SignIn | Self::DeadLink(_) => "",
            Self::Refused(_) => "Nothing was changed.",
            Self::StaleForm => "Nothing was changed. Open the page of the form anew and send it from there.",
            Self::TooLarge(_) => "Nothing was changed. Make it smaller and try again.",
            Self::TooMany { .. } => "Nothing was changed.",
            Self::Busy(_) => "Try again in a moment; nothing that was saved before is lost.",
            Self::Full => "Try again later: an administrator of the hub has to make room first.",
            Self::Internal(_) => "It is in the log. Nothing was changed; trying again in a moment may help.",
        }
    }
}

impl Error {
    /// What a refused form says that comes back filled; nothing where sending it again makes no sense.
    fn again(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(_) | Self::DeadLink(_) | Self::Forbidden(_) => None,
            Self::SignIn => Some("What you typed is kept. Log in, then send it from here."),
            Self::StaleForm => Some("Nothing was changed, and what you typed is kept: look at it, and send it again."),
            Self::TooLarge(_) => {
                Some("Nothing was changed, and what you typed is kept: make it smaller and send it again.")
            }
            Self::Refused(_) => Some("Nothing was changed, and what you typed is kept: mend it and send it again."),
            Self::TooMany { .. } | Self::Busy(_) => Some("What you typed is kept: send it again in a moment."),
            Self::Full => Some(
                "What you typed is kept on this page only: keep a copy, and send it again later, when an administrator \
                 of the hub has made room.",
            ),
            Self::Internal(_) => {
                Some("It is in the log. What you typed is kept: sending it again in a moment may help.")
            }
        }
    }
}

/// What helps where there is no page.
pub(crate) const ELSEWHERE: &str = "Search for it, or start at the front page.";
/// The answer while the database cannot be reached.
const AWAY: &str = "The hub cannot reach its database at this moment.";
/// The answer to one of two changes that waited for each other.
const CROSSED: &str = "Two changes were in each other's way.";

/// What the page of an error says; [`crate::layers::around`] makes the page.
#[derive(Clone, Debug)]
pub struct Notice {
    pub status: StatusCode,
    pub headline: &'static str,
    pub text: String,
    pub mend: &'static str,
    /// Whether a browser is better sent to the sign-in page.
    pub sign_in: bool,
    /// What is said instead of `mend` above a form that comes back filled.
    pub again: Option<&'static str>,
}

/// Says that a limit was met, each of them once in a while.
fn tell(status: StatusCode, limit: &str) {
    static TOLD: Mutex<BTreeMap<String, Told>> = Mutex::new(BTreeMap::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.entry(limit.to_owned()).or_default().is_due() {
        tracing::warn!(status = status.as_u16(), limit, "a request was refused: it met a limit");
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(limit) = self.limit() {
            tell(self.status(), limit);
        }
        let notice = Notice {
            status: self.status(),
            headline: self.headline(),
            text: match &self {
                Self::Internal(cause) => {
                    tracing::error!(%cause, "a request failed");
                    "The hub could not answer this request.".to_owned()
                }
                other => other.to_string(),
            },
            mend: self.mend(),
            sign_in: matches!(self, Self::SignIn),
            again: self.again(),
        };
        let mut response = (notice.status, format!("{}\n{}\n", notice.text, notice.mend)).into_response();
        let wait = match self {
            Self::TooMany { seconds, .. } => Some(seconds),
            Self::Busy(_) => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(notice);
        response
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_outage() {
            tracing::warn!(%error, "the database does not answer");
            return Self::Busy(AWAY.into());
        }
        if error.is_deadlock() {
            tracing::warn!(%error, "two changes waited for each other");
            return Self::Busy(CROSSED.into());
        }
        if error.is_full() {
            tracing::error!(%error, "the disk is full");
            return Self::Full;
        }
        Self::Internal(error.to_string())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<people::Refusal> for Error {
    fn from(refusal: people::Refusal) -> Self {
        use people::Refusal::{NoSuchGroup, NoSuchPerson, Store};
        match refusal {
            Store(error) => error.into(),
            NoSuchPerson(_) | NoSuchGroup(_) => Self::NotFound(refusal.to_string()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
