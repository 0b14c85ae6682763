//! `list-table` with cells in Markdown: a list of rows, each a list of cells.

use rst::{Kind, Level, NodeId};

use crate::markdown::builder::Builder;

impl Builder<'_> {
    pub(super) fn list_table(
        &mut self,
        title: &str,
        options: &[(String, String)],
        body: &str,
        place: NodeId,
        line: u32,
    ) {
        let inside = self.doc.create(Kind::Container);
        self.nested(body, line, inside);
        let rows = self.rows(inside);
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        if columns == 0 || rows.iter().any(|row| row.len() != columns) {
            let text = "A list-table is a list of rows, each a list of as many cells as the others.";
            let message = self.doc.report(Level::Error, text, self.options.source, Some(line));
            return self.doc.append(place, message);
        }
        let number = |name: &str| {
            options.iter().find(|(k, _)| k == name).and_then(|(_, v)| v.parse::<usize>().ok()).unwrap_or(0)
        };
        let (head, stubs) = (number("header-rows").min(rows.len()), number("stub-columns"));
        let widths: Vec<i64> = options
            .iter()
            .filter(|(k, _)| k == "widths")
            .flat_map(|(_, v)| v.split([' ', ',']))
            .filter_map(|w| w.parse().ok())
            .collect();
        let table = self.doc.add(place, Kind::Table);
        if widths.len() == columns {
            self.doc.add_class(table, "colwidths-given");
        }
        let group = self.doc.add(table, Kind::Tgroup);
        for column in 0..columns {
            let spec = self.doc.add(group, Kind::Colspec);
            self.doc.set(spec, "colwidth", widths.get(column).copied().unwrap_or(1));
            if column < stubs {
                self.doc.set(spec, "stub", 1);
            }
        }
        let (first, rest) = rows.split_at(head);
        for (kind, part) in [(Kind::Thead, first), (Kind::Tbody, rest)] {
            if !part.is_empty() {
                let node = self.doc.add(group, kind);
                part.iter().for_each(|cells| self.row(node, cells));
            }
        }
        self.head_table(table, title, options);
    }

    fn row(&mut self, part: NodeId, cells: &[NodeId]) {
        let row = self.doc.add(part, Kind::Row);
        for &cell in cells {
            let entry = self.doc.add(row, Kind::Entry);
            self.doc.move_children(cell, entry);
        }
    }

    /// The items of the lists in the items of the list.
    fn rows(&self, container: NodeId) -> Vec<Vec<NodeId>> {
        let list = |node: NodeId| self.doc.children(node).find(|&n| self.doc.kind(n) == Kind::BulletList);
        let Some(outer) = list(container) else { return Vec::new() };
        let items = self.doc.children(outer);
        items.map(|item| list(item).map(|inner| self.doc.children(inner).collect()).unwrap_or_default()).collect()
    }
}
