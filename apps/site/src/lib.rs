//! The project's web site: a folder or a repository of Markdown and reST becomes pages, rebuilt on every push.
//!
//! Begin with [`generate`], which is pure: files in, pages out. [`source`] gets the files, [`publish`] keeps what was
//! made, `web` shows it. The manual of Guildhall itself is one such site, at `/docs`.
//!
//! Invariants:
//! - A build is published whole or not at all: one row says which build is shown.
//! - A broken document builds; what is wrong stands in the build's warnings, with file and line.
//! - Nothing outside of the source tree is read.

mod cli;
mod config;
mod doctree;
mod entity;
mod export;
pub mod generate;
mod manual;
pub mod publish;
pub mod query;
mod rebuild;
mod samples;
pub mod source;
mod web;

use std::sync::Arc;

use kernel::Hub;
use plug::{MenuEntry, Module, Place};

pub use cli::commands;
pub use config::{Config, Site, Source};

/// What the pages of the sites share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sites {
    pub hub: Hub,
    pub sites: Arc<[Site]>,
}

/// The sites as they are configured: the project's own, when it has a source, and the manual.
pub fn module(hub: &Hub, config: Config) -> Module {
    let sites: Arc<[Site]> = config.sites().into();
    let mut module = Module::new("site", "/docs");
    module.subscribers = vec![Arc::new(rebuild::Rebuild { sites: sites.clone() })];
    module.jobs = vec![
        Arc::new(rebuild::RebuildSite { sites: sites.clone(), memories: Arc::default() }),
        Arc::new(rebuild::WatchFolders { sites: sites.clone() }),
    ];
    for site in sites.iter().filter(|site| site.in_menu) {
        module.menu.push(MenuEntry {
            place: Place::Top,
            label: site.label,
            url: format!("{}/", site.mount),
            order: 60,
        });
    }
    module.menu.push(MenuEntry { place: Place::Admin, label: "Sites", url: "/admin/sites".into(), order: 50 });
    module.samples = samples::all();
    module.routes = web::routes(Sites { hub: hub.clone(), sites });
    module
}

/// Asks for a build of every site whose source is not the one that is shown; a new hub gets its manual this way.
pub async fn prepare(hub: &Hub, config: &Config) -> anyhow::Result<()> {
    for site in config.sites() {
        let shown = query::shown_build(&hub.store.read(), &site.name).await?;
        let now = source::signature(&site.source);
        if shown.is_none_or(|build| build.signature != now) {
            let tx = hub.store.write().await?;
            rebuild::ask_if_changed(&tx, &site).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
