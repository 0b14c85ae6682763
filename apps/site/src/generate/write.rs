//! Writing one page: numbers put in, references resolved, links into other pages checked.

use std::collections::HashMap;

use markup::{Hooks, PageOptions, PageTree};
use rst::{Kind, NodeId};

use super::facts::{Facts, word_of};
use super::index::Index;
use super::resolve::{LIVING, PageResolver, Question};
use super::{Form, Heading, Kind as PageKind, Page, Warning, digest, lists};

/// A page as it was written, and what it depends on.
#[derive(Clone, Debug)]
pub struct Written {
    pub page: std::sync::Arc<Page>,
    pub warnings: Vec<Warning>,
    asked: HashMap<Question, u64>,
    numbers: u64,
}

impl Written {
    /// Whether writing the page again would give the same, as far as others have a say in it.
    pub fn still_holds(&self, index: &Index<'_>, source: &str) -> bool {
        let resolver = PageResolver::of(index, source);
        self.numbers == numbers(index, source)
            && self.asked.iter().all(|(question, answer)| resolver.answer(question) == *answer)
    }
}

/// Without links to a hub that is not there.
struct Quiet;

impl rst::html::Hooks for Quiet {
    fn code(&self, code: &str, language: &str) -> Option<String> {
        Hooks::default().code(code, language)
    }

    fn math(&self, latex: &str, block: bool) -> Option<String> {
        Hooks::default().math(latex, block)
    }

    fn text(&self, text: &str, out: &mut String) {
        markup::autolink::write_urls(out, text);
    }
}

/// The roles that pages of this site know besides those of reST and Sphinx.
pub fn roles(settings: &super::Settings) -> Vec<&str> {
    LIVING.into_iter().chain(settings.extlinks.keys().map(String::as_str)).collect()
}

/// Writes a page.
pub fn write(index: &Index<'_>, source: &str, mut tree: PageTree, options: &PageOptions<'_>) -> Written {
    let resolver = PageResolver::of(index, source);
    let facts = index.pages[source];
    put_numbers(&mut tree, index, source);
    name_numbers(&mut tree, index);
    let quiet = matches!(index.wish.form, Form::Files { .. });
    let hooks: Option<&dyn rst::html::Hooks> = if quiet { Some(&Quiet) } else { None };
    let output = tree.write(&PageOptions { resolver: Some(&resolver), hooks, ..*options });
    let mut warnings: Vec<Warning> =
        output.warnings.iter().map(|told| Warning::new(source, told.line, told.text.as_str())).collect();
    for link in output.links.iter().filter(|link| !link.image) {
        if let Some(text) = lost_fragment(index, source, &link.target) {
            warnings.push(Warning::new(source, link.line, text));
        }
    }
    warnings.sort();
    warnings.dedup();
    let mut mentions = resolver.mentions.into_inner();
    mentions.sort();
    mentions.dedup();
    mentions.retain(|mention| !mention.is_empty());
    let (html, text) = (output.html, output.text);
    let page = page(index, source, facts, html, text, mentions);
    Written {
        page: std::sync::Arc::new(page),
        warnings,
        asked: resolver.asked.into_inner(),
        numbers: numbers(index, source),
    }
}

fn page(index: &Index<'_>, source: &str, facts: &Facts, html: String, text: String, mentions: Vec<String>) -> Page {
    let path = super::files::address(source);
    let title = facts.title.clone().unwrap_or_else(|| lists::words_of(&path));
    let meta = &facts.meta;
    let summary = meta
        .get("summary")
        .or(meta.get("description"))
        .map_or_else(|| markup::excerpt(text.strip_prefix(title.as_str()).unwrap_or(&text).trim(), 240), str::to_owned);
    let toc = facts.toc.iter().map(|heading| {
        let number = index.numbers.section_number(source, &heading.id);
        let title = number.map_or_else(|| heading.title.clone(), |number| format!("{number} {}", heading.title));
        Heading { level: heading.level, id: heading.id.clone(), title }
    });
    Page {
        kind: if path == "news" || meta.get("kind") == Some("news") { PageKind::News } else { PageKind::Page },
        date: meta.get("date").and_then(|date| date.get(..10)?.parse().ok()),
        tags: tags(facts),
        order: meta.get("order").or(meta.get("weight")).and_then(|n| n.parse().ok()).unwrap_or(1000),
        redirects: meta.list("redirect_from").iter().map(|from| from.trim_matches('/').to_owned()).collect(),
        draft: facts.is_marked("draft"),
        toc: toc.collect(),
        source: source.to_owned(),
        path,
        title,
        html,
        text,
        summary,
        mentions,
    }
}

/// The tags of a page, also as one field of reST with commas.
pub fn tags(facts: &Facts) -> Vec<String> {
    let all = facts.meta.list("tags").iter().flat_map(|tags| tags.split(','));
    let mut tags: Vec<String> = all.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// What the page's own numbers are.
fn numbers(index: &Index<'_>, source: &str) -> u64 {
    let Some(facts) = index.pages.get(source) else { return 0 };
    let sections: Vec<Option<&str>> =
        facts.toc.iter().map(|heading| index.numbers.section_number(source, &heading.id)).collect();
    digest(&(sections, index.numbers.captions_of(source)))
}

/// Puts the numbers of sections and captions into the tree.
fn put_numbers(tree: &mut PageTree, index: &Index<'_>, source: &str) {
    let doc = &mut tree.document;
    if index.numbers.has_sections() {
        for title in doc.all(Kind::Title) {
            let Some(owner) = doc.parent(title) else { continue };
            let number = doc.ids(owner).first().and_then(|id| index.numbers.section_number(source, id));
            if let Some(number) = number.map(|number| format!("{number}\u{a0}\u{a0}")) {
                prepend(doc, title, "sectnum", &number);
            }
        }
    }
    let captions = index.numbers.captions_of(source);
    if captions.is_empty() {
        return;
    }
    let things: Vec<(NodeId, &'static str)> =
        doc.descendants(doc.root()).filter_map(|node| Some((node, word_of(doc, node)?))).collect();
    for ((node, word), number) in things.into_iter().zip(captions) {
        let caption = doc.children(node).find(|&n| matches!(doc.kind(n), Kind::Caption | Kind::Title));
        if let Some(caption) = caption {
            prepend(doc, caption, "caption-number", &format!("{word} {number} "));
        }
    }
}

fn prepend(doc: &mut rst::Document, node: NodeId, class: &str, text: &str) {
    let label = doc.create(Kind::Generated);
    doc.push(label, "classes", class);
    doc.add_text(label, text);
    doc.prepend(node, label);
}

/// `:numref:`: the words become the number of what is meant.
fn name_numbers(tree: &mut PageTree, index: &Index<'_>) {
    let doc = &mut tree.document;
    for node in doc.all(Kind::PendingXref) {
        if doc.get(node, "reftype") != Some("numref") {
            continue;
        }
        let target = doc.get(node, "reftarget").unwrap_or_default().to_lowercase();
        let Some(place) = index.labels.get(target.as_str()) else { continue };
        let explicit = doc.int(node, "refexplicit") == Some(1);
        let (word, number) = match index.numbers.caption(place.source, place.id) {
            Some((word, number)) => (word, number.to_owned()),
            None => match index.numbers.section_number(place.source, place.id) {
                Some(number) => ("Section", number.to_owned()),
                None => continue,
            },
        };
        let format = if explicit { doc.text_of(node) } else { format!("{word} %s") };
        let words = format
            .replacen("%s", &number, 1)
            .replace("{number}", &number)
            .replace("{name}", place.title.unwrap_or_default());
        let Some(text) = doc.descendants(node).find(|&n| doc.kind(n) == Kind::Text) else { continue };
        doc.set_text(text, &words);
        doc.set(node, "refexplicit", 1);
    }
}

/// What is wrong with a link into a page whose fragment is not there.
fn lost_fragment(index: &Index<'_>, source: &str, target: &str) -> Option<String> {
    if target.contains(':') {
        return None;
    }
    let (path, fragment) = target.split_once('#')?;
    let page = if path.is_empty() { source } else { index.names.page(source, path)? };
    let facts = index.pages.get(page)?;
    let known = fragment.is_empty() || facts.opaque || facts.ids.contains(fragment);
    (!known).then(|| format!("The link {target:?} leads to the page, but nothing there is called {fragment:?}."))
}
