//! Images (directives reference, "Image").

use super::{Then, Writer};
use crate::doctree::NodeId;

impl Writer<'_> {
    pub(super) fn image(&mut self, node: NodeId) -> Then {
        let uri = self.doc.get(node, "uri").unwrap_or_default();
        let alt = self.doc.get(node, "alt").unwrap_or(uri);
        let Some(source) = self.options.resolver.image(uri) else {
            self.open("span", node, &["image", "unsafe"]);
            self.options.hooks.plain(alt, &mut self.out);
            self.out.push_str("</span>");
            return Then::Done;
        };
        let align = self.doc.get(node, "align").map(|a| format!("align-{a}"));
        match &align {
            Some(align) => self.begin("img", node, &[align]),
            None => self.begin("img", node, &[]),
        }
        self.uri_attribute("src", &source);
        self.words_attribute("alt", alt);
        if let Some(title) = self.doc.get(node, "reftitle") {
            self.words_attribute("title", title);
        }
        let scale = self.doc.int(node, "scale").unwrap_or(100);
        for name in ["width", "height"] {
            if let Some(size) = self.doc.get(node, name).and_then(|text| size(text, scale)) {
                self.attribute(name, &size);
            }
        }
        self.out.push_str(if self.bare() { " />" } else { " loading=\"lazy\">" });
        let block = self.doc.parent(node).is_some_and(|p| !self.doc.kind(p).is_text_element());
        if block {
            self.out.push('\n');
        }
        Then::Done
    }
}

/// A length as the attributes `width` and `height` take it: pixels, or a share. (A style would be refused by the page.)
fn size(text: &str, scale: i64) -> Option<String> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim();
    let number: f64 = text[..text.len() - unit.len()].trim().parse().ok()?;
    let factor = match unit {
        "" | "px" => 1.0,
        "%" => return Some(format!("{}%", (number * scale as f64 / 100.0).round())),
        "em" | "rem" => 16.0,
        "ex" | "ch" => 8.0,
        "in" => 96.0,
        "cm" => 37.795,
        "mm" => 3.7795,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        _ => return None,
    };
    let pixels = (number * factor * scale as f64 / 100.0).round();
    (0.0..100_000.0).contains(&pixels).then(|| pixels.to_string())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn lengths_become_pixels() {
        for (text, scale, want) in [
            ("10", 100, Some("10")),
            ("2em", 50, Some("16")),
            ("50%", 100, Some("50%")),
            ("1 in", 100, Some("96")),
            ("x", 100, None),
            ("1vw", 100, None),
        ] {
            assert_eq!(size(text, scale).as_deref(), want, "{text}");
        }
    }
}
