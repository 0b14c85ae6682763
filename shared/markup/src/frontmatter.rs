//! The head of a page: `---` with YAML's plain subset (`key: value`, lists), or `+++` with TOML's (`key = value`).

use std::collections::BTreeMap;

/// What a page says about itself; every value is a list, most have one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta(BTreeMap<String, Vec<String>>);

impl Meta {
    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|v| v.first()).map(String::as_str)
    }

    /// All values of a key (`tags: [a, b]`).
    pub fn list(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// True when the value of the key is `true` or `yes`.
    pub fn is_true(&self, key: &str) -> bool {
        matches!(self.get(key), Some("true" | "yes" | "True" | "Yes"))
    }

    /// Adds a value to a key; keys are kept in lower case.
    pub fn add(&mut self, key: &str, value: impl Into<String>) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// All keys with their values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_slice()))
    }
}

/// The head of a source, its body, and the number of lines before the body.
///
/// A source without a closed head is all body.
pub fn split(source: &str) -> (Meta, &str, usize) {
    let whole = (Meta::default(), source, 0);
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let Some(fence) = ["---", "+++"].into_iter().find(|f| source.lines().next().is_some_and(|l| l.trim_end() == *f))
    else {
        return whole;
    };
    let mut meta = Meta::default();
    let (mut offset, mut key) = (0, String::new());
    for (number, line) in source.split_inclusive('\n').enumerate() {
        offset += line.len();
        let text = line.trim_end();
        if number == 0 {
            continue;
        }
        if text == fence || (fence == "---" && text == "...") {
            return (meta, &source[offset..], number + 1);
        }
        if !read_line(&mut meta, &mut key, text, if fence == "+++" { '=' } else { ':' }) {
            return whole;
        }
    }
    whole
}

/// Takes one line of a head; false when it is no head after all (prose between two transitions).
fn read_line(meta: &mut Meta, key: &mut String, text: &str, sign: char) -> bool {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('[') {
        return true;
    }
    if let Some(item) = trimmed.strip_prefix("- ").filter(|_| !key.is_empty()) {
        meta.add(key, unquote(item));
        return true;
    }
    let Some((name, value)) = trimmed.split_once(sign) else {
        return text.starts_with([' ', '\t']) && !key.is_empty();
    };
    let name = unquote(name.trim());
    if name.is_empty() || name.contains(' ') {
        return text.starts_with([' ', '\t']);
    }
    *key = name.to_ascii_lowercase();
    let value = value.trim();
    match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
        Some(items) => items.split(',').map(unquote).filter(|i| !i.is_empty()).for_each(|i| meta.add(key, i)),
        None if value.is_empty() => {}
        None => meta.add(key, unquote(value)),
    }
    true
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    let bare = ['"', '\''].into_iter().find_map(|q| text.strip_prefix(q)?.strip_suffix(q));
    bare.map_or_else(|| text.to_owned(), |t| t.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let (meta, body, lines) =
            split("---\ntitle: \"A: b\"\ntags: [x, 'y']\nauthors:\n  - Ann\n  - Bob\ndraft: true\n---\n# Hi\n");
        assert_eq!(meta.get("title"), Some("A: b"));
        assert_eq!(meta.list("tags"), ["x", "y"]);
        assert_eq!(meta.list("authors"), ["Ann", "Bob"]);
        assert!(meta.is_true("draft"));
        assert_eq!((body, lines), ("# Hi\n", 8));
        let (meta, body, _) = split("+++\ntitle = \"T\"\n+++\nx");
        assert_eq!((meta.get("title"), body), (Some("T"), "x"));
    }

    #[test]
    fn prose_is_no_head() {
        for text in ["---\nsome prose here\n---\n", "---\ntitle: x\n", "# x", ""] {
            assert_eq!(split(text).1, text);
        }
    }
}
