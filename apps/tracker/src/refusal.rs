//! What the tracker refuses, as sentences for people.

use store::StoreError;

/// Why a door of the tracker did not open.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("There is no tracker called {0}.")]
    NoTracker(String),
    #[error("There is no issue {0}.")]
    NoIssue(i64),
    #[error("There is no template {0}: the templates are classic and devel.")]
    NoTemplate(String),
    #[error("There is a tracker called {0} already.")]
    NameTaken(String),
    #[error(
        "A tracker cannot be called {0}: a name has a letter first, then letters a-z, digits, and - or _ in between."
    )]
    BadName(String),
    #[error("{who} may not {what}.")]
    NotAllowed { who: String, what: String },
    #[error("An issue needs a title.")]
    NoTitle,
    #[error("The title is longer than 500 characters.")]
    LongTitle,
    #[error("The message is longer than 1 MB.")]
    LongMessage,
    #[error("The property {0} must have a value.")]
    Required(String),
    #[error("Somebody changed {0} while you did. What you wrote is kept: look at the new value and send again.")]
    Collision(String),
    #[error("There is no property {0}.")]
    NoProperty(String),
    #[error("{property}: {value} {why}.")]
    BadValue { property: String, value: String, why: String },
    #[error("There is a {0} called {1} already.")]
    ItemTaken(String, String),
    #[error("There is no such query, or it is not yours.")]
    NoQuery,
    #[error("{0}")]
    Other(String),
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

impl Refusal {
    /// Whether the database failed, so that trying again may help.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Store(_) | Self::People(people::Refusal::Store(_)))
    }
}

impl From<Refusal> for web::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::People(error) => error.into(),
            Refusal::NoTracker(_) | Refusal::NoIssue(_) | Refusal::NoQuery => Self::NotFound(refusal.to_string()),
            Refusal::NotAllowed { .. } => Self::Forbidden(refusal.to_string()),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}
