//! Mail about revisions of Subversion, with the subjects and fields of its `mailer.py`.

use std::collections::BTreeSet;

use kernel::TemplateError;

use super::Diffs;
use super::letter::{Letter, Scene};
use crate::query::Revision;
use crate::vcs::{Changed, Status};

/// The one mail of a revision.
pub fn letters(scene: &Scene<'_>, commits: &[&Revision], diffs: &Diffs) -> Result<Vec<Letter>, TemplateError> {
    commits.iter().map(|commit| one(scene, commit, diffs)).collect()
}

fn one(scene: &Scene<'_>, commit: &Revision, diffs: &Diffs) -> Result<Letter, TemplateError> {
    let changes: Vec<Changed> = serde_json::from_str(&commit.changes).unwrap_or_default();
    let diff = diffs.get(&commit.commit_id).map_or("", String::as_str);
    let repository =
        scene.repository.folder().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let fields = vec![
        ("X-Svn-Commit-Project", scene.repository.name.clone()),
        (
            "X-Svn-Commit-Author",
            if commit.author_name.starts_with('(') { "no_author".into() } else { commit.author_name.clone() },
        ),
        ("X-Svn-Commit-Revision", commit.commit_id.clone()),
        ("X-Svn-Commit-Repository", repository.unwrap_or_else(|| scene.repository.name.clone())),
    ];
    Ok(Letter {
        from: scene.from(&commit.author_name),
        reply_to: scene.reply_to(commit),
        subject: scene.subject(&subject(&commit.commit_id, &changes)),
        text: scene.commit_text(commit, &commit.branch, &format!("{}\n{diff}", paths(&changes)))?,
        message_id: scene.commit_id(commit),
        in_reply_to: None,
        headers: scene.headers(fields),
    })
}

/// `r12 - trunk`, `r12 - in trunk: . src tests`: the folders in which something changed.
fn subject(number: &str, changes: &[Changed]) -> String {
    let folder = |path: &str| match path.strip_suffix('/') {
        Some(folder) => folder.to_owned(),
        None => path.rsplit_once('/').map_or_else(|| "/".to_owned(), |(folder, _)| folder.to_owned()),
    };
    let folders: BTreeSet<String> = changes.iter().map(|change| folder(&change.path)).collect();
    let folders: Vec<String> = folders.into_iter().collect();
    let (common, folders) = common_folder(folders);
    let folders = folders.join(" ");
    if common.is_empty() { format!("r{number} - {folders}") } else { format!("r{number} - in {common}: {folders}") }
}

/// The folder that all share, and what lies below it; nothing is shared by one folder alone or where the root changed.
fn common_folder(folders: Vec<String>) -> (String, Vec<String>) {
    if folders.len() < 2 || folders.iter().any(|folder| folder == "/") {
        return (String::new(), folders);
    }
    let mut common: Vec<&str> = folders[0].split('/').collect();
    for folder in &folders[1..] {
        let shared = common.iter().zip(folder.split('/')).take_while(|(a, b)| *a == b).count();
        common.truncate(shared);
    }
    let common = common.join("/");
    if common.is_empty() {
        return (common, folders);
    }
    let below = |folder: &String| match folder.strip_prefix(&format!("{common}/")) {
        Some(below) => below.to_owned(),
        None => ".".to_owned(),
    };
    let folders = folders.iter().map(below).collect();
    (common, folders)
}

/// The changed paths by what was done to them.
fn paths(changes: &[Changed]) -> String {
    let mut out = String::new();
    for (word, statuses) in [
        ("Added", &[Status::Added, Status::Copied, Status::Renamed][..]),
        ("Modified", &[Status::Modified]),
        ("Deleted", &[Status::Deleted]),
    ] {
        let of: Vec<&Changed> = changes.iter().filter(|change| statuses.contains(&change.status)).collect();
        if of.is_empty() {
            continue;
        }
        out.push_str(&format!("{word}:\n"));
        for change in of {
            let from = change.from.as_ref().map(|from| format!(" (from {from})")).unwrap_or_default();
            out.push_str(&format!("   {}{from}\n", change.path));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_the_folders_that_changed() {
        for (paths, wanted) in [
            (&["trunk/a", "trunk/b"][..], "r7 - trunk"),
            (&["trunk/a", "trunk/src/b", "trunk/src/x/c"], "r7 - in trunk: . src src/x"),
            (&["trunk/a", "branches/x/a"], "r7 - branches/x trunk"),
            (&["README", "trunk/a"], "r7 - / trunk"),
            (&["trunk/", "branches/"], "r7 - branches trunk"),
            (&[], "r7 - "),
        ] {
            let changes: Vec<_> =
                paths.iter().map(|path| Changed { path: (*path).into(), ..Changed::default() }).collect();
            assert_eq!(subject("7", &changes), wanted);
        }
    }
}
