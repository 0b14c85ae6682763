//! MyST on top of Markdown: directives in fences, roles, labels, and references to them.
//!
//! What a directive or a role means is known by the reST parser alone: this writes it down in reST, lets it be read,
//! and takes the nodes over. The prose inside is Markdown again.

mod colon;
mod directive;
mod fence;
mod figure;
mod graft;
mod label;
mod list_table;
mod nested;
mod role;
mod table;

pub(super) use colon::fences;
