//! References within one page, for a page that stands alone.

use std::collections::HashMap;

use rst::html::{Link, Resolver, Xref};

use super::PageTree;
use super::objects::Object;

/// Resolves what the page itself describes.
pub struct LocalLinks {
    objects: HashMap<(String, String), Object>,
}

impl LocalLinks {
    /// Reads what the page describes.
    pub fn of(tree: &PageTree) -> LocalLinks {
        let mut objects = HashMap::new();
        for label in tree.labels() {
            let name = label.name.clone();
            let weak = Object {
                domain: "std".into(),
                kind: "label".into(),
                name: label.name,
                id: label.id,
                title: label.title,
            };
            objects.entry(("label".to_owned(), name)).or_insert(weak);
        }
        for object in tree.objects() {
            let group = group(&object.domain, &object.kind).to_owned();
            objects.insert((group, object.name.clone()), object);
        }
        LocalLinks { objects }
    }
}

/// Names of one group are looked for together: a `:func:` finds a class, too.
fn group<'t>(domain: &'t str, role: &'t str) -> &'t str {
    match (domain, role) {
        ("std", "ref" | "numref" | "any" | "label") => "label",
        ("std" | "math", other) => other,
        (domain, _) => domain,
    }
}

impl Resolver for LocalLinks {
    fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
        let group = group(xref.domain, xref.role);
        let find = |name: &str| self.objects.get(&(group.to_owned(), name.to_owned()));
        let around = |key: &str| xref.doc.get(xref.node, key);
        let module = around("py:module").map(|module| format!("{module}.{}", xref.target));
        let class = around("py:class").map(|class| format!("{class}.{}", xref.target));
        let program = around("std:program").map(|program| format!("{program}.{}", xref.target));
        let names = [Some(xref.target.to_owned()), class, module, program].into_iter().flatten();
        let object = names.into_iter().find_map(|name| find(name.trim_start_matches('.')))?;
        Some(Link { url: format!("#{}", object.id), title: object.title.clone(), ..Link::default() })
    }
}
