//! The table `[site]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the project's site comes from and where it stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A folder, or a repository of git, Subversion or Mercurial on this machine; empty: the project has no site here.
    pub source: PathBuf,
    /// The branch (git, Mercurial) or the folder (Subversion, such as `trunk`) that is built.
    pub branch: String,
    /// The folder below it that holds the pages: `docs`; empty: all of it.
    pub folder: String,
    /// The name of the registered repository whose pushes rebuild the site.
    pub repository: String,
    /// Where the site stands: `/site`.
    pub mount: String,
    /// Whether raw HTML in the source is taken over; only for sources that nobody but trusted people change.
    pub trusted: bool,
    /// Whether the manual of the hub stands at `/docs`.
    pub manual: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            source: PathBuf::new(),
            branch: String::new(),
            folder: String::new(),
            repository: String::new(),
            mount: "/site".into(),
            trusted: false,
            manual: true,
        }
    }
}

/// One site.
#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    /// Its word in the menu.
    pub label: &'static str,
    /// Without a slash at the end.
    pub mount: String,
    pub source: Source,
    /// The registered repository whose pushes rebuild it.
    pub repository: String,
    pub trusted: bool,
    pub in_menu: bool,
}

/// Where the files of a site come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The manual that is built into the program.
    Manual,
    /// A folder or repository on this machine.
    Place { path: PathBuf, branch: String, folder: String },
}

impl Config {
    /// The sites that the configuration names.
    pub fn sites(&self) -> Vec<Site> {
        let mut sites = vec![];
        if !self.source.as_os_str().is_empty() {
            let (path, branch, folder) = (self.source.clone(), self.branch.clone(), self.folder.clone());
            let mount = format!("/{}", self.mount.trim_matches('/'));
            sites.push(Site {
                name: "site".into(),
                label: "Site",
                mount,
                source: Source::Place { path, branch, folder },
                repository: self.repository.clone(),
                trusted: self.trusted,
                in_menu: true,
            });
        }
        if self.manual {
            sites.push(Site {
                name: "manual".into(),
                label: "Docs",
                mount: "/docs".into(),
                source: Source::Manual,
                repository: String::new(),
                trusted: false,
                in_menu: true,
            });
        }
        sites
    }
}
