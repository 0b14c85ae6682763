//! Readable text of an HTML mail.

use crate::sanitize;

/// HTML as text a person can read: blocks apart, list items with dashes, quotes with `>`, link targets after their words.
pub fn text_of_html(source: &str) -> String {
    let clean = sanitize::html(source);
    let mut writer = Writer::default();
    let mut rest = clean.as_str();
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        let Some(end) = rest[at..].find('>') else { break };
        writer.tag(&rest[at + 1..at + end]);
        rest = &rest[at + end + 1..];
    }
    writer.text(rest);
    writer.out.truncate(writer.out.trim_end().len());
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    quotes: usize,
    pre: usize,
    links: Vec<(String, usize)>,
    newlines: usize,
    blank: bool,
}

impl Writer {
    /// Takes a tag of sanitised HTML: lower case, attributes in double quotes, `>` in them escaped.
    fn tag(&mut self, tag: &str) {
        let (closing, tag) = tag.strip_prefix('/').map_or((false, tag), |t| (true, t));
        let name = tag.split([' ', '/']).next().unwrap_or("");
        match name {
            "br" => self.end_line(1),
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table" | "section"
            | "article" | "figure" | "header" | "footer" | "main" | "address" => {
                self.end_line(if name == "div" { 1 } else { 2 })
            }
            "tr" | "dt" | "dd" => self.end_line(1),
            "td" | "th" if !closing => self.blank = true,
            "li" => {
                self.end_line(1);
                if !closing {
                    self.push("- ");
                }
            }
            "hr" => {
                self.end_line(2);
                self.push("----");
                self.end_line(2);
            }
            "blockquote" => {
                self.end_line(2);
                self.quotes = if closing { self.quotes.saturating_sub(1) } else { self.quotes + 1 };
            }
            "pre" => {
                self.end_line(2);
                self.pre = if closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            "img" => self.text(attribute(tag, "alt").unwrap_or("")),
            "a" if closing => self.end_link(),
            "a" => self.links.push((decode(attribute(tag, "href").unwrap_or("")), self.out.len())),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((href, from)) = self.links.pop() else { return };
        let words = self.out.get(from..).unwrap_or("").trim().to_owned();
        if !href.is_empty()
            && !words.is_empty()
            && !href.trim_start_matches("mailto:").contains(&words)
            && words != href
        {
            self.push(&format!(" <{href}>"));
        }
    }

    fn text(&mut self, text: &str) {
        let text = decode(text);
        if self.pre > 0 {
            let mut lines = text.split('\n');
            self.push(lines.next().unwrap_or(""));
            for line in lines {
                self.newlines += usize::from(!self.out.is_empty());
                self.push(line);
            }
            return;
        }
        for (i, word) in text.split([' ', '\n', '\t', '\r']).enumerate() {
            self.blank |= i > 0;
            self.push(word);
        }
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.out.extend(std::iter::repeat_n('\n', self.newlines));
        if (self.newlines > 0 || self.out.is_empty()) && self.quotes > 0 {
            (0..self.quotes.min(16)).for_each(|_| self.out.push('>'));
            self.out.push(' ');
        } else if self.blank && self.newlines == 0 && !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        (self.newlines, self.blank) = (0, false);
        self.out.push_str(text);
    }

    fn end_line(&mut self, lines: usize) {
        if !self.out.is_empty() {
            self.newlines = self.newlines.max(lines);
        }
    }
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[at..];
    value.find('"').map(|end| &value[..end])
}

/// Undoes the few entities that the sanitiser writes.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::text_of_html;

    #[test]
    fn mail_reads_as_text() {
        let html = "<html><head><title>x</title></head><body><h1>Hello</h1><p>One &lt;two&gt;\n three <a href=\"https://x.org/\">here</a>.</p>\
                    <ul><li>a<li>b</ul><blockquote><p>old<br>words</p></blockquote><pre>x\n  y</pre></body>";
        assert_eq!(
            text_of_html(html),
            "Hello\n\nOne <two> three here <https://x.org/>.\n\n- a\n- b\n\n> old\n> words\n\nx\n  y"
        );
        assert_eq!(text_of_html(""), "");
        assert_eq!(text_of_html("<a href='mailto:a@b.org'>a@b.org</a>"), "a@b.org");
    }
}
