//! The state of building: open elements, the text that is being collected, sections.

use std::collections::HashMap;
use std::rc::Rc;

use pulldown_cmark::{BrokenLink, CowStr, Event, Parser};
use rst::{Document, Kind, Level, NodeId};

use super::Options;

/// Elements within elements; deeper ones leave their content to the element above.
const DEEPEST: usize = 64;

/// What is done for the parts that reST read; the rest (a document's title, say) Markdown does otherwise.
const TRANSFORMS: [&str; 15] = [
    "ClassAttribute",
    "Substitutions",
    "SectionIDs",
    "PropagateTargets",
    "AnonymousHyperlinks",
    "IndirectHyperlinks",
    "TargetNotes",
    "Footnotes",
    "ExternalTargets",
    "InternalTargets",
    "SectNum",
    "Contents",
    "DanglingReferences",
    "Messages",
    "FilterMessages",
];

/// Why an element is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// An event will close it.
    Event,
    /// A paragraph that Markdown does not speak of: text in a tight item or in a cell.
    Implied,
    /// A raw tag of this name; closed by its end tag or with the element around it.
    Tag(String),
}

#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub node: NodeId,
    pub opened: Opened,
}

pub(super) struct Builder<'a> {
    pub doc: Document,
    pub source: &'a str,
    pub options: &'a Options<'a>,
    pub stack: Vec<Frame>,
    /// Sections around the place with the level of their headings.
    pub sections: Vec<(u8, NodeId)>,
    /// Text not yet in the tree.
    pub text: String,
    /// Raw HTML of the block being read.
    pub html: Option<String>,
    /// The images being read: their text becomes the `alt`.
    pub images: Vec<(NodeId, String)>,
    /// Footnotes by label: the node, and whether something refers to it.
    pub notes: HashMap<String, super::footnote::Note>,
    pub note_order: Vec<String>,
    /// How often a slug was taken.
    pub slugs: HashMap<String, u32>,
    /// Link definitions of the page around, by label in lower case: a directive's text may use them.
    pub links: Rc<HashMap<String, (String, String)>>,
    /// Directives around the place.
    pub directives: usize,
    /// Something of reST was taken over, and its transforms must run.
    pub grafted: bool,
    lines: Vec<usize>,
    line: u32,
}

impl<'a> Builder<'a> {
    pub fn new(source: &'a str, options: &'a Options<'a>) -> Self {
        Builder {
            doc: Document::new(options.source),
            source,
            options,
            stack: Vec::new(),
            sections: Vec::new(),
            text: String::new(),
            html: None,
            images: Vec::new(),
            notes: HashMap::new(),
            note_order: Vec::new(),
            slugs: HashMap::new(),
            links: Rc::default(),
            directives: 0,
            grafted: false,
            lines: source.match_indices('\n').map(|(at, _)| at + 1).collect(),
            line: 1,
        }
    }

    pub fn read(&mut self) {
        let source = self.source;
        let around = Rc::clone(&self.links);
        let find = |link: BrokenLink<'a>| {
            let (url, title) = around.get(&link.reference.to_lowercase())?;
            Some((CowStr::from(url.clone()), CowStr::from(title.clone())))
        };
        let find = (!around.is_empty()).then_some(find);
        let parser = Parser::new_with_broken_link_callback(source, self.options.extensions(), find).into_offset_iter();
        if self.options.myst && source.contains('{') {
            let own = parser.reference_definitions().iter();
            let own = own.map(|(label, d)| {
                (label.to_lowercase(), (d.dest.to_string(), d.title.as_deref().unwrap_or_default().to_owned()))
            });
            let mut links: HashMap<_, _> = own.collect();
            for (label, link) in around.iter() {
                links.entry(label.clone()).or_insert_with(|| link.clone());
            }
            self.links = Rc::new(links);
        }
        for (event, range) in parser {
            self.line = self.line_of(range.start);
            self.event(event, range);
        }
    }

    fn event(&mut self, event: Event<'_>, range: std::ops::Range<usize>) {
        if let Some((_, alt)) = self.images.last_mut() {
            match &event {
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => return alt.push_str(text),
                Event::SoftBreak | Event::HardBreak => return alt.push(' '),
                Event::End(pulldown_cmark::TagEnd::Image) | Event::Start(pulldown_cmark::Tag::Image { .. }) => {}
                _ => return,
            }
        }
        if let (Some(block), Event::Html(part) | Event::Text(part)) = (&mut self.html, &event) {
            return block.push_str(part);
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Html(html) if self.html.is_none() => self.html_block(&html),
            Event::Rule => {
                self.close_implied();
                self.add(Kind::Transition);
            }
            Event::TaskListMarker(checked) => self.task(checked),
            other => self.inline(other),
        }
    }

    pub fn finish(mut self) -> Document {
        self.flush();
        self.stack.clear();
        self.end_footnotes();
        if self.options.myst {
            self.settle_references();
        }
        if self.grafted {
            let settings =
                rst::transform::Settings { report_level: self.options.rst.report_level, ..Default::default() };
            rst::transform::apply_named(&mut self.doc, &self.options.rst, &settings, &TRANSFORMS);
        }
        self.doc
    }

    /// The line of the file at a byte of the source.
    pub fn line_of(&self, offset: usize) -> u32 {
        let line = self.options.lines_before + 1 + self.lines.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    pub fn line(&self) -> u32 {
        self.line
    }

    /// The element that the next one goes into.
    pub fn top(&self) -> NodeId {
        let section = || self.sections.last().map_or(self.doc.root(), |(_, node)| *node);
        self.stack.last().map_or_else(section, |frame| frame.node)
    }

    /// True outside of lists, quotes and the like, where sections may begin.
    pub fn at_section_level(&self) -> bool {
        self.stack.is_empty()
    }

    pub fn add(&mut self, kind: Kind) -> NodeId {
        self.flush();
        let top = self.top();
        let node = self.doc.add(top, kind);
        self.doc.set_line(node, self.line);
        node
    }

    /// Opens an element until its end event; beyond the depth that is allowed the element above goes on.
    pub fn open(&mut self, kind: Kind) -> NodeId {
        if self.stack.len() >= DEEPEST {
            self.flush();
            let node = self.top();
            self.stack.push(Frame { node, opened: Opened::Event });
            return node;
        }
        let node = self.add(kind);
        self.stack.push(Frame { node, opened: Opened::Event });
        node
    }

    /// Opens a block element: what was implied ends before it.
    pub fn open_block(&mut self, kind: Kind) -> NodeId {
        self.close_implied();
        self.open(kind)
    }

    /// Closes the innermost element that an event opened, and what was left open in it.
    pub fn close(&mut self) -> Option<NodeId> {
        self.flush();
        while let Some(frame) = self.stack.pop() {
            if frame.opened == Opened::Event {
                return Some(frame.node);
            }
        }
        None
    }

    /// Ends the paragraph that nobody opened, with the raw tags in it.
    pub fn close_implied(&mut self) {
        self.flush();
        let open = self.stack.iter().rev().take_while(|f| f.opened != Opened::Event);
        if let Some(above) = open.into_iter().position(|f| f.opened == Opened::Implied) {
            self.stack.truncate(self.stack.len() - above - 1);
        }
    }

    /// Makes sure that inline content may follow.
    pub fn want_inline(&mut self) {
        let kind = self.doc.kind(self.top());
        if !kind.is_text_element() {
            let top = self.top();
            let node = self.doc.add(top, Kind::Paragraph);
            self.doc.set_line(node, self.line);
            self.stack.push(Frame { node, opened: Opened::Implied });
        }
    }

    /// Puts the collected text into the tree.
    pub fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        self.want_inline();
        let top = self.top();
        self.doc.add_text(top, &text);
        self.text = text;
        self.text.clear();
    }

    /// Notes something wrong at the present line and shows it there.
    pub fn warn(&mut self, level: Level, text: &str) {
        let message = self.doc.report(level, text, self.options.source, Some(self.line));
        let top = self.top();
        if !self.doc.kind(top).is_text_element() {
            self.doc.append(top, message);
        }
    }
}
