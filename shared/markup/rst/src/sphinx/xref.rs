//! Cross-references: nodes with domain, role and target, which a site resolves (Sphinx documentation,
//! "Cross-referencing syntax").

use super::role::split_explicit;
use crate::doctree::names::normalize;
use crate::doctree::{Kind, NodeId};
use crate::parser::Parser;
use crate::role::Use;

impl<'a> Parser<'a> {
    pub(super) fn xref(&mut self, domain: &'static str, name: &'static str, using: &Use<'_>) -> NodeId {
        let code = domain != "std" || matches!(name, "option" | "envvar" | "keyword" | "token" | "confval");
        let kind = if code { Kind::Literal } else { Kind::Inline };
        let classes = ["xref", domain, &format!("{domain}-{name}")].map(str::to_owned).to_vec();
        let inner = self.doc.create(kind);
        self.doc.set(inner, "classes", classes);
        if let Some(text) = using.text.strip_prefix('!') {
            self.add_unescaped(inner, text);
            return inner;
        }
        let (words, mut target) = split_explicit(using.text);
        let mut shown = words.clone().unwrap_or_else(|| target.clone());
        if domain != "std" {
            (shown, target) = object_names(domain, words.is_some(), shown, target);
        }
        let function = matches!(name, "func" | "meth" | "classmethod" | "staticmethod")
            && matches!(domain, "py" | "js" | "c" | "cpp");
        if function && words.is_none() && !shown.ends_with("()") {
            shown.push_str("()");
        }
        if function {
            target = target.strip_suffix("()").unwrap_or(&target).to_owned();
        }
        match name {
            "term" | "ref" | "numref" | "keyword" => target = normalize(&target),
            _ => {}
        }
        let node = self.doc.create(Kind::PendingXref);
        self.doc.set(node, "refdomain", domain);
        self.doc.set(node, "reftype", name);
        self.doc.set(node, "reftarget", target);
        self.doc.set(node, "refexplicit", i64::from(words.is_some()));
        self.note_surroundings(node, domain, name);
        self.doc.add_text(inner, &shown);
        self.doc.append(node, inner);
        node
    }

    /// Notes the module, class and program around, which complete a short target.
    pub(super) fn note_surroundings(&mut self, node: NodeId, domain: &str, name: &str) {
        if domain == "py" {
            if let Some(module) = self.sphinx.module.clone() {
                self.doc.set(node, "py:module", module);
            }
            if let Some(class) = self.sphinx.classes.last().cloned() {
                self.doc.set(node, "py:class", class);
            }
        }
        if name == "option"
            && let Some(program) = self.sphinx.program.clone()
        {
            self.doc.set(node, "std:program", program);
        }
    }
}

/// What is shown and what is looked for: `~a.b` shows `b`, a leading dot is only for the search.
fn object_names(domain: &str, explicit: bool, shown: String, target: String) -> (String, String) {
    if explicit {
        return (shown, target.trim_start_matches('~').to_owned());
    }
    let joint = if domain == "cpp" { "::" } else { "." };
    match target.strip_prefix('~') {
        Some(rest) => {
            let last = rest.trim_start_matches('.').rsplit(joint).next().unwrap_or(rest);
            (last.to_owned(), rest.to_owned())
        }
        None => (shown.trim_start_matches('.').to_owned(), target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_before_targets() {
        let names = |text: &str| object_names("py", false, text.to_owned(), text.to_owned());
        assert_eq!(names("~os.path.join"), ("join".into(), "os.path.join".into()));
        assert_eq!(names(".join"), ("join".into(), ".join".into()));
        assert_eq!(names("os.walk"), ("os.walk".into(), "os.walk".into()));
    }
}
