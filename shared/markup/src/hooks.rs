//! What the HTML writer asks this crate: links in running text, colours, formulas.

use crate::{Viewer, autolink, highlight, math};

/// Answers for pages and messages alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hooks {
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
