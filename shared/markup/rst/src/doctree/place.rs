//! Where nodes stand in their source: file, line and column (doctree reference, "source", "line").

use super::{Document, NodeId};

impl Document {
    /// The source line on which the node begins, counted from 1, when it is known.
    pub fn line(&self, node: NodeId) -> Option<u32> {
        Some(self[node].line).filter(|line| *line > 0)
    }

    /// Notes the source line of a node.
    pub fn set_line(&mut self, node: NodeId, line: u32) {
        self[node].line = line;
    }

    /// The file that the node was read from.
    pub fn source(&self, node: NodeId) -> &str {
        self.sources.get(usize::from(self[node].source)).map_or("", String::as_str)
    }

    /// The number of a source, for [`Document::set_here`]; a new one is remembered.
    pub(crate) fn source_number(&mut self, source: &str) -> u16 {
        let known = self.sources.iter().position(|s| s == source);
        let number = known.unwrap_or_else(|| {
            self.sources.push(source.to_owned());
            self.sources.len() - 1
        });
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    /// The name of a numbered source.
    pub(crate) fn source_name(&self, number: u16) -> &str {
        self.sources.get(usize::from(number)).map_or("", String::as_str)
    }

    /// Says where a node was read.
    pub(crate) fn set_place(&mut self, node: NodeId, source: u16, line: u32) {
        (self[node].source, self[node].line) = (source, line);
    }

    /// Says in which column a node begins, counted from 1.
    pub(crate) fn set_column(&mut self, node: NodeId, column: u16) {
        self[node].column = column;
    }

    /// Says where a reference in running text stands; line and column are counted from 1.
    pub(crate) fn set_spot(&mut self, node: NodeId, line: u32, column: u16) {
        let at = match self.spots.last() {
            Some((last, ..)) if *last >= node => self.spots.partition_point(|(known, ..)| *known < node),
            _ => self.spots.len(),
        };
        self.spots.insert(at, (node, line, column));
    }

    /// The line and the column of a node, as far as they are known: its own place, or that of its text.
    pub(crate) fn spot(&self, node: NodeId) -> (Option<u32>, Option<u16>) {
        if let Ok(at) = self.spots.binary_search_by_key(&node, |(known, ..)| *known) {
            let (_, line, column) = self.spots[at];
            return (Some(line), Some(column));
        }
        (self.line(node), Some(self[node].column).filter(|column| *column > 0 && self.line(node).is_some()))
    }

    /// Says which line is being read.
    pub(crate) fn set_here(&mut self, source: u16, line: u32) {
        self.here = (source, line);
    }

    /// Which line is being read: number of the source, line.
    pub(crate) fn here(&self) -> (u16, u32) {
        self.here
    }

    /// Says which outermost line is being read.
    pub(crate) fn set_outer(&mut self, source: u16, line: u32) {
        self.outer = (source, line);
    }

    /// Which outermost line is being read: number of the source, line.
    pub(crate) fn outer(&self) -> (u16, u32) {
        self.outer
    }

    /// Gives the node the place of another one.
    pub(crate) fn copy_place(&mut self, from: NodeId, to: NodeId) {
        let (source, line, column) = (self[from].source, self[from].line, self[from].column);
        (self[to].source, self[to].line, self[to].column) = (source, line, column);
    }
}
