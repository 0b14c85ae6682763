//! Pseudo-XML: the tree as indented text, the form in which docutils' own tests are written
//! (doctree reference, "Pseudo-XML"; `Node.pformat`).

use std::fmt::Write as _;

use crate::doctree::{Detail, Document, Event, Kind, NodeId, Value};

/// The whole document as pseudo-XML, four spaces a level.
///
/// ```
/// use guildhall_rst::{Options, parse, pseudo_xml};
/// let doc = parse("*Hello*\n", &Options::new("a.rst"));
/// let shown = pseudo_xml(&doc);
/// assert_eq!(
///     shown.lines().collect::<Vec<_>>(),
///     ["<document source=\"a.rst\">", "    <paragraph>", "        <emphasis>", "            Hello"]
/// );
/// ```
pub fn pseudo_xml(doc: &Document) -> String {
    let mut out = String::new();
    write_tree(doc, doc.root(), 0, &mut out);
    out
}

fn write_tree(doc: &Document, top: NodeId, indent: usize, out: &mut String) {
    let mut depth = indent;
    for event in doc.events(top) {
        let Event::Enter(node) = event else {
            depth = depth.saturating_sub(1);
            continue;
        };
        if doc.kind(node) == Kind::Text {
            write_text(doc.text(node), depth, out);
        } else {
            pad(depth, out);
            out.push_str(&doc.start_tag(node));
            out.push('\n');
            write_plan(doc, node, depth, out);
        }
        depth += 1;
    }
}

fn write_text(text: &str, depth: usize, out: &mut String) {
    for line in text.lines() {
        pad(depth, out);
        out.push_str(line);
        out.push('\n');
    }
}

fn pad(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("    ");
    }
}

fn write_plan(doc: &Document, node: NodeId, depth: usize, out: &mut String) {
    let Some(plan) = doc.pending(node) else { return };
    let mut line = |text: &str| {
        pad(depth + 1, out);
        out.push_str(text);
        out.push('\n');
    };
    line(".. internal attributes:");
    line(&format!("     .transform: {}", plan.transform));
    line("     .details:");
    let mut details: Vec<_> = plan.details.iter().collect();
    details.sort_by_key(|(name, _)| *name);
    for (name, detail) in details {
        let shown = match detail {
            Detail::None => "None".to_owned(),
            Detail::Flag(true) => "True".to_owned(),
            Detail::Flag(false) => "False".to_owned(),
            Detail::Int(number) => number.to_string(),
            Detail::Text(text) => repr(text),
            Detail::List(items) => format!("[{}]", items.iter().map(|i| repr(i)).collect::<Vec<_>>().join(", ")),
            Detail::Nodes(nodes) if nodes.is_empty() => "[]".to_owned(),
            Detail::Nodes(nodes) => {
                line(&format!("       {name}:"));
                let mut text = String::new();
                nodes.iter().for_each(|&n| write_tree(doc, n, 0, &mut text));
                text.lines().for_each(|l| line(&format!("         {l}")));
                continue;
            }
        };
        line(&format!("       {name}: {shown}"));
    }
}

/// A text as Python shows it.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

impl Document {
    /// The start tag of an element with its attributes sorted by name.
    pub fn start_tag(&self, node: NodeId) -> String {
        let mut attributes: Vec<_> = self.attributes(node).iter().collect();
        attributes.sort_by(|a, b| a.0.cmp(&b.0));
        let mut out = format!("<{}", self.kind(node).name());
        for (key, value) in attributes {
            let _ = match value {
                Value::Text(text) => write!(out, " {key}=\"{text}\""),
                Value::Int(number) => write!(out, " {key}=\"{number}\""),
                Value::List(items) => {
                    let items: Vec<_> = items.iter().map(|i| i.replace('\\', r"\\").replace(' ', r"\ ")).collect();
                    write!(out, " {key}=\"{}\"", items.join(" "))
                }
            };
        }
        out.push('>');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctree::Pending;

    #[test]
    fn a_tree_is_shown_with_sorted_attributes() {
        let mut doc = Document::new("test data");
        let root = doc.root();
        let section = doc.add(root, Kind::Section);
        doc.push(section, "names", "a b");
        doc.push(section, "ids", "a-b");
        doc.add_with_text(section, Kind::Title, "A\nb");
        let expected = "<document source=\"test data\">\n    <section ids=\"a-b\" names=\"a\\ b\">\n        <title>\n            A\n            b\n";
        assert_eq!(pseudo_xml(&doc), expected);
    }

    #[test]
    fn a_plan_is_shown_below_its_element() {
        let mut doc = Document::new("t");
        let root = doc.root();
        let node = doc.add(root, Kind::Pending);
        let details = vec![("title", Detail::None), ("depth", Detail::Int(2)), ("class", Detail::Text("it's".into()))];
        doc.set_pending(node, Pending { transform: "docutils.transforms.parts.Contents", details });
        let shown = pseudo_xml(&doc);
        let details: Vec<_> = shown.lines().skip(5).map(str::trim).collect();
        assert_eq!(details, ["class: \"it's\"", "depth: 2", "title: None"]);
        assert_eq!(shown.lines().nth(2), Some("        .. internal attributes:"));
    }
}
