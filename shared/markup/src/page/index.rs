//! The objects of a whole site, by which its pages refer to each other, and those of other sites.

use std::collections::HashMap;

use rst::html::{Link, Xref};

use super::inventory::Item;
use super::objects::Object;
use super::{PageTree, inventory};

/// Where one object is described.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    url: String,
    title: Option<String>,
    /// The name of the other project, for one that is described elsewhere.
    project: Option<String>,
}

/// Objects by domain and name.
#[derive(Clone, Debug, Default)]
pub struct ObjectIndex {
    places: HashMap<(String, String), Place>,
    /// From the last part of a dotted name to the whole names: `.walk` means any `walk`.
    tails: HashMap<(String, String), Vec<String>>,
    items: Vec<Item>,
}

impl ObjectIndex {
    /// Adds what a page describes; `url` is its address without a fragment. The first description of a name holds.
    pub fn add(&mut self, tree: &PageTree, url: &str) {
        self.add_objects(&tree.objects(), url);
    }

    /// The same for a page whose tree is gone and whose objects were kept ([`PageTree::objects`]).
    pub fn add_objects(&mut self, objects: &[Object], url: &str) {
        for object in objects {
            let address = format!("{url}#{}", object.id);
            self.items.push(Item {
                name: object.name.clone(),
                domain: object.domain.clone(),
                kind: object.kind.clone(),
                url: address.clone(),
                title: object.title.clone(),
            });
            self.enter(object, Place { url: address, title: object.title.clone(), project: None });
        }
    }

    /// Adds what another project describes (its `objects.inv`), below the address `base`; our own descriptions hold.
    pub fn add_inventory(&mut self, inventory: &inventory::Inventory, base: &str) {
        for item in &inventory.items {
            let url = format!("{}/{}", base.trim_end_matches('/'), item.url);
            let object = Object {
                domain: item.domain.clone(),
                kind: item.kind.clone(),
                name: item.name.clone(),
                id: String::new(),
                title: item.title.clone(),
            };
            self.enter(&object, Place { url, title: item.title.clone(), project: Some(inventory.project.clone()) });
        }
    }

    fn enter(&mut self, object: &Object, place: Place) {
        let group = group(&object.domain, &object.kind).to_owned();
        if let Some((_, tail)) = object.name.rsplit_once('.') {
            self.tails.entry((group.clone(), tail.to_owned())).or_default().push(object.name.clone());
        }
        self.places.entry((group, object.name.clone())).or_insert(place);
    }

    /// Everything that pages of this site describe, for its own `objects.inv`.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Where a reference leads.
    pub fn find(&self, xref: &Xref<'_>) -> Option<Link> {
        let group = group(xref.domain, xref.role);
        let get = |name: String| self.places.get(&(group.to_owned(), name));
        let around = |key: &str| xref.doc.get(xref.node, key);
        let target = xref.target.trim_start_matches('.');
        let (module, class) = (around("py:module"), around("py:class"));
        let program = around("std:program").map(|program| format!("{program}.{target}"));
        let spaced =
            target.rsplit_once(' ').map(|(program, option)| format!("{}.{option}", program.trim().replace(' ', "-")));
        let names = [
            class.map(|class| format!("{class}.{target}")),
            module.zip(class).map(|(module, class)| format!("{module}.{class}.{target}")),
            module.map(|module| format!("{module}.{target}")),
            program,
            Some(target.to_owned()),
            spaced,
        ];
        let tail = || {
            let (group, last) = (group.to_owned(), target.rsplit('.').next()?.to_owned());
            let ends = self.tails.get(&(group, last)).filter(|_| xref.target.starts_with('.'))?;
            ends.iter().find(|name| name.ends_with(&format!(".{target}"))).cloned()
        };
        let place = names.into_iter().flatten().find_map(get).or_else(|| get(tail()?))?;
        let hint = place.project.as_ref().map(|project| format!("In the documentation of {project}"));
        Some(Link { url: place.url.clone(), title: place.title.clone(), hint, ..Link::default() })
    }
}

/// Names of one group are looked for together: a `:func:` finds a class, too.
fn group<'t>(domain: &'t str, role: &'t str) -> &'t str {
    match (domain, role) {
        ("std", "ref" | "numref" | "any" | "label") => "label",
        ("std", "cmdoption") => "option",
        ("std" | "math", "eq") => "equation",
        ("std" | "math", other) => other,
        (domain, _) => domain,
    }
}
