//! Reading `svnlook info` and `svnlook changed --copy-info`. Pure.

use chrono::DateTime;

use super::{Changed, MOST_PATHS, Revision, Status, message, text};

/// A revision from what `svnlook` says of it; `None` when that has no date.
pub fn read(number: u64, info: &[u8], changed: &[u8]) -> Option<Revision> {
    let mut lines = info.splitn(4, |byte| *byte == b'\n');
    let author: String = text(lines.next()?).chars().filter(|c| !c.is_control()).take(200).collect();
    let date = text(lines.next()?);
    // `2026-11-21 10:01:30 +0000 (Sat, 21 Nov 2026)`
    let date = DateTime::parse_from_str(date.split(" (").next()?, "%Y-%m-%d %H:%M:%S %z").ok()?.to_utc();
    let log = lines.nth(1).unwrap_or_default();
    let (changes, files) = paths(changed);
    Some(Revision {
        id: number.to_string(),
        number: i64::try_from(number).ok(),
        parents: number.checked_sub(1).filter(|n| *n > 0).map(|n| vec![n.to_string()]).unwrap_or_default(),
        author_name: if author.trim().is_empty() { "(no author)".into() } else { author.trim().to_owned() },
        author_email: String::new(),
        committer: String::new(),
        authored_at: date,
        authored_offset: 0,
        committed_at: date,
        message: message(log),
        branch: branch(&changes),
        changes,
        files,
    })
}

/// The paths of `svnlook changed --copy-info`: four columns, the path, and for a copy a line with its source.
fn paths(changed: &[u8]) -> (Vec<Changed>, usize) {
    let (mut changes, mut files): (Vec<Changed>, usize) = (Vec::new(), 0);
    for line in changed.split(|byte| *byte == b'\n').filter(|line| line.len() > 4) {
        let (columns, rest) = line.split_at(4);
        let rest = text(rest);
        if columns == b"    " {
            let source =
                rest.strip_prefix("(from ").and_then(|rest| rest.rsplit_once(":r")).map(|(path, _)| path.to_owned());
            if let (Some(change), Some(source)) = (changes.last_mut().filter(|_| files <= MOST_PATHS), source) {
                (change.from, change.status) = (Some(source), Status::Copied);
            }
            continue;
        }
        files += 1;
        if changes.len() < MOST_PATHS {
            let status = match columns[0] {
                b'A' => Status::Added,
                b'D' => Status::Deleted,
                _ => Status::Modified,
            };
            changes.push(Changed { path: rest, status, ..Changed::default() });
        }
    }
    // What was copied and deleted in one revision was moved.
    let gone: Vec<String> = changes.iter().filter(|c| c.status == Status::Deleted).map(|c| c.path.clone()).collect();
    for change in changes.iter_mut().filter(|change| change.status == Status::Copied) {
        if change.from.as_ref().is_some_and(|from| gone.contains(from)) {
            change.status = Status::Renamed;
        }
    }
    (changes, files)
}

/// The branch in which all paths lie, by the names that Subversion's own book gives: `trunk`, `branches/x`, `tags/x`; `/`
/// where they lie in several or elsewhere.
fn branch(changes: &[Changed]) -> String {
    let of = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        let at = parts.iter().position(|part| matches!(*part, "trunk" | "branches" | "tags"))?;
        let length = if parts[at] == "trunk" { at + 1 } else { at + 2 };
        parts.get(..length).map(|parts| parts.join("/")).filter(|branch| !branch.ends_with('/'))
    };
    let mut branches = changes.iter().map(|change| of(&change.path));
    match branches.next() {
        Some(Some(first)) if branches.all(|other| other.as_ref() == Some(&first)) => first,
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INFO: &[u8] = "ann\n2026-11-21 10:01:30 +0000 (Sat, 21 Nov 2026)\n17\nadd é\n\ncloses #1\n".as_bytes();
    const CHANGED: &[u8] =
        "D   trunk/a é.txt\nA + trunk/b.txt\n    (from trunk/a é.txt:r2)\n_U  trunk/c\nUU  trunk/d\n".as_bytes();

    #[test]
    fn a_revision_is_read() {
        let revision = read(3, INFO, CHANGED).unwrap();
        assert_eq!((revision.author_name.as_str(), revision.message.as_str()), ("ann", "add é\n\ncloses #1"));
        assert_eq!((revision.branch.as_str(), revision.parents), ("trunk", vec!["2".to_owned()]));
        let paths: Vec<_> = revision.changes.iter().map(|c| (c.path.as_str(), c.status)).collect();
        assert_eq!(
            paths,
            [
                ("trunk/a é.txt", Status::Deleted),
                ("trunk/b.txt", Status::Renamed),
                ("trunk/c", Status::Modified),
                ("trunk/d", Status::Modified),
            ]
        );
        assert_eq!(revision.changes[1].from.as_deref(), Some("trunk/a é.txt"));
    }

    #[test]
    fn branches_are_found_by_their_usual_names() {
        for (paths, wanted) in [
            (&["trunk/a", "trunk/b/c"][..], "trunk"),
            (&["branches/2.7/a", "branches/2.7/b"], "branches/2.7"),
            (&["pypy/trunk/a"], "pypy/trunk"),
            (&["tags/v1/"], "tags/v1"),
            (&["trunk/a", "branches/x/a"], "/"),
            (&["README"], "/"),
            (&["branches/"], "/"),
            (&[], "/"),
        ] {
            let changes: Vec<_> = paths.iter().map(|p| Changed { path: (*p).into(), ..Changed::default() }).collect();
            assert_eq!(branch(&changes), wanted, "{paths:?}");
        }
    }

    #[test]
    fn a_revision_without_an_author_has_one_to_show() {
        let revision = read(1, b"\n2026-11-21 10:01:30 +0000 (Sat)\n0\n\n", b"").unwrap();
        assert_eq!((revision.author_name.as_str(), revision.message.as_str()), ("(no author)", ""));
        assert!(read(1, b"ann\nyesterday\n0\n", b"").is_none());
    }

    proptest! {
        #[test]
        fn no_answer_upsets_it(info in "(\\PC|\n){0,80}", changed in "([AD_U +\n(]|from |:r|\\PC){0,80}") {
            read(7, info.as_bytes(), changed.as_bytes());
            read(7, INFO, changed.as_bytes());
        }
    }
}
