//! References: those that the parser resolved, and those of Sphinx that only a site can.

use std::borrow::Cow;

use super::{Then, Writer, close, safe_scheme};
use crate::doctree::{Document, Kind, NodeId};

/// Where a reference leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its address, relative ones included.
    pub url: String,
    /// The words to show when the author gave none.
    pub title: Option<String>,
    /// Shown on hovering.
    pub hint: Option<String>,
    /// A class of the link, `issue` or `resolved` for instance.
    pub class: Option<String>,
}

/// A reference to be resolved: `:py:func:`os.walk`` has the domain `py`, the role `func`, the target `os.walk`.
#[derive(Clone, Copy)]
pub struct Xref<'a> {
    /// The domain, `std` for instance; empty for roles of the caller.
    pub domain: &'a str,
    /// The role without its domain.
    pub role: &'a str,
    /// What is referred to, as the author wrote it.
    pub target: &'a str,
    /// True when the author gave words of their own.
    pub explicit: bool,
    /// The document that holds the reference.
    pub doc: &'a Document,
    /// The node, for what else the reference says (`py:module`, `py:class`).
    pub node: NodeId,
}

/// Knows where references lead. The parser and the writer know no site.
///
/// ```
/// use guildhall_rst::html::{HtmlOptions, Link, Resolver, Xref, html};
/// use guildhall_rst::{Options, parse};
///
/// /// A tracker, whose issues the role `issue` names.
/// struct Tracker;
///
/// impl Resolver for Tracker {
///     fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
///         (xref.role == "issue").then(|| Link {
///             url: format!("/issues/{}", xref.target),
///             title: Some(format!("#{}", xref.target)),
///             ..Link::default()
///         })
///     }
/// }
///
/// let doc = parse("See :issue:`12`.\n", &Options { roles: &["issue"], ..Options::new("a.rst") });
/// let options = HtmlOptions { resolver: &Tracker, ..HtmlOptions::default() };
/// assert_eq!(html(&doc, &options), "<p>See <a class=\"xref\" href=\"/issues/12\">#12</a>.</p>\n");
/// ```
pub trait Resolver {
    /// The place of a Sphinx reference; `None` when there is none, and the words stand without a link.
    fn resolve(&self, xref: &Xref<'_>) -> Option<Link>;

    /// The URI of an ordinary link as it shall be written; `None` refuses it. Unless overridden, every harmless scheme is let through.
    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        safe_scheme(uri).then_some(Cow::Borrowed(uri))
    }

    /// The address of an image; `None` refuses it.
    fn image<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        self.url(uri)
    }

    /// The address of a file to be downloaded; `None` refuses it.
    fn download<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        self.url(uri)
    }

    /// The HTML of a toctree; `None` lets the writer make a flat list.
    fn toctree(&self, _doc: &Document, _node: NodeId) -> Option<String> {
        None
    }
}

/// Resolves nothing, and lets harmless links through.
#[derive(Clone, Copy, Debug, Default)]
pub struct SafeLinks;

impl Resolver for SafeLinks {
    fn resolve(&self, _: &Xref<'_>) -> Option<Link> {
        None
    }
}

impl<'a> Xref<'a> {
    /// What a `pending_xref` asks for.
    pub fn of(doc: &'a Document, node: NodeId) -> Xref<'a> {
        Xref {
            domain: doc.get(node, "refdomain").unwrap_or_default(),
            role: doc.get(node, "reftype").unwrap_or_default(),
            target: doc.get(node, "reftarget").unwrap_or_default(),
            explicit: doc.int(node, "refexplicit") == Some(1) || doc.get(node, "refexplicit") == Some("True"),
            doc,
            node,
        }
    }
}

impl Writer<'_> {
    pub(super) fn reference(&mut self, node: NodeId) -> Then {
        match self.doc.kind(node) {
            Kind::Target => return self.target(node),
            Kind::PendingXref => {
                // `leave` takes it back.
                self.unlinkable += 1;
                return self.pending_xref(node);
            }
            _ => self.unlinkable += 1,
        }
        if let Some(id) = self.doc.get(node, "refid").map(str::to_owned) {
            self.begin("a", node, &[]);
            self.local_href(&id);
            self.end();
            return close("</a>");
        }
        let download = self.doc.kind(node) == Kind::DownloadReference;
        let uri = self.doc.get(node, if download { "reftarget" } else { "refuri" });
        let resolver = self.options.resolver;
        let Some(url) = uri.and_then(|uri| if download { resolver.download(uri) } else { resolver.url(uri) }) else {
            self.open("span", node, &["unresolved"]);
            return close("</span>");
        };
        self.begin("a", node, if download { &["download"] } else { &[] });
        self.href(&url);
        if download {
            self.out.push_str(" download");
        }
        if let Some(title) = self.doc.get(node, "reftitle") {
            self.words_attribute("title", title);
        }
        self.end();
        self.more_ids(node);
        close("</a>")
    }

    fn href(&mut self, url: &str) {
        self.uri_attribute("href", url);
        if !self.options.link_rel.is_empty() && url.contains("://") {
            self.attribute("rel", self.options.link_rel);
        }
    }

    fn pending_xref(&mut self, node: NodeId) -> Then {
        let xref = Xref::of(self.doc, node);
        if xref.role == "eq"
            && let Some((id, number)) = self.equation(xref.target)
        {
            self.begin("a", node, &["eqref"]);
            self.local_href(&id);
            self.out.push_str(&format!(">({number})</a>"));
            return Then::Done;
        }
        let Some(link) = self.options.resolver.resolve(&xref) else {
            self.open("span", node, &["xref", "unresolved"]);
            return close("</span>");
        };
        let class = link.class.as_deref().unwrap_or("xref");
        self.begin("a", node, &[class]);
        self.href(&link.url);
        if let Some(hint) = &link.hint {
            self.attribute("title", hint);
        }
        self.end();
        match link.title.filter(|_| !xref.explicit) {
            Some(title) => {
                super::escape_into(&mut self.out, &title);
                self.out.push_str("</a>");
                Then::Done
            }
            None => close("</a>"),
        }
    }

    /// A target in running text is shown; one that stands alone is an anchor, unless it only points elsewhere.
    fn target(&mut self, node: NodeId) -> Then {
        if self.doc.has_children(node) && self.doc.kind(node) == Kind::Target {
            self.open("span", node, &["target"]);
            return close("</span>");
        }
        let elsewhere = ["refuri", "refid", "refname"].iter().any(|key| self.doc.has(node, key));
        if !elsewhere && !self.bare() {
            for id in self.doc.ids(node) {
                self.anchor(id);
            }
        }
        Then::Done
    }
}
