//! Sphinx's descriptions of functions, classes, options; glossary, grammar and conditional text.

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

impl Writer<'_> {
    pub(super) fn object(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Desc => {
                let domain = self.doc.get(node, "domain").unwrap_or("std").to_owned();
                let kind = self.doc.get(node, "objtype").unwrap_or_default().to_owned();
                self.open_strict("dl", node, &[&domain, &kind]);
                self.out.push('\n');
                close("</dl>\n")
            }
            Kind::DescSignature => self.signature(node),
            Kind::DescSignatureLine => {
                self.open("span", node, &["sig-line"]);
                close("</span><br>")
            }
            Kind::DescName => self.part(node, "sig-name"),
            Kind::DescAddname => self.part(node, "sig-prename"),
            Kind::DescType => self.part(node, "sig-type"),
            Kind::DescAnnotation => self.part(node, "property"),
            Kind::DescReturns => {
                self.out.push_str(" → ");
                self.part(node, "sig-return")
            }
            Kind::DescParameterlist => {
                self.out.push_str("<span class=\"sig-paren\">(</span>");
                close("<span class=\"sig-paren\">)</span>")
            }
            Kind::DescParameter => {
                self.comma(node);
                self.open("em", node, &["sig-param"]);
                close("</em>")
            }
            Kind::DescOptional => {
                self.out.push_str("<span class=\"optional\">[</span>");
                self.comma(node);
                close("<span class=\"optional\">]</span>")
            }
            Kind::DescContent => {
                self.open("dd", node, &[]);
                self.out.push('\n');
                close("</dd>\n")
            }
            Kind::Glossary => {
                self.open("div", node, &["glossary"]);
                self.out.push('\n');
                close("</div>\n")
            }
            Kind::Productionlist => {
                // `leave` takes it back.
                self.unlinkable += 1;
                self.begin("pre", node, &["productionlist"]);
                self.out.push_str(" tabindex=\"0\">\n");
                close("</pre>\n")
            }
            Kind::Production => self.production(node),
            Kind::Only => self.only(node),
            _ => {
                for id in self.doc.ids(node) {
                    self.anchor(id);
                }
                Then::Done
            }
        }
    }

    fn part(&mut self, node: NodeId, class: &str) -> Then {
        self.open("span", node, &[class]);
        close("</span>")
    }

    fn comma(&mut self, node: NodeId) {
        let optional = self.parent_kind(node) == Some(Kind::DescOptional);
        let before = self.doc.prev_sibling(node).is_some();
        let optional_after = self.doc.kind(node) == Kind::DescOptional && before;
        if (before && self.doc.kind(node) == Kind::DescParameter) || optional_after || (optional && before) {
            self.out.push_str(", ");
        }
    }

    fn signature(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        self.open("dt", node, &["sig"]);
        let Some(id) = self.doc.ids(node).first().cloned() else { return close("</dt>\n") };
        if !self.options.heading_links {
            return close("</dt>\n");
        }
        let mut after = String::from("<a class=\"headerlink\"");
        std::mem::swap(&mut after, &mut self.out);
        self.local_href(&id);
        self.out.push_str(" aria-hidden=\"true\" tabindex=\"-1\">¶</a></dt>\n");
        std::mem::swap(&mut after, &mut self.out);
        Then::Close(after.into())
    }

    fn production(&mut self, node: NodeId) -> Then {
        let name = self.doc.get(node, "tokenname").unwrap_or_default().to_owned();
        match self.doc.ids(node).first().cloned() {
            Some(_) => self.open("strong", node, &[]),
            None => self.out.push_str("<strong>"),
        }
        super::escape_into(&mut self.out, &name);
        self.out.push_str("</strong>");
        self.out.push_str(if name.is_empty() { "      " } else { " ::= " });
        close("\n")
    }

    fn only(&mut self, node: NodeId) -> Then {
        let expression = self.doc.get(node, "expr").unwrap_or_default();
        if holds(expression, self.options.tags) { Then::nothing() } else { Then::Done }
    }
}

/// Whether an expression of tags holds: names, `and`, `or`, `not`, parentheses. A broken one does not.
pub fn holds(expression: &str, tags: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().take(200).collect();
    let mut at = 0;
    let value = either(&words, &mut at, tags, 0);
    at == words.len() && value.unwrap_or(false)
}

fn either(words: &[&str], at: &mut usize, tags: &[&str], depth: u32) -> Option<bool> {
    let mut value = both(words, at, tags, depth)?;
    while words.get(*at) == Some(&"or") {
        *at += 1;
        value |= both(words, at, tags, depth)?;
    }
    Some(value)
}

fn both(words: &[&str], at: &mut usize, tags: &[&str], depth: u32) -> Option<bool> {
    let mut value = one(words, at, tags, depth)?;
    while words.get(*at) == Some(&"and") {
        *at += 1;
        value &= one(words, at, tags, depth)?;
    }
    Some(value)
}

fn one(words: &[&str], at: &mut usize, tags: &[&str], depth: u32) -> Option<bool> {
    let word = *words.get(*at).filter(|_| depth < 32)?;
    *at += 1;
    match word {
        "not" => one(words, at, tags, depth + 1).map(|v| !v),
        "(" => {
            let value = either(words, at, tags, depth + 1)?;
            (words.get(*at) == Some(&")")).then(|| *at += 1)?;
            Some(value)
        }
        ")" | "and" | "or" => None,
        name => Some(tags.contains(&name)),
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn tags_are_weighed() {
        for (expression, want) in [
            ("html", true),
            ("latex", false),
            ("not latex", true),
            ("latex or html and not draft", true),
            ("(latex or html) and draft", false),
            ("html and", false),
            ("", false),
            ("((html)", false),
        ] {
            assert_eq!(holds(expression, &["html"]), want, "{expression}");
        }
    }
}
