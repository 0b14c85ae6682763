//! System messages and the places they are about, shown where they happen (doctree reference, "system_message").

use super::{Then, Writer, close, escape_into};
use crate::doctree::{Kind, Level, NodeId};

impl Writer<'_> {
    pub(super) fn system_message(&mut self, node: NodeId) -> Then {
        if self.doc.kind(node) == Kind::Problematic {
            return self.problematic(node);
        }
        let level = self.doc.int(node, "level").unwrap_or(0);
        if level < self.options.report as i64 {
            return Then::Done;
        }
        self.begin("aside", node, &["system-message"]);
        self.attribute("role", "note");
        self.end();
        self.out.push_str("\n<p class=\"system-message-title\">");
        let name = match level {
            l if l == Level::Info as i64 => "Note",
            l if l == Level::Warning as i64 => "Warning",
            l if l == Level::Error as i64 => "Error",
            _ => "Severe error",
        };
        self.out.push_str(name);
        if let Some(source) = self.doc.get(node, "source") {
            self.out.push_str(" in ");
            escape_into(&mut self.out, source);
        }
        if let Some(line) = self.doc.int(node, "line") {
            self.out.push_str(&format!(", line {line}"));
        }
        for id in self.doc.list(node, "backrefs") {
            self.out.push_str(" <a");
            self.local_href(id);
            self.out.push_str(">in the text</a>");
        }
        self.out.push_str("</p>\n");
        close("</aside>\n")
    }

    fn problematic(&mut self, node: NodeId) -> Then {
        // `leave` takes it back.
        self.unlinkable += 1;
        match self.doc.get(node, "refid").map(str::to_owned) {
            Some(id) => {
                self.begin("a", node, &["problematic"]);
                self.local_href(&id);
                self.end();
                close("</a>")
            }
            None => {
                self.open("span", node, &["problematic"]);
                close("</span>")
            }
        }
    }
}
