//! What people ask of lists that cannot be done, as sentences for them.

use store::StoreError;

/// Why a door did not open.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("There is no list called {0}.")]
    NoSuchList(String),
    #[error("There is a list called {0} already. Choose another name.")]
    NameTaken(String),
    #[error(
        "A list cannot be called {0}: a name has letters a-z, digits and - _ . in between, and does not end like one of a list's own addresses (-join, -owner)."
    )]
    BadName(String),
    #[error("{0} is not an address of this hub: lists live at {1}.")]
    ForeignDomain(String, String),
    #[error("There is no style {0}. Styles are {1}.")]
    NoSuchStyle(String, String),
    #[error("{0} is not a mail address.")]
    BadAddress(String),
    #[error("{0} cannot be a setting of a list: {1}")]
    BadSetting(&'static str, &'static str),
    #[error("Only administrators may make lists.")]
    MayNotCreate,
    #[error("Only administrators of {0} may do this.")]
    MayNotAdminister(String),
    #[error("Only moderators of {0} may do this.")]
    MayNotModerate(String),
    #[error("{0} is not a member of this list.")]
    NoSuchMember(String),
    #[error("{0} cannot join this list. Write to its owners.")]
    Banned(String),
    #[error("This confirmation has been used, or it is too old. Join or leave the list anew: another mail comes.")]
    NoSuchSecret,
    #[error("Somebody has decided about this already.")]
    Decided,
    #[error("{0}")]
    Text(String),
    #[error("A mail could not be written: {0}")]
    Mail(String),
    #[error(transparent)]
    People(#[from] people::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<mail::ComposeError> for Refusal {
    fn from(error: mail::ComposeError) -> Self {
        match error {
            mail::ComposeError::Store(error) => Self::Store(error),
            other => Self::Mail(other.to_string()),
        }
    }
}

impl From<kernel::TemplateError> for Refusal {
    fn from(error: kernel::TemplateError) -> Self {
        Self::Mail(error.to_string())
    }
}

impl From<Refusal> for web::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::People(refusal) => refusal.into(),
            Refusal::NoSuchList(_) | Refusal::NoSuchMember(_) => Self::NotFound(refusal.to_string()),
            Refusal::NoSuchSecret => Self::DeadLink(refusal.to_string()),
            Refusal::MayNotCreate | Refusal::MayNotAdminister(_) | Refusal::MayNotModerate(_) => {
                Self::Forbidden(refusal.to_string())
            }
            Refusal::Mail(cause) => Self::Internal(cause),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

impl From<Refusal> for mail::Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.to_string())
    }
}
