//! Tables (reStructuredText specification, "Tables"): heads with scope, spans, captions.

use super::{Then, Writer, close};
use crate::doctree::{Kind, NodeId};

/// What cells must know of their table.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Whether a column heads its rows.
    stubs: Vec<bool>,
    /// The alignment of a column, in Markdown.
    aligns: Vec<Option<String>>,
    /// In how many further rows a column is taken by a cell from above.
    taken: Vec<i64>,
    column: usize,
    in_head: bool,
}

impl Writer<'_> {
    pub(super) fn table(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Table => self.begin_table(node),
            Kind::Tgroup => {
                self.columns(node);
                Then::nothing()
            }
            Kind::Thead => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_head = true;
                }
                self.out.push_str("<thead>\n");
                close("</thead>\n")
            }
            Kind::Tbody => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_head = false;
                    table.taken.iter_mut().for_each(|rows| *rows = 0);
                }
                self.out.push_str("<tbody>\n");
                close("</tbody>\n")
            }
            Kind::Row => {
                if let Some(table) = self.tables.last_mut() {
                    table.column = 0;
                }
                self.open("tr", node, &[]);
                self.out.push('\n');
                close("</tr>\n")
            }
            Kind::Entry => self.entry(node),
            _ => Then::Done,
        }
    }

    fn begin_table(&mut self, node: NodeId) -> Then {
        self.tables.push(State::default());
        let align = self.doc.get(node, "align").map(|a| format!("align-{a}"));
        self.more_ids(node);
        match &align {
            Some(align) => self.begin("table", node, &[align]),
            None => self.begin("table", node, &[]),
        }
        self.end();
        self.out.push('\n');
        close("</table>\n")
    }

    fn columns(&mut self, group: NodeId) {
        let specs: Vec<NodeId> = self.doc.children(group).filter(|&n| self.doc.kind(n) == Kind::Colspec).collect();
        let of = |key: &str| specs.iter().map(|&n| self.doc.int(n, key).unwrap_or(0)).collect::<Vec<_>>();
        let widths = of("colwidth");
        let table = State {
            stubs: of("stub").into_iter().map(|s| s == 1).collect(),
            aligns: specs.iter().map(|&n| self.doc.get(n, "align").map(str::to_owned)).collect(),
            taken: vec![0; specs.len()],
            ..State::default()
        };
        if let Some(last) = self.tables.last_mut() {
            *last = table;
        }
        let given = self.doc.parent(group).is_some_and(|t| self.doc.has_class(t, "colwidths-given"));
        // Wider than an i64, since a directive may give any number.
        let total: i128 = widths.iter().map(|width| i128::from(*width)).sum();
        if given && total > 0 && !self.bare() {
            self.out.push_str("<colgroup>\n");
            for width in widths {
                self.out.push_str(&format!("<col width=\"{}%\">\n", (i128::from(width) * 1000 / total + 5) / 10));
            }
            self.out.push_str("</colgroup>\n");
        }
    }

    fn entry(&mut self, node: NodeId) -> Then {
        let Some(state) = self.tables.last_mut() else { return Then::nothing() };
        while state.taken.get(state.column).is_some_and(|rows| *rows > 0) {
            state.taken[state.column] -= 1;
            state.column += 1;
        }
        let (rows, columns) =
            (self.doc.int(node, "morerows").unwrap_or(0), self.doc.int(node, "morecols").unwrap_or(0));
        let first = state.column;
        let until = first.saturating_add(usize::try_from(columns).unwrap_or(0)).saturating_add(1);
        for column in first..until.min(state.taken.len()) {
            state.taken[column] = rows;
        }
        state.column = until;
        let stub = state.stubs.get(first).copied().unwrap_or(false);
        let align = state.aligns.get(first).cloned().flatten();
        let scope = if state.in_head {
            if columns > 0 { "colgroup" } else { "col" }
        } else if rows > 0 {
            "rowgroup"
        } else {
            "row"
        };
        // A head without words says nothing of its column; where nobody compares it is a plain cell.
        let head = (state.in_head || stub) && (self.bare() || self.doc.has_children(node));
        let class = align.map(|a| format!("align-{a}"));
        let tag = if head { "th" } else { "td" };
        match &class {
            Some(class) => self.begin(tag, node, &[class]),
            None => self.begin(tag, node, &[]),
        }
        if head && !self.bare() {
            self.attribute("scope", scope);
        }
        if rows > 0 {
            self.attribute("rowspan", &(rows + 1).to_string());
        }
        if columns > 0 {
            self.attribute("colspan", &(columns + 1).to_string());
        }
        self.end();
        self.more_ids(node);
        close(if head { "</th>\n" } else { "</td>\n" })
    }
}
