//! Tables of Markdown with a title (MyST, "Tables": `table`), and what `list-table` shares with them.

use rst::doctree::names::{make_id, normalize};
use rst::{Kind, NodeId};

use super::fence::Parts;
use crate::markdown::builder::Builder;

impl Builder<'_> {
    pub(super) fn titled_table(&mut self, parts: &Parts<'_>, place: NodeId, line: u32) {
        self.nested(&parts.body, parts.body_line(line), place);
        let table = self.doc.children(place).find(|&n| self.doc.kind(n) == Kind::Table);
        if let Some(table) = table {
            self.head_table(table, parts.argument, &parts.options);
        }
    }

    /// Title, name, classes and alignment of a table.
    pub(super) fn head_table(&mut self, table: NodeId, title: &str, options: &[(String, String)]) {
        if !title.is_empty() {
            let node = self.doc.create(Kind::Title);
            self.doc.prepend(table, node);
            self.inline_into(title, node);
        }
        for (key, value) in options {
            match key.as_str() {
                "name" => {
                    self.doc.push(table, "names", normalize(value));
                    self.doc.note_explicit_target(table, None);
                }
                "class" => value.split_whitespace().for_each(|class| self.doc.add_class(table, &make_id(class))),
                "align" => self.doc.set(table, "align", value.as_str()),
                _ => {}
            }
        }
    }
}
