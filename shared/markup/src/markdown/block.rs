//! Block events: quotes, alerts, lists, code.

use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Tag, TagEnd};
use rst::{Kind, NodeId};

use super::builder::Builder;

impl Builder<'_> {
    pub(super) fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => {
                let top = self.top();
                if self.doc.kind(top) == Kind::ListItem
                    && let Some(list) = self.doc.parent(top)
                {
                    self.doc.set(list, "tight", 0);
                }
                self.open_block(Kind::Paragraph);
            }
            Tag::Heading { level, id, classes, .. } => self.start_heading(level, id, &classes),
            Tag::BlockQuote(kind) => drop(self.open_block(match kind {
                None => Kind::BlockQuote,
                Some(BlockQuoteKind::Note) => Kind::Note,
                Some(BlockQuoteKind::Tip) => Kind::Tip,
                Some(BlockQuoteKind::Important) => Kind::Important,
                Some(BlockQuoteKind::Warning) => Kind::Warning,
                Some(BlockQuoteKind::Caution) => Kind::Caution,
            })),
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::HtmlBlock => {
                self.close_implied();
                self.html = Some(String::new());
            }
            Tag::List(first) => self.start_list(first, range),
            Tag::Item => drop(self.open_block(Kind::ListItem)),
            Tag::DefinitionList => drop(self.open_block(Kind::DefinitionList)),
            Tag::DefinitionListTitle => {
                self.close_implied();
                self.open(Kind::Term);
            }
            Tag::DefinitionListDefinition => drop(self.open_block(Kind::Definition)),
            Tag::FootnoteDefinition(label) => self.start_footnote(&label),
            Tag::Table(alignments) => self.start_table(&alignments),
            Tag::TableHead | Tag::TableRow => self.start_row(matches!(tag, Tag::TableHead)),
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {
                self.start_emphasis(&tag)
            }
            Tag::Link { link_type, dest_url, title, .. } => self.start_link(link_type, &dest_url, &title),
            Tag::Image { dest_url, title, .. } => self.start_image(&dest_url, &title),
            Tag::MetadataBlock(_) => drop(self.open_block(Kind::Comment)),
        }
    }

    pub(super) fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html.take() {
                    self.html_block(&html);
                }
            }
            TagEnd::Table => self.end_table(),
            TagEnd::Image => self.end_image(),
            TagEnd::DefinitionList => {
                if let Some(list) = self.close() {
                    self.group_definitions(list);
                }
            }
            _ => drop(self.close()),
        }
    }

    fn start_list(&mut self, first: Option<u64>, range: Range<usize>) {
        let node = self.open_block(if first.is_some() { Kind::EnumeratedList } else { Kind::BulletList });
        self.doc.set(node, "tight", 1);
        let marker = self.source[range].trim_start().bytes().find(|b| !b.is_ascii_digit()).unwrap_or(b'-');
        let marker = char::from(marker).to_string();
        match first {
            None => self.doc.set(node, "bullet", marker),
            Some(first) => {
                self.doc.set(node, "enumtype", "arabic");
                self.doc.set(node, "prefix", "");
                self.doc.set(node, "suffix", marker);
                if first != 1 {
                    self.doc.set(node, "start", i64::try_from(first).unwrap_or(1));
                }
            }
        }
    }

    pub(super) fn task(&mut self, checked: bool) {
        let item = self.stack.iter().rev().map(|f| f.node).find(|&n| self.doc.kind(n) == Kind::ListItem);
        if let Some(item) = item {
            self.doc.set(item, "checked", i64::from(checked));
            self.doc.add_class(item, "task");
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        let node = self.open_block(Kind::LiteralBlock);
        self.doc.set(node, "xml:space", "preserve");
        if let CodeBlockKind::Fenced(info) = kind {
            self.doc.set(node, "info", info.as_ref());
            let language = info.split_whitespace().next().unwrap_or_default();
            if !language.is_empty() {
                self.doc.set(node, "language", language);
            }
        }
    }

    fn end_code(&mut self) {
        let Some(node) = self.close() else { return };
        let info = self.doc.unset(node, "info").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        if self.options.myst && info.starts_with('{') {
            self.directive(node, &info);
        }
    }

    fn end_paragraph(&mut self) {
        let Some(node) = self.close() else { return };
        if self.options.myst && self.doc.kind(node) == Kind::Paragraph {
            self.take_labels(node);
        }
    }

    /// Terms and definitions come side by side; the tree wants them in items.
    fn group_definitions(&mut self, list: NodeId) {
        let children: Vec<NodeId> = self.doc.children(list).collect();
        let mut item = None;
        for child in children {
            let term = self.doc.kind(child) == Kind::Term;
            let open = item.filter(|_| !term);
            let place = open.unwrap_or_else(|| self.doc.create(Kind::DefinitionListItem));
            if open.is_none() {
                self.doc.insert_before(child, place);
                item = Some(place);
            }
            self.doc.append(place, child);
        }
    }
}
