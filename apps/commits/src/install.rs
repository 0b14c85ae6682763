//! Putting the hook into a repository.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use kernel::Hub;

use crate::repository::Repository;
use crate::vcs::Vcs;

const GIT: &str = include_str!("../../../ops/hooks/git/post-receive");
const SVN: &str = include_str!("../../../ops/hooks/svn/post-commit");
const SVN_REVPROP: &str = include_str!("../../../ops/hooks/svn/post-revprop-change");

/// The hook of a repository, as it is to be installed.
pub fn script(hub: &Hub, repository: &Repository) -> String {
    match repository.system() {
        Vcs::Git => filled(hub, repository, GIT),
        Vcs::Svn => filled(hub, repository, SVN),
        Vcs::Hg => Words::of(hub, repository).hgrc(),
    }
}

fn filled(hub: &Hub, repository: &Repository, script: &str) -> String {
    Words::of(hub, repository).fill(script)
}

/// What stands in a script, quoted for the shell.
struct Words {
    program: String,
    data: String,
    name: String,
}

impl Words {
    fn of(hub: &Hub, repository: &Repository) -> Self {
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("guildhall"));
        let data = hub.settings.data.canonicalize().unwrap_or_else(|_| hub.settings.data.clone());
        Self {
            program: quoted(&program.to_string_lossy()),
            data: quoted(&data.to_string_lossy()),
            name: quoted(&repository.name),
        }
    }

    fn fill(&self, script: &str) -> String {
        let line = |line: &str| {
            let value = match line.split_once('=').map(|(word, _)| word) {
                Some("guildhall") => Some(format!("guildhall={}", self.program)),
                Some("data") => Some(format!("data={}", self.data)),
                Some("repository") => Some(format!("repository={}", self.name)),
                _ => None,
            };
            value.unwrap_or_else(|| line.to_owned()) + "\n"
        };
        script.lines().map(line).collect()
    }

    fn hgrc(&self) -> String {
        let Self { program, data, name } = self;
        format!("[hooks]\nchangegroup.guildhall = {program} hook hg --data {data} --repository {name}\n")
    }
}

/// Installs the hook of a repository on this machine; the file that was written comes back.
pub async fn install(hub: &Hub, repository: &Repository) -> anyhow::Result<PathBuf> {
    let Some(folder) = repository.folder() else {
        bail!(
            "{} lives elsewhere and has no folder on this machine. Point a webhook of its forge at {}.",
            repository.name,
            hub.url(&format!("/hooks/{}", repository.name))
        );
    };
    make_spool(&hub.settings.data)
        .with_context(|| format!("{} cannot be made.", hub.settings.data.join(crate::hook::FOLDER).display()))?;
    let script = script(hub, repository);
    match repository.system() {
        Vcs::Git => write_script(&crate::vcs::git::hooks_folder(folder).await?.join("post-receive"), &script),
        Vcs::Svn => {
            write_script(&folder.join("hooks/post-revprop-change"), &filled(hub, repository, SVN_REVPROP))?;
            write_script(&folder.join("hooks/post-commit"), &script)
        }
        Vcs::Hg => {
            let path = add_to_hgrc(&folder.join(".hg/hgrc"), &script)?;
            give_to_owner_of(folder, &path).with_context(|| {
                format!(
                    "Mercurial trusts {} only from the owner of the repository; run this as that one.",
                    path.display()
                )
            })?;
            Ok(path)
        }
    }
}

/// Makes the folder where hooks leave their records; what root makes is the hub's.
fn make_spool(data: &Path) -> std::io::Result<()> {
    let spool = data.join(crate::hook::FOLDER);
    let missing: Vec<&Path> = spool.ancestors().take_while(|folder| !folder.exists()).collect();
    std::fs::create_dir_all(&spool)?;
    missing.into_iter().try_for_each(|folder| give_to_owner_of(data, folder))
}

/// Gives what was written to the owner of something else, which root can do and nobody else has to.
fn give_to_owner_of(model: &Path, path: &Path) -> std::io::Result<()> {
    let (model, written) = (model.metadata()?, path.metadata()?);
    if model.uid() == written.uid() { Ok(()) } else { chown(path, Some(model.uid()), Some(model.gid())) }
}

/// The folder of the records, when the owner of a repository on this machine cannot write there.
pub fn closed_spool(hub: &Hub, repository: &Repository) -> Option<PathBuf> {
    let spool = hub.settings.data.join(crate::hook::FOLDER);
    let (owner, there) = (repository.folder()?.metadata().ok()?, spool.metadata().ok()?);
    (!may_write(owner.uid(), there.uid(), there.mode())).then_some(spool)
}

/// Whether a user may be able to write into a folder of this owner and mode; whoever is in its group is not looked up.
fn may_write(user: u32, owner: u32, mode: u32) -> bool {
    user == 0 || user == owner || mode & 0o022 != 0
}

/// Whether the hook of this hub stands in a repository on this machine.
pub async fn has_hook(repository: &Repository) -> anyhow::Result<bool> {
    let Some(folder) = repository.folder() else { return Ok(false) };
    let (path, mark) = match repository.system() {
        Vcs::Git => (crate::vcs::git::hooks_folder(folder).await?.join("post-receive"), "hook git"),
        Vcs::Svn => (folder.join("hooks/post-commit"), "hook svn"),
        Vcs::Hg => (folder.join(".hg/hgrc"), "changegroup.guildhall"),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.contains(mark)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn write_script(path: &Path, script: &str) -> anyhow::Result<PathBuf> {
    let there = std::fs::read_to_string(path).unwrap_or_default();
    if !there.is_empty() && !there.contains("hook git") && !there.contains("hook svn") {
        bail!(
            "{} exists already and is not Guildhall's. Add the last line of this script to it by hand:\n\n{script}",
            path.display()
        );
    }
    let written = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let temporary = path.with_extension("new");
        std::fs::write(&temporary, script)?;
        std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(0o755))?;
        std::fs::rename(&temporary, path)
    };
    written()
        .with_context(|| format!("{} cannot be written; run this as the owner of the repository.", path.display()))?;
    Ok(path.to_owned())
}

fn add_to_hgrc(path: &Path, section: &str) -> anyhow::Result<PathBuf> {
    let there = std::fs::read_to_string(path).unwrap_or_default();
    let kept: String = there
        .lines()
        .filter(|line| !line.starts_with("changegroup.guildhall"))
        .map(|line| format!("{line}\n"))
        .collect();
    // A section of Mercurial's settings may stand several times.
    let bare = kept.strip_suffix("[hooks]\n").unwrap_or(&kept);
    let gap = if bare.is_empty() || bare.ends_with("\n\n") { "" } else { "\n" };
    std::fs::write(path, format!("{bare}{gap}{section}"))
        .with_context(|| format!("{} cannot be written; run this as the owner of the repository.", path.display()))?;
    Ok(path.to_owned())
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_carry_any_path() {
        let words = |program, data, name| Words { program: quoted(program), data: quoted(data), name: quoted(name) };
        let script = words("/opt/gu ild/hall", "/srv/d'ata", "pypy").fill(GIT);
        assert!(script.starts_with("#!/bin/sh\n"));
        assert!(
            script.contains("\nguildhall='/opt/gu ild/hall'\ndata='/srv/d'\\''ata'\nrepository=pypy\n"),
            "{script}"
        );
        for script in [SVN, SVN_REVPROP] {
            assert!(words("g", "d", "r").fill(script).contains("\nguildhall=g\ndata=d\nrepository=r\nexec"));
        }
    }

    #[test]
    fn a_setting_of_mercurial_is_added_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hgrc");
        std::fs::write(&path, "[ui]\nusername = x\n").unwrap();
        for _ in 0..3 {
            add_to_hgrc(&path, "[hooks]\nchangegroup.guildhall = x\n").unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "[ui]\nusername = x\n\n[hooks]\nchangegroup.guildhall = x\n");
    }

    #[test]
    fn a_spool_of_the_hub_alone_is_closed_to_whoever_else_pushes() {
        let (hub, git) = (998, 997);
        assert!(!may_write(git, hub, 0o700) && !may_write(git, hub, 0o755));
        assert!(may_write(git, hub, 0o2770) && may_write(hub, hub, 0o700) && may_write(0, hub, 0o700));
    }

    #[test]
    fn a_hook_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("post-receive");
        std::fs::write(&path, "#!/bin/sh\necho mine\n").unwrap();
        assert!(write_script(&path, "ours").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "#!/bin/sh\necho mine\n");
    }
}
