//! One index over everything that the hub holds, and the links between its things.
//!
//! Begin with [`put`] (what subscribers do) and [`find`] (what the search box does). Every indexed thing is also read
//! for what it mentions (`#12`, `r123`, a commit id, a Message-ID), so that the mentioned thing shows the way back
//! ([`backlinks`]).
//!
//! The index is derived: replaying the subscribers that fill it rebuilds it. What somebody may not see is never found:
//! each document has one audience, and a query asks only for the audiences of its actor.

mod entity;
mod excerpt;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod index;
mod mention;
mod query;
mod words;

pub use excerpt::Piece;
pub use index::{Document, EXAMPLES, UNSHOWN, put, put_many, remove, show_to};
pub use mention::{Backlink, backlinks, backlinks_of_commit};
pub use query::{Found, MOST, Question, at_url, find, has_words, numbers, numbers_matching};
