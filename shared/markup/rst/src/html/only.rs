//! Text for some builders only (Sphinx documentation, directive `only`).

use super::{Then, Writer};
use crate::doctree::NodeId;

impl Writer<'_> {
    pub(super) fn only(&mut self, node: NodeId) -> Then {
        let expression = self.doc.get(node, "expr").unwrap_or_default();
        if holds(expression, self.options.tags) { Then::nothing() } else { Then::Done }
    }
}

/// Whether an expression of tags holds: names, `and`, `or`, `not`, parentheses. A broken one does not.
///
/// ```
/// use guildhall_rst::html::holds;
/// assert!(holds("html and not draft", &["html"]));
/// assert!(!holds("html and", &["html"]));
/// ```
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
