//! Putting the hook into a repository.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use kernel::Hub;

use crate::repository::Repository;
use crate::vcs::Vcs;

const GIT: &str = include_str!("../../../ops/hooks/git/post-receive");
const SVN: &str = include_str!("../../../ops/hooks/svn/post-commit");

/// The hook of a repository, as it is to be installed.
pub fn script(hub: &Hub, repository: &Repository) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("guildhall"));
    let data = hub.settings.data.canonicalize().unwrap_or_else(|_| hub.settings.data.clone());
    filled(repository.system(), &quoted(&program.to_string_lossy()), &quoted(&data.to_string_lossy()), &quoted(&repository.name))
}

fn filled(vcs: Vcs, program: &str, data: &str, name: &str) -> String {
    let fill = |script: &str| {
        let line = |line: &str| {
            let value = match line.split_once('=').map(|(word, _)| word) {
                Some("guildhall") => Some(format!("guildhall={program}")),
                Some("data") => Some(format!("data={data}")),
                Some("repository") => Some(format!("repository={name}")),
                _ => None,
            };
            value.unwrap_or_else(|| line.to_owned()) + "\n"
        };
        script.lines().map(line).collect()
    };
    match vcs {
        Vcs::Git => fill(GIT),
        Vcs::Svn => fill(SVN),
        Vcs::Hg => {
            format!("[hooks]\nchangegroup.guildhall = {program} hook hg --data {data} --repository {name}\n")
        }
    }
}

/// Installs the hook of a repository on this machine; the file that was written comes back.
pub async fn install(hub: &Hub, repository: &Repository) -> anyhow::Result<PathBuf> {
    let Some(folder) = repository.folder() else {
        bail!("{} lives elsewhere and has no folder on this machine. Point a webhook of its forge at {}.",
            repository.name, hub.url(&format!("/hooks/{}", repository.name)));
    };
    std::fs::create_dir_all(hub.settings.data.join(crate::hook::FOLDER))
        .with_context(|| format!("{} cannot be made.", hub.settings.data.join(crate::hook::FOLDER).display()))?;
    let script = script(hub, repository);
    match repository.system() {
        Vcs::Git => write_script(&crate::vcs::git::hooks_folder(folder).await?.join("post-receive"), &script),
        Vcs::Svn => write_script(&folder.join("hooks/post-commit"), &script),
        Vcs::Hg => add_to_hgrc(&folder.join(".hg/hgrc"), &script),
    }
}

fn write_script(path: &Path, script: &str) -> anyhow::Result<PathBuf> {
    let there = std::fs::read_to_string(path).unwrap_or_default();
    if !there.is_empty() && !there.contains("hook git") && !there.contains("hook svn") {
        bail!("{} exists already and is not Guildhall's. Add the last line of this script to it by hand:\n\n{script}", path.display());
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
    written().with_context(|| format!("{} cannot be written; run this as the owner of the repository.", path.display()))?;
    Ok(path.to_owned())
}

fn add_to_hgrc(path: &Path, section: &str) -> anyhow::Result<PathBuf> {
    let there = std::fs::read_to_string(path).unwrap_or_default();
    let kept: String = there.lines().filter(|line| !line.starts_with("changegroup.guildhall")).map(|line| format!("{line}\n")).collect();
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
        let script = filled(Vcs::Git, &quoted("/opt/gu ild/hall"), &quoted("/srv/d'ata"), &quoted("pypy"));
        assert!(script.starts_with("#!/bin/sh\n"));
        assert!(script.contains("\nguildhall='/opt/gu ild/hall'\ndata='/srv/d'\\''ata'\nrepository=pypy\n"), "{script}");
        assert!(filled(Vcs::Svn, "g", "d", "r").contains("\nguildhall=g\ndata=d\nrepository=r\nexec"));
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
    fn a_hook_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("post-receive");
        std::fs::write(&path, "#!/bin/sh\necho mine\n").unwrap();
        assert!(write_script(&path, "ours").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "#!/bin/sh\necho mine\n");
    }
}
