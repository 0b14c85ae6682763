//! Reading unified diffs: git's (also hg's), `svn diff`'s and `svnlook diff`'s.
//!
//! A hunk's lines are counted by its header, so that a removed line `-- x` is not taken for the head of a file. What is
//! cut off in the middle gives what was whole.

use crate::vcs::{Changed, Status, text};

/// One file of a diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub path: String,
    /// Where it was before, when it moved or was copied.
    pub old_path: Option<String>,
    pub status: Status,
    pub added: u64,
    pub removed: u64,
    pub binary: bool,
    /// `100644 → 100755`, when the mode changed.
    pub mode: Option<String>,
    pub hunks: Vec<Hunk>,
}

impl File {
    /// What is known of a file without its lines.
    pub fn without_lines(change: &Changed) -> Self {
        Self {
            path: change.path.clone(),
            old_path: change.from.clone(),
            status: change.status,
            added: change.added,
            removed: change.removed,
            ..Self::default()
        }
    }
}

/// A run of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// `@@ -1,2 +1,3 @@ fn main()`
    pub header: String,
    pub lines: Vec<Line>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Same,
    Added,
    Removed,
    /// A remark of the program, such as `No newline at end of file`.
    Remark,
}

/// One line, without its mark and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    pub old: Option<u64>,
    pub new: Option<u64>,
    pub text: String,
}

/// The files of a diff.
pub fn parse(diff: &[u8]) -> Vec<File> {
    let mut reader = Reader::default();
    let diff = diff.strip_suffix(b"\n").unwrap_or(diff);
    for line in diff.split(|byte| *byte == b'\n') {
        reader.line(line);
    }
    reader.files
}

#[derive(Default)]
struct Reader {
    files: Vec<File>,
    /// Lines of the open hunk that are still to come, old and new.
    old_left: u64,
    new_left: u64,
    old: u64,
    new: u64,
    in_properties: bool,
    in_binary: bool,
    /// Whether the next `---` belongs to a file that has been opened.
    headed: bool,
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        if self.old_left > 0 || self.new_left > 0 {
            return self.hunk_line(line);
        }
        if let Some(rest) = line.strip_prefix(b"diff --git ") {
            // `svn diff --git` opens a file twice.
            let path = header_path(rest);
            let again = self.headed && self.files.last().is_some_and(|file| file.path == path && file.hunks.is_empty());
            if !again {
                self.open(path, Status::Modified);
            }
        } else if let Some(rest) = strip_any(line, &[b"diff --cc ", b"diff --combined "]) {
            self.open(unquoted(rest), Status::Modified);
        } else if let Some((path, from, status)) = svnlook(line) {
            self.open(path, status);
            if let (Some(file), Some(from)) = (self.files.last_mut(), from) {
                file.old_path = Some(from);
            }
        } else if let Some(path) = line.strip_prefix(b"Property changes on: ") {
            self.properties(&text(path));
        } else if line.starts_with(b"\\") {
            self.remark(line);
        } else if line.starts_with(b"@@ ") {
            self.hunk(line);
        } else if self.in_properties {
            self.property(line);
        } else if !self.in_binary {
            self.head(line);
        }
    }

    fn open(&mut self, path: String, status: Status) {
        self.files.push(File { path, status, ..File::default() });
        (self.in_properties, self.in_binary, self.headed) = (false, false, true);
    }

    /// The lines between a file's first and its first hunk.
    fn head(&mut self, line: &[u8]) {
        if !self.headed && line.starts_with(b"--- ") {
            self.open(String::new(), Status::Modified);
        }
        let Some(file) = self.files.last_mut() else { return };
        if let Some(path) = line.strip_prefix(b"+++ ") {
            let path = side_path(path, b"b/");
            if let Some(path) = path.filter(|_| file.path.is_empty()) {
                file.path = path;
            }
        } else if let Some(path) = line.strip_prefix(b"--- ") {
            let path = side_path(path, b"a/");
            if let Some(path) = path.filter(|_| file.path.is_empty()) {
                file.path = path;
            }
        } else if line.starts_with(b"new file mode ") {
            file.status = Status::Added;
        } else if line.starts_with(b"deleted file mode ") {
            file.status = Status::Deleted;
        } else if let Some(from) = strip_any(line, &[b"rename from ", b"copy from "]) {
            file.status = if line.starts_with(b"rename") { Status::Renamed } else { Status::Copied };
            file.old_path = Some(unquoted(from));
        } else if let Some(to) = strip_any(line, &[b"rename to ", b"copy to "]) {
            file.path = unquoted(to);
        } else if let Some(mode) = line.strip_prefix(b"old mode ") {
            file.mode = Some(text(mode));
        } else if let Some(mode) = line.strip_prefix(b"new mode ") {
            file.mode = Some(format!("{} → {}", file.mode.take().unwrap_or_default(), text(mode)));
        } else if line.starts_with(b"Binary files ") || line.starts_with(b"(Binary files differ") {
            file.binary = true;
        } else if line == b"GIT binary patch" {
            (file.binary, self.in_binary) = (true, true);
        }
    }

    fn hunk(&mut self, line: &[u8]) {
        let header = text(line);
        let Some((old, new)) = ranges(&header) else { return };
        let Some(file) = self.files.last_mut() else { return };
        file.hunks.push(Hunk { header, lines: Vec::new() });
        ((self.old, self.old_left), (self.new, self.new_left)) = (old, new);
        (self.in_properties, self.headed) = (false, false);
    }

    fn hunk_line(&mut self, line: &[u8]) {
        let (mark, rest) = line.split_first().map_or((b' ', line), |(mark, rest)| (*mark, rest));
        let kind = match mark {
            b'+' => Kind::Added,
            b'-' => Kind::Removed,
            b'\\' => return self.remark(line),
            _ => Kind::Same,
        };
        let Some(file) = self.files.last_mut() else { return };
        let (mut old, mut new) = (None, None);
        if kind != Kind::Added {
            old = Some(self.old);
            self.old += 1;
            self.old_left = self.old_left.saturating_sub(1);
        }
        if kind != Kind::Removed {
            new = Some(self.new);
            self.new += 1;
            self.new_left = self.new_left.saturating_sub(1);
        }
        file.added += u64::from(kind == Kind::Added);
        file.removed += u64::from(kind == Kind::Removed);
        let line = Line { kind, old, new, text: text(rest.strip_suffix(b"\r").unwrap_or(rest)) };
        if let Some(hunk) = file.hunks.last_mut() {
            hunk.lines.push(line);
        }
    }

    fn remark(&mut self, line: &[u8]) {
        let words = text(line);
        let words = words.trim_start_matches('\\').trim().to_owned();
        if let Some(hunk) = self.files.last_mut().and_then(|file| file.hunks.last_mut()) {
            hunk.lines.push(Line { kind: Kind::Remark, old: None, new: None, text: words });
        }
    }

    fn properties(&mut self, path: &str) {
        if self.files.last().is_none_or(|file| file.path.trim_end_matches('/') != path.trim_end_matches('/')) {
            self.open(path.to_owned(), Status::Modified);
        }
        if let Some(file) = self.files.last_mut() {
            file.hunks.push(Hunk { header: "Properties".into(), lines: Vec::new() });
        }
        (self.in_properties, self.headed) = (true, false);
    }

    /// A line about properties: `Added: svn:eol-style`, `## -0,0 +1 ##`, `+native`.
    fn property(&mut self, line: &[u8]) {
        let kind = match line.first() {
            Some(b'+') => Kind::Added,
            Some(b'-') => Kind::Removed,
            None | Some(b'_' | b'=' | b'#') => return,
            _ => Kind::Same,
        };
        let words = text(if kind == Kind::Same { line } else { &line[1..] });
        if let Some(hunk) = self.files.last_mut().and_then(|file| file.hunks.last_mut()) {
            hunk.lines.push(Line { kind, old: None, new: None, text: words });
        }
    }
}

fn strip_any<'a>(line: &'a [u8], starts: &[&[u8]]) -> Option<&'a [u8]> {
    starts.iter().find_map(|start| line.strip_prefix(*start))
}

/// `Modified: path`, `Copied: path (from rev 2, other/path)`.
fn svnlook(line: &[u8]) -> Option<(String, Option<String>, Status)> {
    for (word, status) in [("Modified: ", Status::Modified), ("Added: ", Status::Added), ("Deleted: ", Status::Deleted)]
    {
        // Properties are told of with the same words; their names have a colon, files rarely have one.
        if let Some(path) = line.strip_prefix(word.as_bytes()).filter(|path| !path.starts_with(b"svn:")) {
            return Some((text(path), None, status));
        }
    }
    let copied = text(line.strip_prefix(b"Copied: ")?);
    let (path, source) = copied.rsplit_once(" (from rev ")?;
    let from = source.split_once(", ").map(|(_, from)| from.trim_end_matches(')').to_owned());
    Some((path.to_owned(), from, Status::Copied))
}

/// The path of `a/x b/x`: both halves are the same unless another line says so.
fn header_path(rest: &[u8]) -> String {
    if let Some(quoted) = rest.strip_suffix(b"\"") {
        let start = quoted.windows(4).rposition(|w| w == b" \"b/").map_or(0, |at| at + 1);
        let path = unquoted(&rest[start..]);
        return path.strip_prefix("b/").unwrap_or(&path).to_owned();
    }
    let half = rest.len().saturating_sub(5) / 2;
    let (old, new) = (rest.get(2..2 + half), rest.get(rest.len() - half..));
    match (old, new) {
        (Some(old), Some(new)) if old == new && rest.starts_with(b"a/") => text(new),
        _ => {
            let at = rest.windows(3).rposition(|w| w == b" b/").map_or(0, |at| at + 3);
            text(&rest[at..])
        }
    }
}

/// The path of a `---` or `+++` line; `None` for `/dev/null`.
fn side_path(line: &[u8], prefix: &[u8]) -> Option<String> {
    let line = line.split(|byte| *byte == b'\t').next().unwrap_or(line);
    let path = unquoted(line.strip_suffix(b"\r").unwrap_or(line));
    if path == "/dev/null" {
        return None;
    }
    let prefix = std::str::from_utf8(prefix).unwrap_or_default();
    Some(path.strip_prefix(prefix).unwrap_or(&path).to_owned())
}

/// A path that git wrote in quotes because of what stands in it (git-diff(1), `core.quotePath`).
fn unquoted(path: &[u8]) -> String {
    let Some(inner) = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\"")) else { return text(path) };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'3') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push(value as u8);
            }
            Some(letter) => bytes.push(match letter {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'a' => 7,
                b'b' => 8,
                b'f' => 12,
                b'v' => 11,
                other => other,
            }),
            None => {}
        }
    }
    text(&bytes)
}

/// The first line and the number of lines, old and new, of `@@ -1,2 +3 @@`.
fn ranges(header: &str) -> Option<((u64, u64), (u64, u64))> {
    let mut words = header.strip_prefix("@@ ")?.split(' ');
    let mut range = |sign: char| {
        let word = words.next()?.strip_prefix(sign)?;
        let (start, count) = word.split_once(',').unwrap_or((word, "1"));
        Some((start.parse::<u64>().ok()?, count.parse::<u64>().ok()?))
    };
    Some((range('-')?, range('+')?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIT: &str = "diff --git a/a b.txt b/a b.txt\nindex 1..2 100644\n--- a/a b.txt\n+++ b/a b.txt\n@@ -1,3 +1,3 @@ fn x\n one\n--- two\n+++ zwei\n three\n\
\\ No newline at end of file\ndiff --git \"a/\\303\\251\\n.txt\" \"b/\\303\\251\\n.txt\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/\\303\\251\\n.txt\"\n@@ -0,0 +1 @@\n+new\n\
diff --git a/old b/dir/new\nsimilarity index 90%\nrename from old\nrename to dir/new\ndiff --git a/pic.png b/pic.png\nindex 1..2 100644\n\
Binary files a/pic.png and b/pic.png differ\ndiff --git a/run b/run\nold mode 100644\nnew mode 100755\ndiff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n";

    #[test]
    fn a_git_diff_is_read() {
        let files = parse(GIT.as_bytes());
        let seen: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.status, f.added, f.removed, f.binary)).collect();
        assert_eq!(
            seen,
            [
                ("a b.txt", Status::Modified, 1, 1, false),
                ("é\n.txt", Status::Added, 1, 0, false),
                ("dir/new", Status::Renamed, 0, 0, false),
                ("pic.png", Status::Modified, 0, 0, true),
                ("run", Status::Modified, 0, 0, false),
                ("gone", Status::Deleted, 0, 1, false),
            ]
        );
        assert_eq!(files[2].old_path.as_deref(), Some("old"));
        assert_eq!(files[4].mode.as_deref(), Some("100644 → 100755"));
        let lines: Vec<_> = files[0].hunks[0].lines.iter().map(|l| (l.kind, l.old, l.new, l.text.as_str())).collect();
        assert_eq!(
            lines,
            [
                (Kind::Same, Some(1), Some(1), "one"),
                (Kind::Removed, Some(2), None, "-- two"),
                (Kind::Added, None, Some(2), "++ zwei"),
                (Kind::Same, Some(3), Some(3), "three"),
                (Kind::Remark, None, None, "No newline at end of file"),
            ]
        );
    }

    #[test]
    fn an_svnlook_diff_is_read() {
        let diff = "Deleted: trunk/a é.txt\n===\n--- trunk/a é.txt\t2026 (rev 2)\n+++ trunk/a é.txt\t2026 (rev 3)\n@@ -1,2 +0,0 @@\n-a\n-b\n\n\
Copied: trunk/b.txt (from rev 2, trunk/a é.txt)\n===\n--- trunk/b.txt\t(rev 0)\n+++ trunk/b.txt\t(rev 3)\n@@ -0,0 +1,1 @@\n+a\n\n\n\
Property changes on: trunk/b.txt\n___\nAdded: svn:eol-style\n## -0,0 +1 ##\n+native\n\\ No newline at end of property\n\
Modified: trunk/pic\n===\n(Binary files differ)\n";
        let files = parse(diff.as_bytes());
        let seen: Vec<_> =
            files.iter().map(|f| (f.path.as_str(), f.status, f.added, f.removed, f.hunks.len())).collect();
        assert_eq!(
            seen,
            [
                ("trunk/a é.txt", Status::Deleted, 0, 2, 1),
                ("trunk/b.txt", Status::Copied, 1, 0, 2),
                ("trunk/pic", Status::Modified, 0, 0, 0),
            ]
        );
        assert!(files[2].binary);
        assert_eq!(files[1].hunks[1].lines[1].text, "native");
        assert_eq!(files[1].old_path.as_deref(), Some("trunk/a é.txt"));
    }

    #[test]
    fn a_plain_diff_without_git_heads_is_read() {
        let files = parse(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n");
        assert_eq!(files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    }

    proptest! {
        #[test]
        fn a_diff_cut_anywhere_or_broken_upsets_nobody(at in 0..GIT.len(), byte in any::<u8>()) {
            prop_assert!(parse(&GIT.as_bytes()[..at]).len() <= 6);
            let mut broken = GIT.as_bytes().to_vec();
            broken[at] = byte;
            parse(&broken);
        }

        #[test]
        fn no_text_upsets_it(diff in "(diff --git |a/|@@ -1,9 \\+1,9 @@\n|\\PC|[\n+\\-\"\\\\ ]){0,60}") {
            parse(diff.as_bytes());
        }
    }
}
