//! The schema of an export, which holds none: read from the cells, and from the journals that say what links where.

use std::collections::{BTreeMap, HashMap};

use super::csv::{self, Row};
use super::literal::Literal;
use crate::kind::Kind;

/// Properties that every class has.
pub const BUILT_IN: [&str; 5] = ["activity", "actor", "creation", "creator", "id"];

/// Rows that are looked at to tell the kind of a property.
const SEEN: usize = 5_000;

/// A property of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    pub name: String,
    pub kind: Kind,
    pub target: String,
}

/// The links that journals tell of: `(class, property)` to the class that it links to.
pub type Links = HashMap<(String, String), String>;

/// Notes what the journal of `class` says of who links to its items.
pub fn links(class: &str, journal: &str, links: &mut Links) {
    for Row { fields, .. } in csv::rows(journal) {
        if !matches!(fields.get(3).map(|action| &**action), Some("'link'" | "'unlink'")) {
            continue;
        }
        let Some(Ok(Literal::Tuple(parts))) = fields.get(4).map(|params| Literal::read(params)) else { continue };
        if let (Some(from), Some(property)) =
            (parts.first().and_then(Literal::text), parts.get(2).and_then(Literal::text))
        {
            links.entry((from.to_owned(), property.to_owned())).or_insert_with(|| class.to_owned());
        }
    }
}

/// The properties of a class, in the order of its header.
pub fn properties(class: &str, table: &str, links: &Links, classes: &[String]) -> Vec<Property> {
    let mut rows = csv::rows(table);
    let Some(header) = rows.next() else { return vec![] };
    let mut kinds: BTreeMap<usize, Kind> = BTreeMap::new();
    for row in rows.take(SEEN) {
        for (at, cell) in row.fields.iter().enumerate() {
            if let Some(kind) = kind_of(cell) {
                // A text that is not a number settles it; before that it may be the id of a link.
                let known = kinds.entry(at).or_insert(kind);
                if kind == Kind::Text {
                    *known = Kind::Text;
                }
            }
        }
    }
    let own = |name: &&(usize, &str)| !BUILT_IN.contains(&name.1) && name.1 != "is retired";
    let names: Vec<(usize, &str)> = header.fields.iter().enumerate().map(|(at, name)| (at, &**name)).collect();
    names.iter().filter(own).map(|(at, name)| property(class, name, kinds.get(at).copied(), links, classes)).collect()
}

fn property(class: &str, name: &str, seen: Option<Kind>, links: &Links, classes: &[String]) -> Property {
    let target = links.get(&(class.to_owned(), name.to_owned())).cloned().or_else(|| usual_target(name, classes));
    let (kind, target) = match (seen, target) {
        (Some(Kind::Multilink), target) => (Kind::Multilink, target.unwrap_or_default()),
        (Some(Kind::Link) | None, Some(target)) => (if plural(name) { Kind::Multilink } else { Kind::Link }, target),
        (Some(Kind::Link) | None, None) => (Kind::Text, String::new()),
        (Some(kind), _) => (kind, String::new()),
    };
    // A link to a class that is not there cannot be followed; it is kept as what it says.
    let lost = matches!(kind, Kind::Link | Kind::Multilink) && !classes.contains(&target);
    Property {
        name: name.to_owned(),
        kind: if lost { Kind::Text } else { kind },
        target: if lost { String::new() } else { target },
    }
}

fn plural(name: &str) -> bool {
    matches!(
        name,
        "nosy"
            | "recipients"
            | "messages"
            | "files"
            | "superseder"
            | "queries"
            | "keyword"
            | "keywords"
            | "dependencies"
    )
}

/// What properties of this name link to in the templates that Roundup comes with.
fn usual_target(name: &str, classes: &[String]) -> Option<String> {
    let usual = match name {
        "assignedto" | "assignee" | "author" | "private_for" | "nosy" | "recipients" | "assign_to" => "user",
        "messages" => "msg",
        "superseder" | "dependencies" | "blocks" => "issue",
        "queries" => "query",
        name => name,
    };
    let named = |wanted: &str| classes.iter().find(|class| *class == wanted).cloned();
    named(usual)
        .or_else(|| named(usual.strip_suffix("ies").map(|stem| format!("{stem}y")).as_deref()?))
        .or_else(|| named(usual.strip_suffix('s')?))
}

/// What a cell says of its column; `Link` stands for a text that may be an id.
fn kind_of(cell: &str) -> Option<Kind> {
    match cell.as_bytes().first()? {
        b'\'' | b'"' => {
            let inner = &cell[1..cell.len().saturating_sub(1).max(1)];
            let is_id = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
            Some(if is_id { Kind::Link } else { Kind::Text })
        }
        b'[' => Some(Kind::Multilink),
        b'(' if cell.matches(',').count() >= 8 => Some(Kind::Date),
        b'(' => Some(Kind::Interval),
        b'T' | b'F' => Some(Kind::Boolean),
        b'0'..=b'9' | b'-' | b'.' => Some(if cell.contains(['.', 'e']) { Kind::Number } else { Kind::Integer }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_journals_tell_the_schema() {
        let table = "activity:assignedto:due:id:milestone:nosy:order:patch:title:is retired\n\
                     None:None:None:'1':'3':[]:1.0:None:'12':False\n\
                     None:'3':(2026, 11, 21, 0, 0, 0.0, 0, 0, 0):'2':None:['3']:2.0:True:'Crash':False\n";
        let mut known = Links::new();
        links("phase", "'3':(2026, 1, 1, 0, 0, 0.0, 0, 0, 0):'1':'link':('issue', '1', 'milestone')\n", &mut known);
        let classes = ["user", "phase", "issue"].map(str::to_owned);
        let read: Vec<_> = properties("issue", table, &known, &classes)
            .into_iter()
            .map(|property| (property.name, property.kind, property.target))
            .collect();
        let expected = [
            ("assignedto", Kind::Link, "user"),
            ("due", Kind::Date, ""),
            ("milestone", Kind::Link, "phase"),
            ("nosy", Kind::Multilink, "user"),
            ("order", Kind::Number, ""),
            ("patch", Kind::Boolean, ""),
            ("title", Kind::Text, ""),
        ];
        let expected: Vec<_> = expected.iter().map(|(n, k, t)| ((*n).to_owned(), *k, (*t).to_owned())).collect();
        assert_eq!(read, expected);
    }
}
