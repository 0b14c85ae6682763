//! What the HTML writer asks this crate: links in running text, colours, formulas.

use crate::{Viewer, autolink, highlight, math};

/// Answers for pages and messages alike; a site may wrap them in its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hooks {
    /// Who will read it.
    pub viewer: Viewer,
}

impl rst::html::Hooks for Hooks {
    fn code(&self, code: &str, language: &str) -> Option<String> {
        highlight(code, language)
    }

    fn math(&self, latex: &str, block: bool) -> Option<String> {
        math::mathml(latex, block).ok()
    }

    fn text(&self, text: &str, out: &mut String) {
        autolink::write_linked(out, text, &self.viewer, "\n");
    }
}
