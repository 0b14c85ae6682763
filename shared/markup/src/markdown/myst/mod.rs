//! MyST on top of Markdown: labels, and references to them.

mod label;
