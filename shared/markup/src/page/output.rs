//! Writing a page: HTML, title, contents, warnings.

use rst::html::{HtmlOptions, Resolver, SafeLinks, holds, html};
use rst::{Event, Kind, Level, NodeId};

use super::links::Link;
use super::survey::Survey;
use super::{LocalLinks, PageOptions, PageTree};
use crate::frontmatter::Meta;
use crate::hooks::Hooks;
use crate::scrolled::scrolled;

/// One heading, for the contents of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 for the title, 2 for a section, and so on.
    pub level: u8,
    pub id: String,
    /// Its text, not HTML.
    pub title: String,
}

/// Something that is wrong in the source; the page is made nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line in the source, counted from 1; 0 when it is the whole page.
    pub line: usize,
    pub text: String,
}

/// A page as the site needs it.
#[derive(Clone, Debug, Default)]
pub struct PageOutput {
    /// The body, without `<html>` and `<head>`.
    pub html: String,
    /// From the head of the source, or its first heading; text, not HTML.
    pub title: Option<String>,
    pub toc: Vec<Heading>,
    pub meta: Meta,
    pub links: Vec<Link>,
    pub warnings: Vec<Warning>,
    /// All words of the page, for a search.
    pub text: String,
}

impl PageTree {
    /// Writes the page.
    pub fn write(&self, options: &PageOptions<'_>) -> PageOutput {
        let hooks = Hooks { viewer: options.viewer };
        let survey = Survey::of(&self.document);
        let local;
        let resolver: &dyn Resolver = match options.resolver {
            Some(resolver) => resolver,
            None if survey.pending.is_empty() => &SafeLinks,
            None => {
                local = LocalLinks::of(self);
                &local
            }
        };
        // Raw nodes that are not to be trusted never enter the tree.
        let hooks: &dyn rst::html::Hooks = options.hooks.unwrap_or(&hooks);
        let (tags, language) = (options.tags, options.language);
        let writer = HtmlOptions { resolver, hooks, raw: true, tags, language, ..HtmlOptions::default() };
        let mut warnings = self.warnings();
        let links = self.links_in(&survey);
        warnings.extend(self.refused(&links, &survey, resolver));
        warnings.sort_by_key(|w| w.line);
        PageOutput {
            html: scrolled(html(&self.document, &writer)),
            title: self.title_in(&survey),
            toc: self.toc_in(&survey, options.tags),
            meta: self.meta_in(&survey),
            links,
            warnings,
            text: self.text(),
        }
    }

    /// The title: from the head of the source, or the first heading.
    pub fn title(&self) -> Option<String> {
        self.title_in(&Survey::of(&self.document))
    }

    fn title_in(&self, survey: &Survey) -> Option<String> {
        let doc = &self.document;
        let heading =
            |n: &&NodeId| doc.parent(**n).is_some_and(|p| matches!(doc.kind(p), Kind::Document | Kind::Section));
        let first = || survey.titles.iter().find(heading).map(|&n| doc.text_of(n));
        self.meta.get("title").map(str::to_owned).or_else(first)
    }

    /// All headings in the order of the page, without those that `only` hides.
    pub fn toc(&self, tags: &[&str]) -> Vec<Heading> {
        self.toc_in(&Survey::of(&self.document), tags)
    }

    fn toc_in(&self, survey: &Survey, tags: &[&str]) -> Vec<Heading> {
        let doc = &self.document;
        let titled = doc.first_child(doc.root()).is_some_and(|n| doc.kind(n) == Kind::Title);
        let hides = |n: NodeId| doc.kind(n) == Kind::Only && !holds(doc.get(n, "expr").unwrap_or_default(), tags);
        let mut toc = Vec::new();
        for &title in &survey.titles {
            let Some(owner) = doc.parent(title).filter(|_| !doc.ancestors(title).any(hides)) else { continue };
            let level = match doc.kind(owner) {
                Kind::Document => 1,
                Kind::Section => {
                    doc.ancestors(title).filter(|&n| doc.kind(n) == Kind::Section).count() + usize::from(titled)
                }
                _ => continue,
            };
            let id = doc.ids(owner).first().cloned().unwrap_or_default();
            toc.push(Heading { level: u8::try_from(level).unwrap_or(u8::MAX), id, title: doc.text_of(title) });
        }
        toc
    }

    /// The head of the source and, in reST, the bibliography and `meta` directives; the head counts more.
    pub fn meta(&self) -> Meta {
        self.meta_in(&Survey::of(&self.document))
    }

    fn meta_in(&self, survey: &Survey) -> Meta {
        let doc = &self.document;
        let mut meta = self.meta.clone();
        let mut add = |key: &str, value: &str| {
            if self.meta.get(key).is_none() && !key.is_empty() {
                meta.add(key, value);
            }
        };
        for node in survey.docinfo.iter().flat_map(|&n| doc.descendants(n)) {
            let kind = doc.kind(node);
            match kind {
                Kind::Field => {
                    let part = |kind| {
                        doc.children(node).find(|&n| doc.kind(n) == kind).map(|n| doc.text_of(n)).unwrap_or_default()
                    };
                    add(part(Kind::FieldName).trim(), part(Kind::FieldBody).trim());
                }
                Kind::Docinfo | Kind::Authors => {}
                _ if (Kind::Author..=Kind::Copyright).contains(&kind) => add(kind.name(), &doc.text_of(node)),
                _ => {}
            }
        }
        for &node in &survey.meta {
            add(doc.get(node, "name").unwrap_or_default(), doc.get(node, "content").unwrap_or_default());
        }
        meta
    }

    fn warnings(&self) -> Vec<Warning> {
        let grave = self.document.messages.iter().filter(|m| m.level >= Level::Warning);
        let line = |l: Option<u32>| l.and_then(|l| usize::try_from(l).ok()).unwrap_or(0);
        grave.map(|m| Warning { line: line(m.line), text: m.text.clone() }).collect()
    }

    /// Links that the resolver refuses, and references that it does not know.
    fn refused(&self, links: &[Link], survey: &Survey, resolver: &dyn Resolver) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for link in links {
            let ok =
                if link.image { resolver.image(&link.target).is_some() } else { resolver.url(&link.target).is_some() };
            if !ok {
                let what = if link.image { "image" } else { "link" };
                let text = format!("The {what} {:?} leads nowhere, or has a scheme that is not allowed.", link.target);
                warnings.push(Warning { line: link.line, text });
            }
        }
        for (xref, line) in self.references_in(survey.pending.clone()) {
            // A formula of this page is known to the writer.
            if xref.role != "eq" && resolver.resolve(&xref).is_none() {
                let role = if xref.domain.is_empty() {
                    xref.role.to_owned()
                } else {
                    format!("{}:{}", xref.domain, xref.role)
                };
                warnings
                    .push(Warning { line, text: format!("Nothing is known by the name {:?} ({role}).", xref.target) });
            }
        }
        warnings
    }

    /// All words that the page shows, without raw parts.
    pub fn text(&self) -> String {
        let doc = &self.document;
        let mut out = String::new();
        // Something that is no inline element began or ended since the last word.
        let mut apart = false;
        let mut events = doc.events(doc.root());
        while let Some(event) = events.next() {
            let (Event::Enter(node) | Event::Leave(node)) = event;
            let kind = doc.kind(node);
            apart |= !kind.is_inline();
            if event != Event::Enter(node) {
                continue;
            }
            match kind {
                Kind::Text => {
                    if std::mem::take(&mut apart) && !out.is_empty() {
                        out.push('\n');
                    }
                    out.push_str(doc.text(node));
                }
                Kind::Raw => {
                    out.push_str(doc.get(node, "text").unwrap_or_default());
                    events.skip_children(node);
                }
                Kind::SystemMessage => events.skip_children(node),
                // A target may hold words.
                Kind::Target => {}
                _ if kind.is_invisible() => events.skip_children(node),
                _ => {}
            }
        }
        out
    }
}
