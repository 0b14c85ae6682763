//! What accounts do that cannot be done, as sentences for people.

use store::StoreError;

/// Why a door of accounts stayed shut.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("The name or the password is not right.")]
    WrongPassword,
    #[error("This is not your password.")]
    WrongCurrent,
    #[error("Your account waits for an administrator to let you in. You get a mail when that is done.")]
    Waiting,
    #[error("Too many wrong passwords. Wait {0} seconds and try again.")]
    Wait(u64),
    #[error("{0}")]
    WeakPassword(String),
    #[error("The hub checks too many passwords at this moment. Try again in a few seconds.")]
    Busy,
    #[error("This link has been used, or it is too old. {0}")]
    DeadTicket(&'static str),
    #[error("This link has been used: {0}")]
    UsedTicket(String),
    #[error("This hub takes no sign-ups. Ask an administrator of the project for an account.")]
    Closed,
    #[error("This hub takes only people who were invited. Ask somebody of the project for an invitation.")]
    InviteOnly,
    #[error("There is no time zone {0}.")]
    NoTimeZone(String),
    #[error("The text is longer than {0} bytes.")]
    LongAbout(usize),
    #[error("{0}")]
    Bad(String),
    #[error(transparent)]
    People(people::Refusal),
    #[error("The mail could not be written: {0}")]
    Mail(String),
    #[error(transparent)]
    Store(StoreError),
}

impl From<people::Refusal> for Refusal {
    fn from(refusal: people::Refusal) -> Self {
        match refusal {
            people::Refusal::Store(error) => Self::Store(error),
            refusal => Self::People(refusal),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refusal> for web::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::People(refusal) => refusal.into(),
            Refusal::Wait(seconds) => Self::TooMany { limit: "wrong passwords of one name or source", seconds },
            Refusal::Busy => Self::Busy(refusal.to_string()),
            Refusal::DeadTicket(_) | Refusal::UsedTicket(_) => Self::DeadLink(refusal.to_string()),
            Refusal::Mail(_) => Self::Internal(refusal.to_string()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
