//! References within one page, for a page that stands alone.

use std::collections::HashMap;

use rst::html::{Link, Resolver, Xref};

use super::{ObjectIndex, PageTree};

/// Resolves what the page itself describes, titles of sections included.
pub struct LocalLinks {
    objects: ObjectIndex,
    titles: HashMap<String, (String, Option<String>)>,
}

impl LocalLinks {
    /// Reads what the page describes.
    pub fn of(tree: &PageTree) -> LocalLinks {
        let mut objects = ObjectIndex::default();
        objects.add(tree, "");
        let titles = tree.labels().into_iter().map(|label| (label.name, (label.id, label.title))).collect();
        LocalLinks { objects, titles }
    }
}

impl Resolver for LocalLinks {
    fn resolve(&self, xref: &Xref<'_>) -> Option<Link> {
        let title = || {
            let (id, title) = self.titles.get(xref.target).filter(|_| matches!(xref.role, "ref" | "any" | "numref"))?;
            Some(Link { url: format!("#{id}"), title: title.clone(), ..Link::default() })
        };
        self.objects.find(xref).or_else(title)
    }
}
