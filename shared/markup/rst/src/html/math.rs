//! Formulas, set by the caller (doctree reference, "math", "math_block"; Sphinx's labels of equations).

use super::{Then, Writer, escape_into};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    /// A formula by itself, with the number of its label.
    pub(super) fn math_block(&mut self, node: NodeId) -> Then {
        let latex = self.doc.text_of(node);
        self.open("div", node, &["math"]);
        match self.options.hooks.math(&latex, true) {
            Some(math) => self.out.push_str(&math),
            None => {
                self.out.push_str("<pre>");
                escape_into(&mut self.out, &latex);
                self.out.push_str("</pre>");
            }
        }
        if let Some((id, number)) =
            self.doc.get(node, "label").map(str::to_owned).and_then(|label| self.equation(&label))
        {
            self.out.push_str("<a class=\"eqno\"");
            self.local_href(&id);
            self.out.push_str(&format!(">({number})</a>"));
        }
        self.out.push_str("</div>\n");
        Then::Done
    }

    /// A formula in running text.
    pub(super) fn math(&mut self, node: NodeId) -> Then {
        let latex = self.doc.text_of(node);
        match self.options.hooks.math(&latex, false) {
            Some(math) => {
                self.open("span", node, &["math"]);
                self.out.push_str(&math);
                self.out.push_str("</span>");
            }
            None => {
                self.open("code", node, &["math"]);
                escape_into(&mut self.out, &latex);
                self.out.push_str("</code>");
            }
        }
        Then::Done
    }

    /// The identifier and the number of a labelled formula.
    pub(super) fn equation(&mut self, label: &str) -> Option<(String, usize)> {
        let doc = self.doc;
        let equations = self.equations.get_or_insert_with(|| {
            let labelled =
                doc.all(Kind::MathBlock).into_iter().filter_map(|n| Some((doc.get(n, "label")?, doc.ids(n).first()?)));
            labelled.zip(1..).map(|((label, id), number)| (label.to_owned(), (id.clone(), number))).collect()
        });
        equations.get(label).cloned()
    }
}
