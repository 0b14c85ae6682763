//! GitHub's tables as the tables of the tree.

use pulldown_cmark::Alignment;
use rst::Kind;

use super::builder::Builder;

impl Builder<'_> {
    pub(super) fn start_table(&mut self, alignments: &[Alignment]) {
        self.open_block(Kind::Table);
        let group = self.open(Kind::Tgroup);
        self.doc.set(group, "cols", i64::try_from(alignments.len()).unwrap_or(0));
        for alignment in alignments {
            let spec = self.add(Kind::Colspec);
            let align = match alignment {
                Alignment::None => continue,
                Alignment::Left => "left",
                Alignment::Center => "center",
                Alignment::Right => "right",
            };
            self.doc.set(spec, "align", align);
        }
    }

    /// The head is a row of its own; the body begins with the first row after it.
    pub(super) fn start_row(&mut self, head: bool) {
        let group = self.top();
        if head {
            let node = self.doc.add(group, Kind::Thead);
            let row = self.open(Kind::Row);
            self.doc.append(node, row);
            return;
        }
        let body = match self.doc.last_child(group).filter(|&n| self.doc.kind(n) == Kind::Tbody) {
            Some(body) => body,
            None => self.doc.add(group, Kind::Tbody),
        };
        let row = self.open(Kind::Row);
        self.doc.append(body, row);
    }

    pub(super) fn start_cell(&mut self) {
        self.open_block(Kind::Entry);
    }

    /// Closes the group and the table.
    pub(super) fn end_table(&mut self) {
        self.close();
        self.close();
    }
}
