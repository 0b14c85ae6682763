//! The one buffer of all text: that of text nodes, the source of elements that keep it, and where backslashes stood.

use super::{Document, Kind, NodeId};

impl Document {
    /// A new text node outside the tree.
    pub fn create_text(&mut self, text: &str) -> NodeId {
        let start = self.text.len();
        self.text.push_str(text);
        self.create_text_since(start)
    }

    /// Where the next character of text will be put; see [`Document::create_text_since`].
    pub(crate) fn text_mark(&self) -> usize {
        self.text.len()
    }

    /// The buffer that holds all text, to append to.
    pub(crate) fn text_buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// A text node of all that was appended to the text buffer since `start`.
    pub(crate) fn create_text_since(&mut self, start: usize) -> NodeId {
        let range = (u32::try_from(start).unwrap_or(0), u32::try_from(self.text.len()).unwrap_or(0));
        let id = self.create(Kind::Text);
        self[id].text = range;
        id
    }

    /// The text of a text node; empty for elements (see [`Document::text_of`]).
    pub fn text(&self, node: NodeId) -> &str {
        match self.kind(node) {
            Kind::Text => self.range(node),
            _ => "",
        }
    }

    fn range(&self, node: NodeId) -> &str {
        let (start, end) = self[node].text;
        &self.text[start as usize..end as usize]
    }

    /// The source that an element was read from, where it was kept: references and substitution definitions.
    pub fn raw_source(&self, node: NodeId) -> &str {
        match self.kind(node) {
            Kind::Text => "",
            _ => self.range(node),
        }
    }

    /// Keeps the source of an element.
    pub fn set_raw_source(&mut self, node: NodeId, source: &str) {
        let start = u32::try_from(self.text.len()).unwrap_or(0);
        self.text.push_str(source);
        self[node].text = (start, u32::try_from(self.text.len()).unwrap_or(start));
    }

    /// Keeps the source of an element, of which `from..to` is its only text; both share the buffer.
    pub(crate) fn set_source_and_text(&mut self, node: NodeId, source: &str, from: usize, to: usize) {
        self.set_raw_source(node, source);
        let start = self[node].text.0;
        let text = self.create(Kind::Text);
        let offset = |at: usize| start + u32::try_from(at).unwrap_or(0);
        self[text].text = (offset(from), offset(to));
        self.append(node, text);
    }

    /// Where backslashes stood in a text node, as offsets in its text: before a character, or (true) before white
    /// space that is gone.
    pub(crate) fn escapes_in(&self, node: NodeId) -> Vec<(usize, bool)> {
        let (start, end) = self[node].text;
        let first = self.escapes.partition_point(|(at, _)| *at < start);
        let inside = self.escapes[first..].iter().take_while(|(at, _)| *at < end);
        inside.map(|(at, gone)| ((at - start) as usize, *gone)).collect()
    }

    /// Notes that a backslash stood before the next character of the buffer, or before white space that is gone.
    pub(crate) fn note_escape(&mut self, gone: bool) {
        self.escapes.push((u32::try_from(self.text.len()).unwrap_or(u32::MAX), gone));
    }

    /// Gives a text node other text.
    pub fn set_text(&mut self, node: NodeId, text: &str) {
        let start = u32::try_from(self.text.len()).unwrap_or(0);
        self.text.push_str(text);
        self[node].text = (start, u32::try_from(self.text.len()).unwrap_or(start));
    }
}
