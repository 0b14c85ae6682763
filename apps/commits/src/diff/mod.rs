//! Diffs: read from what git, hg and svnlook write, and prepared for a page. Pure.

mod parse;
mod show;
mod words;

pub use parse::{File, Hunk, Kind, Line, parse};
pub use show::{Shown, show, show_cut};
