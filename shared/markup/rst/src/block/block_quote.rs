//! Block quotes and their attributions (reStructuredText specification, "Block Quotes").

use crate::doctree::{Kind, NodeId};
use crate::lines::{self, Cut, Line, Lines, Place};
use crate::parser::Parser;

/// The bytes of an attribution's dash and the space after it.
fn dash(line: &str) -> Option<usize> {
    let length = match line.strip_prefix('\u{2014}') {
        Some(_) => 3,
        None => line.bytes().take_while(|b| *b == b'-').count(),
    };
    if !(2..=3).contains(&length) {
        return None;
    }
    let end = length + line[length..].bytes().take_while(|b| *b == b' ').count();
    (end < line.len()).then_some(end)
}

/// The lines of an attribution that begins at `start`, and the indent of all but the first; none when its shape is wrong.
fn attribution_end(block: &[Line<'_>], start: usize) -> Option<(usize, usize)> {
    let width = |text: &str| text.len() - text.trim_start().len();
    let mut indent = None;
    let mut end = start + 1;
    while let Some(line) = block.get(end).filter(|line| !line.is_blank()) {
        match indent {
            None => indent = Some(width(line.text)),
            Some(indent) if indent != width(line.text) => return None,
            Some(_) => {}
        }
        end += 1;
    }
    Some((end, indent.unwrap_or(0)))
}

/// Where an attribution stands: its first line, the end, the bytes of its dash, the indent of the other lines.
fn find_attribution(block: &[Line<'_>]) -> Option<(usize, usize, usize, usize)> {
    let mut text_seen = false;
    for (i, line) in block.iter().enumerate() {
        if line.is_blank() {
            continue;
        }
        if text_seen
            && i > 0
            && block[i - 1].is_blank()
            && let Some(cut) = dash(line.text)
            && let Some((end, indent)) = attribution_end(block, i)
        {
            return Some((i, end, cut, indent));
        }
        text_seen = true;
    }
    None
}

impl<'a> Parser<'a> {
    pub(super) fn block_quote(&mut self, lines: &mut Lines<'a>, parent: NodeId) {
        let taken = lines.take(Cut::default());
        self.stand_at(lines, lines.at.saturating_sub(1));
        let elements = self.quotes(taken.lines, taken.place);
        self.append_all(parent, elements);
        if !taken.blank_finish {
            self.unindent_warning("Block quote", lines, parent);
        }
    }

    /// The block quotes of an indented block: an attribution ends one and begins the next.
    pub(crate) fn quotes(&mut self, mut block: Vec<Line<'a>>, mut place: Place) -> Vec<NodeId> {
        let mut elements = Vec::new();
        while !block.is_empty() {
            place = block.first().map_or(place, |line| line.place);
            let quote = self.create_at(Kind::BlockQuote, place);
            elements.push(quote);
            let Some((start, end, cut, indent)) = find_attribution(&block) else {
                self.nested(block, place, quote);
                break;
            };
            let rest = block.split_off(end);
            let mut attribution = block.split_off(start);
            self.nested(block, place, quote);
            for (i, line) in attribution.iter_mut().enumerate() {
                line.text = line.text.get(if i == 0 { cut } else { indent }..).unwrap_or("");
            }
            let at = attribution.first().map_or(place, |line| line.place);
            let node = self.create_at(Kind::Attribution, at);
            let messages = self.inline(lines::join(&attribution).trim_end(), at, node);
            self.doc.append(quote, node);
            elements.extend(messages);
            let blank = rest.iter().take_while(|line| line.is_blank()).count();
            block = rest[blank..].to_vec();
        }
        elements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_of_attributions() {
        for (line, end) in [
            ("-- A", Some(3)),
            ("---A", Some(3)),
            ("\u{2014} A", Some(4)),
            ("---- A", None),
            ("- A", None),
            ("--", None),
        ] {
            assert_eq!(dash(line), end, "{line}");
        }
    }
}
