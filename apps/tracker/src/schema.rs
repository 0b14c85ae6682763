//! The schema with which a tracker begins: Roundup's classic template, and one for software development.

use crate::kind::Kind::{self, Boolean, Date, Link, Multilink, Text};

/// A class of a template.
pub struct ClassSpec {
    pub name: &'static str,
    /// `issue`, `message`, `file`, `query`, `user` or `plain`.
    pub kind: &'static str,
    pub label: &'static str,
    pub properties: &'static [PropertySpec],
    /// Name and meaning (`open`, `waiting`, `done`, or nothing) of the rows, in order.
    pub items: &'static [(&'static str, &'static str)],
}

/// A property of a template: name, label, kind, target class.
pub type PropertySpec = (&'static str, &'static str, Kind, &'static str);

/// The templates by name.
pub const TEMPLATES: [(&str, &[&[ClassSpec]]); 2] = [("classic", &[CLASSIC, COMMON]), ("devel", &[DEVEL, COMMON])];

/// The classes of a template.
pub fn template(name: &str) -> Option<Vec<&'static ClassSpec>> {
    let (_, parts) = TEMPLATES.iter().find(|(known, _)| *known == name)?;
    Some(parts.iter().flat_map(|part| part.iter()).collect())
}

/// What the name of a status says of its issue, for rows that an import brings.
pub fn meaning_of(status: &str) -> &'static str {
    let status = status.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| status.contains(word));
    if says(&["resolved", "closed", "done", "fixed", "reject", "invalid", "duplicate", "wontfix", "verified"]) {
        "done"
    } else if says(&["defer", "need", "pending", "wait", "testing", "hold", "remind", "postpone", "block"]) {
        "waiting"
    } else {
        "open"
    }
}

const STATUSES: &[(&str, &str)] = &[
    ("unread", "open"),
    ("deferred", "waiting"),
    ("chatting", "open"),
    ("need-eg", "waiting"),
    ("in-progress", "open"),
    ("testing", "waiting"),
    ("done-cbb", "done"),
    ("resolved", "done"),
];

const NAMED: &[PropertySpec] = &[("name", "name", Text, ""), ("order", "order", Kind::Number, "")];

const CLASSIC: &[ClassSpec] = &[
    ClassSpec { name: "status", kind: "plain", label: "name", properties: NAMED, items: STATUSES },
    ClassSpec {
        name: "priority",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[("critical", ""), ("urgent", ""), ("bug", ""), ("feature", ""), ("wish", "")],
    },
    ClassSpec {
        name: "issue",
        kind: "issue",
        label: "title",
        items: &[],
        properties: &[
            ("title", "title", Text, ""),
            ("status", "status", Link, "status"),
            ("priority", "priority", Link, "priority"),
            ("assignedto", "assigned to", Link, "user"),
            ("keyword", "keywords", Multilink, "keyword"),
            ("nosy", "nosy list", Multilink, "user"),
            ("superseder", "superseded by", Multilink, "issue"),
            ("messages", "messages", Multilink, "msg"),
            ("files", "files", Multilink, "file"),
        ],
    },
];

const DEVEL: &[ClassSpec] = &[
    ClassSpec {
        name: "status",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[
            ("new", "open"),
            ("open", "open"),
            ("in-progress", "open"),
            ("pending", "waiting"),
            ("in-review", "waiting"),
            ("resolved", "done"),
            ("closed", "done"),
        ],
    },
    ClassSpec {
        name: "priority",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[("immediate", ""), ("urgent", ""), ("high", ""), ("normal", ""), ("low", "")],
    },
    ClassSpec {
        name: "severity",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[("critical", ""), ("major", ""), ("normal", ""), ("minor", ""), ("enhancement", "")],
    },
    ClassSpec {
        name: "resolution",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[
            ("fixed", ""),
            ("duplicate", ""),
            ("invalid", ""),
            ("later", ""),
            ("out of date", ""),
            ("postponed", ""),
            ("rejected", ""),
            ("wont fix", ""),
            ("works for me", ""),
        ],
    },
    ClassSpec {
        name: "type",
        kind: "plain",
        label: "name",
        properties: NAMED,
        items: &[("bug", ""), ("task", ""), ("feature", ""), ("documentation", ""), ("security", "")],
    },
    ClassSpec { name: "component", kind: "plain", label: "name", properties: NAMED, items: &[] },
    ClassSpec { name: "version", kind: "plain", label: "name", properties: NAMED, items: &[] },
    ClassSpec { name: "milestone", kind: "plain", label: "name", properties: NAMED, items: &[] },
    ClassSpec {
        name: "issue",
        kind: "issue",
        label: "title",
        items: &[],
        properties: &[
            ("title", "title", Text, ""),
            ("status", "status", Link, "status"),
            ("priority", "priority", Link, "priority"),
            ("assignedto", "assigned to", Link, "user"),
            ("type", "type", Link, "type"),
            ("severity", "severity", Link, "severity"),
            ("resolution", "resolution", Link, "resolution"),
            ("milestone", "milestone", Link, "milestone"),
            ("components", "components", Multilink, "component"),
            ("versions", "versions", Multilink, "version"),
            ("keyword", "keywords", Multilink, "keyword"),
            ("dependencies", "depends on", Multilink, "issue"),
            ("due", "due", Date, ""),
            ("patch", "has a patch", Boolean, ""),
            ("vcs_repo", "repository", Text, ""),
            ("vcs_rev", "revision", Text, ""),
            ("nosy", "nosy list", Multilink, "user"),
            ("superseder", "superseded by", Multilink, "issue"),
            ("messages", "messages", Multilink, "msg"),
            ("files", "files", Multilink, "file"),
        ],
    },
];

const COMMON: &[ClassSpec] = &[
    ClassSpec { name: "keyword", kind: "plain", label: "name", items: &[], properties: &[("name", "name", Text, "")] },
    ClassSpec {
        name: "msg",
        kind: "message",
        label: "summary",
        items: &[],
        properties: &[
            ("author", "author", Link, "user"),
            ("recipients", "recipients", Multilink, "user"),
            ("date", "date", Date, ""),
            ("summary", "summary", Text, ""),
            ("files", "files", Multilink, "file"),
            ("messageid", "Message-ID", Text, ""),
            ("inreplyto", "In-Reply-To", Text, ""),
            ("type", "type", Text, ""),
        ],
    },
    ClassSpec {
        name: "file",
        kind: "file",
        label: "name",
        items: &[],
        properties: &[("name", "name", Text, ""), ("type", "type", Text, "")],
    },
    ClassSpec {
        name: "query",
        kind: "query",
        label: "name",
        items: &[],
        properties: &[
            ("klass", "class", Text, ""),
            ("name", "name", Text, ""),
            ("url", "query", Text, ""),
            ("private_for", "private for", Link, "user"),
        ],
    },
    ClassSpec {
        name: "user",
        kind: "user",
        label: "username",
        items: &[],
        properties: &[
            ("username", "name", Text, ""),
            ("password", "password", Text, ""),
            ("address", "address", Text, ""),
            ("realname", "real name", Text, ""),
            ("phone", "phone", Text, ""),
            ("organisation", "organisation", Text, ""),
            ("alternate_addresses", "other addresses", Text, ""),
            ("queries", "queries", Multilink, "query"),
            ("roles", "roles", Text, ""),
            ("timezone", "time zone", Text, ""),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_of_a_template_has_its_class() {
        for (name, _) in TEMPLATES {
            let classes = template(name).expect(name);
            for class in &classes {
                for (property, _, kind, target) in class.properties {
                    let links = matches!(kind, Link | Multilink);
                    assert_eq!(links, classes.iter().any(|class| class.name == *target), "{name}: {property}");
                }
            }
        }
    }

    #[test]
    fn statuses_speak_for_themselves() {
        for (status, meaning) in
            [("Resolved", "done"), ("need-eg", "waiting"), ("chatting", "open"), ("reopened", "open")]
        {
            assert_eq!(meaning_of(status), meaning);
        }
    }
}
