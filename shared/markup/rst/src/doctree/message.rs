//! System messages: what a parser or a transform found wrong (doctree reference, section "system_message").

use super::{Document, Kind, NodeId};

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; nothing need be done.
    Info = 1,
    /// The outcome may not be what the author meant.
    Warning = 2,
    /// Part of the text could not be read as it was meant.
    Error = 3,
    /// The document is broken: a section too deep, a file that cannot be read.
    Severe = 4,
}

impl Level {
    /// The name in a `system_message`, `WARNING` for instance.
    pub fn name(self) -> &'static str {
        match self {
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Severe => "SEVERE",
        }
    }
}

/// One finding with its place; it is shown as `source:line:column: (LEVEL/number) text`.
///
/// ```
/// use guildhall_rst::{Level, Options, parse};
/// let doc = parse("One line,\nand *another.\n", &Options::new("a.rst"));
/// let fault = &doc.messages[0];
/// assert_eq!((fault.level, fault.line, fault.column), (Level::Warning, Some(2), Some(5)));
/// assert_eq!(fault.to_string(), "a.rst:2:5: (WARNING/2) Inline emphasis start-string without end-string.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How grave it is.
    pub level: Level,
    /// The file; that of the include, when the finding stands in an included file.
    pub source: String,
    /// The line, counted from 1. In a paragraph of several lines it is that of the fault, while the element in the
    /// tree shows the first line, as docutils does.
    pub line: Option<u32>,
    /// The character in the line, counted from 1, when it is known.
    pub column: Option<u32>,
    /// What was found, as docutils words it.
    pub text: String,
    /// Its `system_message` element; in the tree when it has a parent.
    pub node: NodeId,
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.source)?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if let Some(column) = self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " ({}/{}) {}", self.level.name(), self.level as u8, self.text)
    }
}

impl Document {
    /// Notes a finding and makes its `system_message` element, which the caller puts into the tree.
    pub fn report(&mut self, level: Level, text: &str, source: &str, line: Option<u32>) -> NodeId {
        let node = self.create(Kind::SystemMessage);
        self.set(node, "level", level as i64);
        self.set(node, "type", level.name());
        self.set(node, "source", source);
        if let Some(line) = line {
            self.set(node, "line", i64::from(line));
        }
        self.add_with_text(node, Kind::Paragraph, text);
        self.faults += usize::from(level > Level::Info);
        self.messages.push(Message {
            level,
            source: source.to_owned(),
            line,
            column: None,
            text: text.to_owned(),
            node,
        });
        node
    }

    /// Reports a finding at the place of a node. The element in the tree shows the line of the nearest element that has
    /// one, as docutils does; the message has the node's own line and column, when they are known.
    pub fn report_at(&mut self, level: Level, text: &str, node: NodeId) -> NodeId {
        let known = std::iter::once(node).chain(self.ancestors(node)).find(|&n| self.line(n).is_some());
        let (source, line) = match known {
            Some(known) => (self.source(known).to_owned(), self.line(known)),
            None => {
                let (source, line) = self.outer();
                (self.source_name(source).to_owned(), Some(line).filter(|line| *line > 0))
            }
        };
        let (own, column) = self.spot(node);
        let reported = self.report(level, text, &source, line);
        if let Some(message) = self.messages.last_mut() {
            message.line = own.or(line);
            message.column = column.map(u32::from);
        }
        reported
    }

    /// How many messages there are that say more than information.
    pub(crate) fn faults(&self) -> usize {
        self.faults
    }

    /// Adds the source text that a message is about, as a literal block.
    pub fn quote_source(&mut self, message: NodeId, source: &str) {
        let block = self.add(message, Kind::LiteralBlock);
        self.set(block, "xml:space", "preserve");
        self.add_text(block, source);
    }
}
