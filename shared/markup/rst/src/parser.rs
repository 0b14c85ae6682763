//! The parser's state: what all constructs share.

use std::collections::HashMap;
use std::rc::Rc;

use bumpalo::Bump;

use crate::doctree::{Document, Kind, Level, NodeId};
use crate::lines::{self, Line, Lines, Place};
use crate::options::Options;
use crate::role::Role;

/// How a section title is marked: its overline, when it has one, and its underline.
pub(crate) type TitleStyle = (Option<char>, char);

pub(crate) struct Parser<'a> {
    pub doc: Document,
    pub options: &'a Options<'a>,
    pub arena: &'a Bump,
    /// The title styles met so far; the place in the list is the section level.
    pub styles: Vec<TitleStyle>,
    /// Bodies within bodies.
    pub depth: u32,
    /// Blocks within blocks, second and later list items counted too.
    pub inside: u32,
    /// The line that the outermost block stands at; messages without a line of their own show it.
    pub outer: Place,
    /// The element that is being filled; messages about names go there.
    pub node: NodeId,
    /// Roles that the document itself defined, by name.
    pub roles: HashMap<String, Rc<Role>>,
    pub default_role: Option<Rc<Role>>,
    /// Files being read, the outermost first, each with what was clipped.
    pub includes: Vec<(String, String)>,
    /// Bytes of source read so far.
    pub read: usize,
    /// What the Sphinx dialect remembers between directives.
    pub sphinx: crate::sphinx::State,
}

/// Where a body's nodes go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub node: NodeId,
    /// Section titles are allowed.
    pub titles: bool,
    /// Added to the number of sections around `node`, where the node is not yet in the tree.
    pub level_offset: usize,
}

impl Body {
    pub fn of(node: NodeId) -> Body {
        Body { node, titles: false, level_offset: 0 }
    }
}

impl<'a> Parser<'a> {
    pub fn new(options: &'a Options<'a>, arena: &'a Bump) -> Self {
        let mut doc = Document::new(options.source);
        doc.targets.id_prefix = options.id_prefix.to_owned();
        doc.targets.auto_id_prefix = options.auto_id_prefix.to_owned();
        doc.targets.legacy_ids = options.legacy_ids;
        let node = doc.root();
        Parser {
            doc,
            options,
            arena,
            styles: Vec::new(),
            depth: 0,
            inside: 0,
            outer: Place::default(),
            node,
            roles: HashMap::new(),
            default_role: None,
            includes: Vec::new(),
            read: 0,
            sphinx: crate::sphinx::State::default(),
        }
    }

    /// Parses the whole source into the document.
    pub fn run(&mut self, text: &'a str) {
        let limits = &self.options.limits;
        let (text, cut) = match text.len() > limits.size {
            true => (&text[..text.floor_char_boundary(limits.size)], true),
            false => (text, false),
        };
        self.read = text.len();
        let root = self.doc.root();
        let all = lines::split(text.strip_prefix('\u{feff}').unwrap_or(text), 0, self.options.tab_width, self.arena);
        if let Some(line) = lines::too_long(&all, limits) {
            let message = self.doc.report(
                Level::Error,
                &format!("Line {line} exceeds the line-length-limit."),
                self.options.source,
                None,
            );
            self.doc.append(root, message);
            return;
        }
        let mut all = Lines::new(all, Place { source: 0, column: 0, line: 1 });
        let body = Body { node: root, titles: true, level_offset: 0 };
        match self.options.header_fields {
            true => self.parse_with_header(&mut all, body),
            false => self.parse_body(&mut all, body),
        };
        if cut {
            let text = format!("The source is longer than {} bytes; the rest is left out.", limits.size);
            let message = self.report(Level::Error, &text, all.here());
            self.doc.append(root, message);
        }
        self.doc.set_here(0, 0);
        self.doc.set_outer(0, 0);
    }

    /// Makes a message about a place.
    pub fn report(&mut self, level: Level, text: &str, place: Place) -> NodeId {
        let source = self.doc.source_name(place.source).to_owned();
        let message = self.doc.report(level, text, &source, (place.line > 0).then_some(place.line));
        self.doc.set_place(message, place.source, place.line);
        if let Some(last) = self.doc.messages.last_mut().filter(|_| place.line > 0) {
            last.column = Some(u32::from(place.column) + 1);
        }
        message
    }

    /// Makes a message about a place, with the source text in question.
    pub fn report_with(&mut self, level: Level, text: &str, place: Place, quote: &str) -> NodeId {
        let message = self.report(level, text, place);
        self.doc.quote_source(message, quote);
        message
    }

    /// Says which line is looked at.
    pub fn stand_at(&mut self, lines: &Lines<'a>, at: usize) {
        let place = lines.place(at);
        self.doc.set_here(place.source, place.line);
        if self.inside == 0 {
            self.outer = place;
            self.doc.set_outer(place.source, place.line);
        }
    }

    /// Parses a block inside another into `node`.
    pub fn nested(&mut self, block: Vec<Line<'a>>, place: Place, node: NodeId) {
        self.nested_body(block, place, Body::of(node));
    }

    /// Parses a block inside another, and returns the element that was filled last.
    pub fn nested_body(&mut self, block: Vec<Line<'a>>, place: Place, body: Body) -> NodeId {
        if self.depth >= self.options.limits.depth {
            let text = format!("Nesting is deeper than {} levels; the text is shown as it stands.", self.depth);
            let message = self.report_with(Level::Error, &text, place, &lines::join(&block));
            self.doc.append(body.node, message);
            return body.node;
        }
        let mut block = Lines::new(block, place);
        let around = std::mem::replace(&mut self.node, body.node);
        self.depth += 1;
        self.inside += 1;
        let last = self.parse_body(&mut block, body);
        self.depth -= 1;
        self.inside -= 1;
        self.node = around;
        let (source, _) = self.doc.here();
        self.doc.set_here(source, 0);
        last
    }

    /// Appends nodes to an element.
    pub fn append_all(&mut self, parent: NodeId, nodes: Vec<NodeId>) {
        for node in nodes {
            self.doc.append(parent, node);
        }
    }

    /// A new element that begins at a place.
    pub fn create_at(&mut self, kind: Kind, place: Place) -> NodeId {
        let node = self.doc.create(kind);
        self.doc.set_place(node, place.source, place.line);
        self.doc.set_column(node, place.column.saturating_add(1));
        node
    }

    /// Adds the warning that a block ended without a blank line.
    pub fn unindent_warning(&mut self, what: &str, lines: &Lines<'a>, node: NodeId) {
        let text = format!("{what} ends without a blank line; unexpected unindent.");
        let message = self.report(Level::Warning, &text, lines.below());
        self.doc.append(node, message);
    }
}
