//! Reading `git log -z --raw --numstat`. Pure.
//!
//! Everything ends with U+0000, so the answer is a row of words: thirteen of the commit, then for each file `:modes ids
//! status`, its path or two, and for each file `added TAB removed TAB path` (or, when it moved, an empty path and two more
//! words). A word is known by its place, so that no path can be taken for another thing.

use chrono::{DateTime, FixedOffset};

use super::{Changed, MOST_PATHS, Revision, Status, message, text};

/// The commit's words. The first tells where a commit begins.
pub const FORMAT: &str = "tformat:%x02commit%x00%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00";

const BEGIN: &[u8] = b"\x02commit";

/// The commits of an answer. An answer that was cut gives those that are whole, and the last with fewer files.
pub fn read(answer: &[u8]) -> Vec<Revision> {
    let mut words = Words(answer.split(|byte| *byte == 0).collect::<Vec<_>>().into_iter().peekable());
    let mut commits = Vec::new();
    while let Some(word) = words.0.next() {
        if trimmed(word) == BEGIN
            && let Some(commit) = words.commit()
        {
            commits.push(commit);
        }
    }
    commits
}

/// git writes a line break where a commit's words end and its files begin.
fn trimmed(word: &[u8]) -> &[u8] {
    word.strip_prefix(b"\n").unwrap_or(word)
}

struct Words<'a>(std::iter::Peekable<std::vec::IntoIter<&'a [u8]>>);

impl Words<'_> {
    fn commit(&mut self) -> Option<Revision> {
        let mut next = || self.0.next();
        let (id, parents) = (text(next()?), text(next()?));
        let (author_name, author_email) = (name(next()?), name(next()?));
        let authored = time(next()?);
        let (committer_name, committer_email) = (name(next()?), name(next()?));
        let committed = time(next()?);
        let message = message(next()?);
        let differs = (&committer_name, &committer_email) != (&author_name, &author_email);
        let (changes, files) = self.files();
        Some(Revision {
            id,
            number: None,
            parents: parents.split_whitespace().map(str::to_owned).collect(),
            committer: if differs { format!("{committer_name} <{committer_email}>") } else { String::new() },
            author_name,
            author_email,
            authored_at: authored.to_utc(),
            authored_offset: i64::from(authored.offset().local_minus_utc() / 60),
            committed_at: committed.to_utc(),
            message,
            changes,
            files,
            branch: String::new(),
        })
    }

    fn files(&mut self) -> (Vec<Changed>, usize) {
        let (mut changes, mut files, mut counted) = (Vec::new(), 0, 0);
        while let Some(word) = self.0.peek().map(|word| trimmed(word)) {
            if word == BEGIN {
                break;
            }
            self.0.next();
            if let Some(status) = word.strip_prefix(b":").and_then(|raw| raw.split(|byte| *byte == b' ').nth(4)) {
                let Some(change) = self.raw(status) else { break };
                files += 1;
                if changes.len() < MOST_PATHS {
                    changes.push(change);
                }
            } else if let Some((added, removed)) = self.counts(word) {
                // The counts stand in the order of the files.
                if let Some(change) = changes.get_mut(counted) {
                    (change.added, change.removed) = (added, removed);
                }
                counted += 1;
            }
        }
        (changes, files)
    }

    fn raw(&mut self, status: &[u8]) -> Option<Changed> {
        let status = match status.first()? {
            b'A' => Status::Added,
            b'D' => Status::Deleted,
            b'R' => Status::Renamed,
            b'C' => Status::Copied,
            _ => Status::Modified,
        };
        let first = text(self.0.next()?);
        let two = matches!(status, Status::Renamed | Status::Copied);
        let (from, path) = if two { (Some(first), text(self.0.next()?)) } else { (None, first) };
        Some(Changed { path, from, status, ..Changed::default() })
    }

    /// Lines added and removed; a binary file says `-` and counts none.
    fn counts(&mut self, word: &[u8]) -> Option<(u64, u64)> {
        let mut parts = word.splitn(3, |byte| *byte == b'\t');
        let mut number = || Some(text(parts.next()?).parse().unwrap_or(0));
        let counts = (number()?, number()?);
        if parts.next()?.is_empty() {
            self.0.next();
            self.0.next();
        }
        Some(counts)
    }
}

fn name(word: &[u8]) -> String {
    text(word).chars().filter(|c| !c.is_control()).take(200).collect()
}

fn time(word: &[u8]) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&text(word)).unwrap_or_else(|_| DateTime::UNIX_EPOCH.fixed_offset())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO: &[u8] = b"\x02commit\0aaaa\0bbbb cccc\0Ann \xc3\x89x\0ann@x.org\x002026-11-20T10:00:00+02:00\0Bob\0bob@x.org\
\x002026-11-20T09:00:00+00:00\0Fix it\n\ncloses #1\n\0\0\n:100644 100644 1111 2222 M\0a.txt\0:100644 100644 1 1 R100\0old name\0new\nname\0\
:000000 100644 0 1 A\0pic\xff.png\x001\t2\ta.txt\x000\t0\t\0old name\0new\nname\0-\t-\tpic\xff.png\0\0\
\x02commit\0dddd\0\0Ann\0a@x\x00bad time\0Ann\0a@x\x002026-11-20T09:00:00Z\0\0\0";

    #[test]
    fn a_log_is_read_whatever_stands_in_paths_and_names() {
        let commits = read(TWO);
        assert_eq!(commits.len(), 2);
        let first = &commits[0];
        assert_eq!((first.id.as_str(), first.parents.len(), first.author_offset()), ("aaaa", 2, 120));
        assert_eq!((first.author_name.as_str(), first.committer.as_str()), ("Ann Éx", "Bob <bob@x.org>"));
        assert_eq!(first.message, "Fix it\n\ncloses #1");
        let files: Vec<_> = first.changes.iter().map(|c| (c.path.as_str(), c.status, c.added, c.removed)).collect();
        assert_eq!(
            files,
            [
                ("a.txt", Status::Modified, 1, 2),
                ("new\nname", Status::Renamed, 0, 0),
                ("pic\u{fffd}.png", Status::Added, 0, 0),
            ]
        );
        assert_eq!(first.changes[1].from.as_deref(), Some("old name"));
        assert_eq!((commits[1].id.as_str(), commits[1].changes.len()), ("dddd", 0));
    }

    impl Revision {
        fn author_offset(&self) -> i64 {
            self.authored_offset
        }
    }

    proptest! {
        #[test]
        fn a_log_cut_anywhere_or_broken_upsets_nobody(at in 0..TWO.len(), byte in any::<u8>()) {
            prop_assert!(read(&TWO[..at]).len() <= 2);
            let mut broken = TWO.to_vec();
            broken[at] = byte;
            read(&broken);
        }
    }
}
