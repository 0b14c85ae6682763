//! Line blocks (reStructuredText specification, "Line Blocks").

use super::Start;
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{self, Cut, Lines};
use crate::parser::Parser;

/// A line and how far it is indented; none for an empty line.
pub(crate) type BlockLine = (NodeId, Option<usize>);

impl<'a> Parser<'a> {
    pub(super) fn line_block(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize) {
        let block = self.create_at(Kind::LineBlock, lines.here());
        self.doc.append(parent, block);
        let mut items = Vec::new();
        let mut finish = self.block_line(lines, parent, end, &mut items);
        self.inside += 1;
        let around = std::mem::replace(&mut self.node, block);
        while !finish {
            let Some(line) = lines.current().filter(|line| !line.is_blank()) else { break };
            let Start::LineBlock(end) = super::recognize(line.text) else { break };
            self.stand_at(lines, lines.at);
            finish = self.block_line(lines, parent, end, &mut items);
        }
        self.inside -= 1;
        self.node = around;
        if !finish && lines.current().is_some_and(|line| !line.is_blank()) {
            let place = lines.below();
            let message = self.report(Level::Warning, "Line block ends without a blank line.", place);
            self.doc.append(parent, message);
        }
        self.nest_lines(block, items);
    }

    fn block_line(&mut self, lines: &mut Lines<'a>, parent: NodeId, end: usize, items: &mut Vec<BlockLine>) -> bool {
        let place = lines.here();
        let empty = lines.get(lines.at).is_none_or(|text| text.trim_end() == "|");
        let taken = lines.take(Cut { first: Some(end), until_blank: true, ..Cut::default() });
        let line = self.create_at(Kind::Line, place);
        let messages = self.inline(&lines::join(&taken.lines), place, line);
        self.append_all(parent, messages);
        items.push((line, (!empty).then(|| end.saturating_sub(2))));
        taken.blank_finish
    }

    /// Puts lines into a block, those indented deeper into blocks of their own.
    pub(crate) fn nest_lines(&mut self, block: NodeId, items: Vec<BlockLine>) {
        let mut last = items.first().and_then(|(_, indent)| *indent).unwrap_or(0);
        let items: Vec<(NodeId, usize)> = items
            .into_iter()
            .map(|(line, indent)| {
                last = indent.unwrap_or(last);
                (line, last)
            })
            .collect();
        let mut work = vec![(block, items)];
        while let Some((block, items)) = work.pop() {
            let least = items.iter().map(|(_, indent)| *indent).min().unwrap_or(0);
            let mut deeper = Vec::new();
            for (line, indent) in items {
                if indent > least {
                    if deeper.is_empty() {
                        let inner = self.doc.add(block, Kind::LineBlock);
                        work.push((inner, Vec::new()));
                    }
                    deeper.push((line, indent));
                    continue;
                }
                if !deeper.is_empty()
                    && let Some(top) = work.last_mut()
                {
                    top.1 = std::mem::take(&mut deeper);
                }
                self.doc.append(block, line);
            }
            if !deeper.is_empty()
                && let Some(top) = work.last_mut()
            {
                top.1 = deeper;
            }
        }
    }
}
