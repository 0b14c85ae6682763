//! Getting the files of a site: from a folder, a repository's branch, or the program itself.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::config::Source;
use crate::generate::{SourceFile, Tree};
use crate::manual;

/// The most a file of a site may have, bytes; larger ones are left out with a warning.
const LARGEST: u64 = 25 << 20;
/// The most files of a site.
const MOST: usize = 50_000;

/// The files of a source tree, and which state of it they are.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The revision of a repository; empty for a folder.
    pub revision: String,
    /// Path with `/`, relative to the root of the site, to bytes.
    pub files: Tree,
    /// Files that were left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Reads all files of a source. Blocks; the error is a sentence.
pub fn read(source: &Source) -> Result<Files, String> {
    let Source::Place { path, branch, folder } = source else {
        let files = manual::files().into_iter().map(|(name, bytes)| (name, SourceFile::new(bytes))).collect();
        return Ok(Files { files, ..Files::default() });
    };
    if is_git(path) {
        return export(path, folder, |into| git(path, branch, into));
    }
    if path.join("format").is_file() && path.join("db").is_dir() {
        return export(path, folder, |into| svn(path, branch, into));
    }
    if path.join(".hg").is_dir() && !branch.is_empty() {
        return export(path, folder, |into| hg(path, branch, into));
    }
    let mut files = Files::default();
    let root = below(path, folder)?;
    walk(&root, &root, &mut files).map_err(|error| format!("{} cannot be read: {error}", root.display()))?;
    Ok(files)
}

fn is_git(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir()
}

/// Something that differs when the source of a site has changed; cheap to ask for.
pub fn signature(source: &Source) -> String {
    let mut hasher = DefaultHasher::new();
    match source {
        Source::Manual => manual::files().hash(&mut hasher),
        Source::Place { path, branch, folder } if is_git(path) => {
            (branch, folder).hash(&mut hasher);
            let reference = if branch.is_empty() { "HEAD" } else { branch };
            let head = run(Command::new("git").arg("--git-dir").arg(path).args([
                "rev-parse",
                "--verify",
                "--end-of-options",
                reference,
            ]));
            head.unwrap_or_default().hash(&mut hasher);
        }
        Source::Place { path, branch, folder } => {
            (branch, folder).hash(&mut hasher);
            let root = below(path, folder).unwrap_or_else(|_| path.clone());
            stamps(&root, &mut hasher, &mut 0);
        }
    }
    format!("{:016x}", hasher.finish())
}

fn stamps(folder: &Path, hasher: &mut DefaultHasher, seen: &mut usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        *seen += 1;
        let Ok(about) = path.symlink_metadata() else { continue };
        if *seen > MOST || about.is_symlink() || is_hidden(&path) {
            continue;
        }
        if about.is_dir() {
            stamps(&path, hasher, seen);
        } else {
            (&path, about.len(), about.modified().ok()).hash(hasher);
        }
    }
}

/// `folder` below `root`, never outside of it.
fn below(root: &Path, folder: &str) -> Result<PathBuf, String> {
    let inside = Path::new(folder).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside { Ok(root.join(folder)) } else { Err(format!("`folder` leaves the source tree: {folder}")) }
}

fn export(path: &Path, folder: &str, fill: impl FnOnce(&Path) -> Result<String, String>) -> Result<Files, String> {
    let into = tempfile::tempdir().map_err(|error| format!("no room for a copy of {}: {error}", path.display()))?;
    let revision = fill(into.path())?;
    let root = below(into.path(), folder)?;
    let mut files = Files { revision, ..Files::default() };
    walk(&root, &root, &mut files)
        .map_err(|error| format!("{folder} of {} cannot be read: {error}", path.display()))?;
    Ok(files)
}

fn git(path: &Path, branch: &str, into: &Path) -> Result<String, String> {
    let reference = if branch.is_empty() { "HEAD" } else { branch };
    let git = || {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(path);
        git
    };
    let revision = run(git().args(["rev-parse", "--verify", "--end-of-options", &format!("{reference}^{{commit}}")]))?;
    run(git()
        .arg("--work-tree")
        .arg(into)
        .env("GIT_INDEX_FILE", into.join(".guildhall-index"))
        .args(["read-tree", revision.trim()]))?;
    run(git()
        .arg("--work-tree")
        .arg(into)
        .env("GIT_INDEX_FILE", into.join(".guildhall-index"))
        .args(["checkout-index", "--all", "--force"])
        .current_dir(into))?;
    Ok(revision.trim().to_owned())
}

fn svn(path: &Path, branch: &str, into: &Path) -> Result<String, String> {
    let revision = run(Command::new("svnlook").arg("youngest").arg(path))?;
    let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
    let url = format!("file://{}/{}", path.display(), branch.trim_matches('/'));
    let word = revision.trim().to_owned();
    // What a committer points at elsewhere (svn:externals) is not fetched.
    let words = ["export", "--quiet", "--force", "--non-interactive", "--ignore-externals", "-r", &word, "--", &url];
    run(Command::new("svn").args(words).arg(into))?;
    Ok(word)
}

fn hg(path: &Path, branch: &str, into: &Path) -> Result<String, String> {
    let revision =
        run(Command::new("hg").arg("-R").arg(path).args(["log", &format!("--rev={branch}"), "--template", "{node}"]))?;
    let rev = format!("--rev={revision}");
    run(Command::new("hg").arg("-R").arg(path).args(["archive", &rev, "-t", "files", "-X", "path:.hgsub"]).arg(into))?;
    Ok(revision)
}

fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.env("HGPLAIN", "+strictflags").env("LC_ALL", "C.UTF-8").output();
    let output = output.map_err(|error| format!("{name} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    // The last line may be but a hint to what the lines before it say.
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(300).collect();
    Err(format!("{name} failed: {}", if said.is_empty() { "it gave no reason" } else { &said }))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn walk(root: &Path, folder: &Path, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let about = path.symlink_metadata()?;
        // A link may lead out of the tree; hidden files belong to tools.
        if about.is_symlink() || is_hidden(&path) {
            continue;
        }
        if about.is_dir() {
            walk(root, &path, files)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if about.len() > LARGEST {
            files.left_out.push((name, format!("It is larger than {} MB.", LARGEST >> 20)));
        } else if files.files.len() == MOST {
            files.left_out.push((name, format!("A site has at most {MOST} files.")));
        } else {
            files.files.insert(name, SourceFile::new(std::fs::read(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_never_leaves_the_source_tree() {
        assert!(below(Path::new("/srv"), "../etc").is_err());
        assert!(below(Path::new("/srv"), "/etc").is_err());
        assert_eq!(below(Path::new("/srv"), "docs/en"), Ok("/srv/docs/en".into()));
    }

    #[test]
    fn the_signature_of_a_folder_changes_with_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Source::Place { path: folder.path().into(), branch: String::new(), folder: String::new() };
        std::fs::write(folder.path().join("a.md"), "one").expect("a file");
        let before = signature(&source);
        assert_eq!(before, signature(&source));
        std::fs::write(folder.path().join("a.md"), "longer").expect("a file");
        assert_ne!(before, signature(&source));
    }
}
