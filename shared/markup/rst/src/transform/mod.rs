//! Transforms: what is done to a document after it was read ("Docutils Transforms").
//!
//! Each transform has its file, named after docutils' class. [`apply`] runs them in the order of docutils' priorities, as its standalone reader
//! does; [`apply_named`] runs those that are named.

mod anonymous_hyperlinks;
mod class_attribute;
mod contents;
mod dangling_references;
mod doc_info;
mod doc_title;
mod external_targets;
mod filter_messages;
mod footnotes;
mod indirect_hyperlinks;
mod internal_targets;
mod links;
mod messages;
mod propagate_targets;
mod sect_num;
mod section_ids;
mod section_sub_title;
mod smart_quotes;
mod strip_classes_and_elements;
mod strip_comments;
mod substitutions;
mod target_notes;
mod test_messages;
mod transitions;

use crate::doctree::{Document, Kind, Level, NodeId};
use crate::options::{NODE_COST, Options};

/// What transforms need besides the document and the caller's options.
#[derive(Clone, Debug, Default)]
pub struct Settings<'a> {
    /// Elements with these classes are taken out.
    pub strip_elements_with_classes: Vec<&'a str>,
    /// These classes are taken off.
    pub strip_classes: Vec<&'a str>,
    /// Comments are taken out.
    pub strip_comments: bool,
    /// Messages below this level are taken out; none stays when it is above 4.
    pub report_level: i64,
}

/// One document being transformed.
struct Work<'d, 'o> {
    doc: &'d mut Document,
    options: &'o Options<'o>,
    settings: &'o Settings<'o>,
    links: links::Links,
    /// Targets and references in document order, once they were looked for.
    listed: Option<(Vec<NodeId>, Vec<NodeId>)>,
    /// Mere information will be filtered out: none need be made.
    infos_go: bool,
    /// How many messages the parser left.
    parsed: usize,
    /// Steps and nodes that contents, section numbers and target notes may still take. One of each costs what the
    /// document is long, so that many of them would cost its square.
    room: usize,
}

type Transform = fn(&mut Work<'_, '_>);

/// Every transform: docutils' name, its priority, what it does.
const TRANSFORMS: &[(&str, u32, Transform)] = &[
    ("ClassAttribute", 210, |work| work.class_attributes()),
    ("Substitutions", 220, |work| work.substitutions()),
    ("SectionIDs", 240, |work| work.section_ids()),
    ("PropagateTargets", 260, |work| work.propagate_targets()),
    ("DocTitle", 320, |work| work.doc_title()),
    ("DocInfo", 340, |work| work.doc_info()),
    ("SectionSubTitle", 350, |work| work.section_sub_title()),
    ("StripClassesAndElements", 420, |work| work.strip_classes_and_elements()),
    ("AnonymousHyperlinks", 440, |work| work.anonymous_hyperlinks()),
    ("IndirectHyperlinks", 460, |work| work.indirect_hyperlinks()),
    ("TargetNotes", 540, |work| work.target_notes()),
    ("Footnotes", 620, |work| work.footnotes()),
    ("ExternalTargets", 640, |work| work.external_targets()),
    ("InternalTargets", 660, |work| work.internal_targets()),
    ("SectNum", 710, |work| work.sect_num()),
    ("Contents", 720, |work| work.contents()),
    ("StripComments", 740, |work| work.strip_comments()),
    ("Transitions", 830, |work| work.transitions()),
    ("DanglingReferences", 850, |work| work.dangling_references()),
    ("SmartQuotes", 855, |work| work.smart_quotes()),
    ("Messages", 860, |work| work.messages()),
    ("FilterMessages", 870, |work| work.filter_messages()),
    ("TestMessages", 880, |work| work.test_messages()),
];

/// Resolves references, numbers footnotes, fills contents, and so on: all that docutils' standalone reader does.
pub fn apply(doc: &mut Document, options: &Options<'_>) {
    let settings = Settings { report_level: options.report_level, ..Settings::default() };
    let off = |name: &str| match name {
        "DocTitle" => !options.document_title,
        "DocInfo" => !options.docinfo,
        "SectionSubTitle" => !options.section_subtitles,
        "SmartQuotes" => !options.smart_quotes,
        "TestMessages" => true,
        _ => false,
    };
    let names: Vec<&str> = TRANSFORMS.iter().map(|(name, ..)| *name).filter(|name| !off(name)).collect();
    apply_named(doc, options, &settings, &names);
}

/// Runs the transforms of these names, by docutils' priorities whatever the order of the names; a name that is no
/// transform's is passed over.
///
/// ```
/// use guildhall_rst::transform::{Settings, apply_named};
/// use guildhall_rst::{Options, parse_only};
/// let options = Options::new("a.rst");
/// let mut doc = parse_only("Title\n=====\n\n.. a comment\n\nText.\n", &options);
/// let settings = Settings { strip_comments: true, ..Settings::default() };
/// apply_named(&mut doc, &options, &settings, &["StripComments", "DocTitle"]);
/// assert_eq!(doc.get(doc.root(), "title"), Some("Title"));
/// assert_eq!(doc.text_of(doc.root()), "Title\n\nText.");
/// ```
pub fn apply_named(doc: &mut Document, options: &Options<'_>, settings: &Settings<'_>, names: &[&str]) {
    let parsed = doc.messages.len();
    let infos_go = names.contains(&"FilterMessages") && settings.report_level > Level::Info as i64;
    let room = doc.len().saturating_mul(4).saturating_add(options.limits.expansion / NODE_COST);
    let links = links::Links::default();
    let mut work = Work { doc, options, settings, links, listed: None, infos_go, parsed, room };
    for (name, _, transform) in TRANSFORMS {
        if names.contains(name) {
            transform(&mut work);
        }
    }
}

impl Work<'_, '_> {
    /// Looks for targets and references, once; transforms after this one only take nodes out.
    fn list_links(&mut self) -> &(Vec<NodeId>, Vec<NodeId>) {
        self.listed.get_or_insert_with(|| {
            let (mut targets, mut references) = (Vec::new(), Vec::new());
            let kinds = [Kind::Target, Kind::Reference, Kind::FootnoteReference, Kind::CitationReference];
            if kinds.iter().any(|&kind| self.doc.has_kind(kind)) {
                for node in self.doc.descendants(self.doc.root()) {
                    match self.doc.kind(node) {
                        Kind::Target => targets.push(node),
                        kind if kinds.contains(&kind) => references.push(node),
                        _ => {}
                    }
                }
            }
            (targets, references)
        })
    }

    /// The targets in the tree.
    fn all_targets(&mut self) -> Vec<NodeId> {
        let targets = self.list_links().0.clone();
        targets.into_iter().filter(|&n| self.doc.parent(n).is_some()).collect()
    }

    /// The references of all kinds in the tree.
    fn all_references(&mut self) -> Vec<NodeId> {
        let references = self.list_links().1.clone();
        references.into_iter().filter(|&n| self.doc.parent(n).is_some()).collect()
    }

    fn all(&self, kind: Kind) -> Vec<NodeId> {
        self.doc.all(kind)
    }

    /// The `pending` elements in the tree that wait for a transform.
    fn pending(&self, transform: &str) -> Vec<NodeId> {
        let waiting = self.doc.all_pending().iter().filter(|(_, plan)| plan.transform.ends_with(transform));
        waiting.map(|(node, _)| *node).filter(|&node| self.doc.parent(node).is_some()).collect()
    }

    /// Takes steps out of the room there is; false when there is none left.
    fn spend(&mut self, steps: usize) -> bool {
        let left = self.room.checked_sub(steps);
        self.room = left.unwrap_or(0);
        left.is_some()
    }

    /// Says in the place of a `pending` element that it was not filled.
    fn refuse_costly(&mut self, pending: NodeId, what: &str) {
        let text = format!("{what} are left out: they would cost more than a document of this size may.");
        let message = self.doc.report_at(Level::Error, &text, pending);
        self.replace_whole(pending, &[message]);
    }

    /// Puts a `problematic` element with its source in the place of a node.
    fn replace_by_problematic(&mut self, node: NodeId, message: NodeId, message_id: &str) {
        let problematic = self.doc.create(Kind::Problematic);
        let source = self.doc.raw_source(node).to_owned();
        self.doc.add_text(problematic, &source);
        self.doc.set(problematic, "refid", message_id);
        let id = self.doc.set_id(problematic, None);
        self.doc.push(message, "backrefs", id);
        self.replace_whole(node, &[problematic]);
    }

    /// Puts other nodes in the place of one; the first takes its names, identifiers and classes.
    fn replace_whole(&mut self, node: NodeId, with: &[NodeId]) {
        if let Some(&first) = with.first().filter(|&&n| self.doc.kind(n) != Kind::Text) {
            for key in ["ids", "classes", "names", "dupnames"] {
                let list = self.doc.list(node, key).to_vec();
                self.doc.extend(first, key, list);
            }
        }
        self.doc.replace(node, with);
    }

    /// Reports a fault of a reference and shows its source in its place.
    fn refuse_reference(&mut self, node: NodeId, text: &str) -> Option<NodeId> {
        if self.is_full_of_faults() {
            self.replace_by_source(node);
            return None;
        }
        let message = self.doc.report_at(Level::Error, text, node);
        let id = self.doc.set_id(message, None);
        self.replace_by_problematic(node, message, &id);
        Some(message)
    }

    /// True when there are so many faults that further ones are not reported; the first time, that is said.
    fn is_full_of_faults(&mut self) -> bool {
        let (known, most) = (self.doc.faults(), self.options.limits.messages);
        if known == most {
            let text = format!("There are more than {most} faults; references that lead nowhere stand as they are.");
            self.doc.report(Level::Error, &text, self.options.source, None);
        }
        known >= most
    }

    /// Puts the source of a reference in its place.
    fn replace_by_source(&mut self, node: NodeId) {
        let source = self.doc.raw_source(node).to_owned();
        let text = self.doc.create_text(&source);
        self.doc.replace(node, &[text]);
    }

    /// The next node in document order that is not below this one.
    fn following(&self, node: NodeId) -> Option<NodeId> {
        let up = std::iter::once(node).chain(self.doc.ancestors(node));
        up.into_iter().find_map(|n| self.doc.next_sibling(n))
    }
}
