//! What every page stands in: the hub, and the menu that the modules bring.

use std::sync::Arc;

use kernel::Hub;
use serde::Serialize;

use crate::live::Live;

/// Where an entry of the menu stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The bar at the top of every page.
    Top,
    /// The administrator's pages.
    Admin,
    /// The pages of the person who is signed in.
    Me,
}

/// One entry of a menu.
#[derive(Clone, Debug)]
pub struct MenuEntry {
    pub place: Place,
    pub label: &'static str,
    pub url: String,
    /// Lower stands first.
    pub order: i32,
}

/// The hub and its menu; the serve layer puts one into the extensions of every request.
#[derive(Clone)]
pub struct Shell {
    pub hub: Hub,
    pub menu: Vec<MenuEntry>,
    pub live: Arc<Live>,
    /// The version of the program.
    pub version: &'static str,
}

#[derive(Serialize)]
pub(crate) struct ShownEntry<'a> {
    label: &'a str,
    url: &'a str,
    active: bool,
}

impl Shell {
    /// A shell with its menu in order.
    pub fn new(hub: Hub, mut menu: Vec<MenuEntry>, version: &'static str) -> Self {
        menu.sort_by_key(|entry| entry.order);
        Self { hub, menu, live: Arc::default(), version }
    }

    /// The entries of one place; the entry that `path` lies in is marked.
    pub(crate) fn shown(&self, place: Place, path: &str) -> Vec<ShownEntry<'_>> {
        let entries = self.menu.iter().filter(|entry| entry.place == place);
        let lies_in = |url: &str| path == url || path.starts_with(&format!("{}/", url.trim_end_matches('/')));
        entries.map(|entry| ShownEntry { label: entry.label, url: &entry.url, active: lies_in(&entry.url) }).collect()
    }
}
