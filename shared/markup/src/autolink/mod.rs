//! What a text refers to: issues, revisions, commits, mails, addresses, found in one pass over its bytes.
//!
//! [`find`] serves two ends: the HTML of messages gets links, and the modules keep `key` as the way back from the
//! thing that is mentioned ("mentioned in r12 and in a mail of Ann").

mod scan;
mod write;

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use scan::find;
pub use write::write_urls;
pub(crate) use write::{without_addresses, write_linked};

/// What is referred to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `#12`, `issue12`, `issue 12`; with a tracker `tracker#12`.
    Issue { tracker: Option<String>, id: u64 },
    /// `r1234`, a revision of Subversion or a local one of Mercurial.
    Revision(u64),
    /// A commit id, whole or its beginning, in lower case.
    Commit(String),
    /// A Message-ID without its brackets.
    Message(String),
    /// A web address, or one of another harmless scheme.
    Url,
    /// A mail address.
    Address,
}

/// One reference in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Where it stands, in bytes; a Message-ID includes its brackets.
    pub range: Range<usize>,
    pub kind: Kind,
    /// The canonical form by which the way back is kept: `issue:12`, `issue:TRACKER/12`, `commit:SHA`, `revision:123`,
    /// `message:ID`, `address:MAIL`, or the URL itself.
    pub key: String,
}

impl Reference {
    fn new(range: Range<usize>, kind: Kind, text: &str) -> Reference {
        let key = match &kind {
            Kind::Issue { tracker: Some(tracker), id } => format!("issue:{tracker}/{id}"),
            Kind::Issue { tracker: None, id } => format!("issue:{id}"),
            Kind::Revision(number) => format!("revision:{number}"),
            Kind::Commit(sha) => format!("commit:{sha}"),
            Kind::Message(id) => format!("message:{id}"),
            Kind::Url if text.starts_with("www.") => format!("http://{text}"),
            Kind::Url => text.to_owned(),
            Kind::Address => format!("address:{text}"),
        };
        Reference { range, kind, key }
    }
}

/// Characters that a path segment may hold as they are (RFC 3986 section 3.3), without those that confuse routers.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b'+')
    .remove(b'=')
    .remove(b'$');

/// Where the thing is shown: `/issues/12`, `/issues/TRACKER/12`, `/c/SHA`, `/c/r123`, `/lists/-/ID`, the URL, `mailto:`.
pub fn url_of(reference: &Reference) -> String {
    match &reference.kind {
        Kind::Issue { tracker: Some(tracker), id } => format!("/issues/{}/{id}", utf8_percent_encode(tracker, SEGMENT)),
        Kind::Issue { tracker: None, id } => format!("/issues/{id}"),
        Kind::Revision(number) => format!("/c/r{number}"),
        Kind::Commit(sha) => format!("/c/{sha}"),
        Kind::Message(id) => format!("/lists/-/{}", utf8_percent_encode(id, SEGMENT)),
        Kind::Url => reference.key.clone(),
        Kind::Address => format!("mailto:{}", reference.key.trim_start_matches("address:")),
    }
}

#[cfg(test)]
mod tests;
