//! Roles of Sphinx (Sphinx documentation, "Roles").

use crate::doctree::{Kind, NodeId};
use crate::inline::unescape;
use crate::parser::Parser;
use crate::role::{Outcome, Role as Custom, Use};

/// A role of the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A reference: its domain and its name in the domain.
    Xref {
        domain: &'static str,
        name: &'static str,
    },
    /// One of the caller's roles, by its number.
    Callers(usize),
    /// An element with a class.
    Element {
        kind: Kind,
        class: &'static str,
    },
    Abbreviation,
    Menu,
    /// Text in which braces emphasise.
    Braces(&'static str),
    Index,
    /// A reference into a register on the web: its sign and the start of the address.
    Register {
        sign: &'static str,
        url: &'static str,
    },
}

const PY: &[&str] = &[
    "func",
    "data",
    "const",
    "class",
    "meth",
    "classmethod",
    "staticmethod",
    "attr",
    "exc",
    "mod",
    "obj",
    "type",
    "deco",
];
const C: &[&str] =
    &["member", "data", "var", "func", "macro", "struct", "union", "enum", "enumerator", "type", "expr", "texpr"];
const CPP: &[&str] =
    &["any", "class", "struct", "func", "member", "var", "type", "concept", "enum", "enumerator", "expr", "texpr"];
const JS: &[&str] = &["mod", "func", "meth", "class", "data", "attr"];
const RST: &[&str] = &["dir", "role"];
const STD: &[&str] =
    &["ref", "doc", "numref", "any", "term", "option", "envvar", "keyword", "token", "confval", "download", "eq"];

const DOMAINS: &[(&str, &[&str])] = &[("py", PY), ("c", C), ("cpp", CPP), ("js", JS), ("rst", RST), ("std", STD)];

/// The role of a name, in its domain or in the default one.
pub(super) fn find(name: &str, default_domain: &str, callers: &[&str]) -> Option<Role> {
    if let Some(number) = callers.iter().position(|known| *known == name) {
        return Some(Role::Callers(number));
    }
    let in_domain = |domain: &str, name: &str| {
        let (domain, names) = DOMAINS.iter().find(|(known, _)| *known == domain)?;
        let name = names.iter().find(|known| **known == name)?;
        Some(Role::Xref { domain, name })
    };
    match name.split_once(':') {
        Some((domain, name)) => in_domain(domain, name),
        None => plain(name).or_else(|| in_domain(default_domain, name)).or_else(|| in_domain("std", name)),
    }
}

fn plain(name: &str) -> Option<Role> {
    let element = |kind, class| Role::Element { kind, class };
    Some(match name {
        "command" => element(Kind::Strong, "command"),
        "program" => element(Kind::Strong, "program"),
        "dfn" => element(Kind::Emphasis, "dfn"),
        "mailheader" => element(Kind::Emphasis, "mailheader"),
        "makevar" => element(Kind::Strong, "makevar"),
        "mimetype" => element(Kind::Emphasis, "mimetype"),
        "newsgroup" => element(Kind::Emphasis, "newsgroup"),
        "kbd" => element(Kind::Literal, "kbd"),
        "regexp" => element(Kind::Literal, "regexp"),
        "manpage" => element(Kind::Manpage, "manpage"),
        "guilabel" => element(Kind::Inline, "guilabel"),
        "menuselection" => Role::Menu,
        "file" => Role::Braces("file"),
        "samp" => Role::Braces("samp"),
        "abbr" => Role::Abbreviation,
        "index" => Role::Index,
        "pep" => Role::Register { sign: "PEP ", url: "https://peps.python.org/pep-" },
        "rfc" => Role::Register { sign: "RFC ", url: "https://datatracker.ietf.org/doc/html/rfc" },
        "cve" => Role::Register { sign: "CVE ", url: "https://www.cve.org/CVERecord?id=CVE-" },
        "cwe" => Role::Register { sign: "CWE ", url: "https://cwe.mitre.org/data/definitions/" },
        _ => return None,
    })
}

/// The words and the target of `words <target>`.
pub(super) fn split_explicit(text: &str) -> (Option<String>, String) {
    if let Some(inner) = text.strip_suffix('>')
        && let Some(open) = inner.rfind('<')
        && open > 0
        && !inner[..open].ends_with('\\')
        && !inner[open + 1..].is_empty()
    {
        return (Some(unescape(inner[..open].trim_end())), unescape(&inner[open + 1..]));
    }
    (None, unescape(text))
}

impl<'a> Parser<'a> {
    pub(crate) fn sphinx_role(&mut self, role: Role, custom: &Custom, using: &Use<'_>) -> Outcome {
        let node = match role {
            Role::Xref { domain: "std", name: "download" } => self.download(using),
            Role::Xref { domain, name } => self.xref(domain, name, using),
            Role::Callers(number) => {
                let name = self.options.roles.get(number).copied().unwrap_or("");
                self.callers_role(name, using)
            }
            Role::Element { kind, class } => {
                let node = self.classed(kind, class);
                let text = if class == "guilabel" { accelerator(&Self::shown(using)) } else { Self::shown(using) };
                self.doc.add_text(node, &text);
                node
            }
            Role::Menu => {
                let node = self.classed(Kind::Inline, "menuselection");
                let text = accelerator(&Self::shown(using)).replace("-->", "\u{2023}");
                self.doc.add_text(node, &text);
                node
            }
            Role::Braces(class) => self.braces(class, using.text),
            Role::Abbreviation => self.abbreviation(&Self::shown(using)),
            Role::Index => return self.index_role(using),
            Role::Register { sign, url } => self.register(sign, url, using),
        };
        for class in custom.class_list() {
            self.doc.push(node, "classes", class.clone());
        }
        (vec![node], Vec::new())
    }

    pub(super) fn classed(&mut self, kind: Kind, class: &str) -> NodeId {
        let node = self.doc.create(kind);
        self.doc.push(node, "classes", class);
        node
    }

    fn callers_role(&mut self, name: &str, using: &Use<'_>) -> NodeId {
        let (words, target) = split_explicit(using.text);
        let node = self.doc.create(Kind::PendingXref);
        self.doc.set(node, "reftype", name);
        self.doc.set(node, "reftarget", target.as_str());
        self.doc.set(node, "refexplicit", i64::from(words.is_some()));
        self.doc.add_text(node, words.as_deref().unwrap_or(&target));
        node
    }

    fn download(&mut self, using: &Use<'_>) -> NodeId {
        let (words, target) = split_explicit(using.text);
        let node = self.doc.create(Kind::DownloadReference);
        self.doc.set(node, "reftarget", target.as_str());
        let literal = self.classed(Kind::Literal, "download");
        self.doc.add_text(literal, words.as_deref().unwrap_or(&target));
        self.doc.append(node, literal);
        node
    }

    /// Literal text in which `{x}` emphasises; a backslash takes a brace as it is.
    fn braces(&mut self, class: &str, raw: &str) -> NodeId {
        let node = self.classed(Kind::Literal, class);
        let text = unescape(raw);
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((inner, tail)) = after.split_once('}').filter(|(inner, _)| !inner.is_empty()) else { break };
            if !before.is_empty() {
                self.doc.add_text(node, before);
            }
            self.doc.add_with_text(node, Kind::Emphasis, inner);
            rest = tail;
        }
        if !rest.is_empty() {
            self.doc.add_text(node, rest);
        }
        node
    }

    fn abbreviation(&mut self, text: &str) -> NodeId {
        let node = self.doc.create(Kind::Abbreviation);
        let split = text.strip_suffix(')').and_then(|inner| inner.split_once('('));
        match split {
            Some((short, long)) => {
                self.doc.set(node, "explanation", long);
                self.doc.add_text(node, short.trim_end());
            }
            None => drop(self.doc.add_text(node, text)),
        }
        node
    }

    fn register(&mut self, sign: &str, url: &str, using: &Use<'_>) -> NodeId {
        let (words, target) = split_explicit(using.text);
        let (number, anchor) = target.split_once('#').map_or((target.as_str(), None), |(n, a)| (n, Some(a)));
        let digits = if sign == "PEP " { format!("{number:0>4}/") } else { number.to_owned() };
        let anchor = anchor.map_or_else(String::new, |anchor| format!("#{anchor}"));
        let node = self.doc.create(Kind::Reference);
        self.doc.set(node, "refuri", format!("{url}{digits}{}{anchor}", if sign == "CWE " { ".html" } else { "" }));
        let strong = self.doc.add(node, Kind::Strong);
        self.doc.add_text(strong, &words.unwrap_or_else(|| format!("{sign}{}", target.replace('#', " § "))));
        node
    }
}

/// A label without the ampersand that marks its accelerator key.
fn accelerator(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_targets() {
        assert_eq!(split_explicit("a <b>"), (Some("a".into()), "b".into()));
        assert_eq!(split_explicit("b"), (None, "b".into()));
        assert_eq!(split_explicit("<b>"), (None, "<b>".into()));
        assert_eq!(accelerator("&File && more"), "File & more");
    }

    #[test]
    fn roles_are_found_in_their_domains() {
        assert_eq!(find("py:func", "py", &[]), Some(Role::Xref { domain: "py", name: "func" }));
        assert_eq!(find("func", "c", &[]), Some(Role::Xref { domain: "c", name: "func" }));
        assert_eq!(find("ref", "py", &[]), Some(Role::Xref { domain: "std", name: "ref" }));
        assert_eq!(find("issue", "py", &["issue"]), Some(Role::Callers(0)));
        assert_eq!(find("nothing", "py", &[]), None);
    }
}
