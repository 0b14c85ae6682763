//! A diff as its page shows it: bounded, with marks and a name for every line.

use std::collections::HashMap;

use serde::Serialize;

use super::{File, Kind, Line, words};
use crate::vcs::{Changed, Status};

/// Files whose lines are shown.
const FILES: usize = 300;
/// Lines that are shown of all files, and of one.
const LINES: usize = 6_000;
const LINES_OF_ONE: usize = 1_500;
/// A file with more lines stands folded.
const UNFOLDED: usize = 400;
/// A longer line is shown as its beginning.
const LONGEST_LINE: usize = 1_000;

/// A whole diff.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub files: Vec<ShownFile>,
    /// All files that changed, also those that are not among `files`.
    pub total: usize,
    pub added: u64,
    pub removed: u64,
    /// Said when not everything is shown.
    pub note: Option<String>,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct ShownFile {
    pub id: String,
    pub path: String,
    pub old_path: Option<String>,
    pub status: &'static str,
    pub added: u64,
    pub removed: u64,
    pub note: Option<String>,
    pub open: bool,
    pub hunks: Vec<ShownHunk>,
}

/// One run of lines.
#[derive(Clone, Debug, Serialize)]
pub struct ShownHunk {
    pub header: String,
    pub lines: Vec<ShownLine>,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct ShownLine {
    pub kind: &'static str,
    pub old: Option<u64>,
    pub new: Option<u64>,
    pub html: String,
}

/// A diff for its page.
pub fn show(files: Vec<File>) -> Shown {
    show_of(files, 0)
}

/// The beginning of a diff for its page; `known` is all that the repository told of its `total` files.
pub fn show_cut(mut files: Vec<File>, known: &[Changed], total: usize) -> Shown {
    let read: HashMap<String, usize> =
        files.iter().enumerate().map(|(place, file)| (file.path.clone(), place)).collect();
    let whole = files.len().saturating_sub(1);
    for change in known {
        match read.get(&change.path) {
            // The counts of what was read are right but for the last file.
            Some(place) if *place < whole => {}
            Some(place) => {
                let file = &mut files[*place];
                (file.added, file.removed) = (file.added.max(change.added), file.removed.max(change.removed));
            }
            None => files.push(File::without_lines(change)),
        }
    }
    let all = total.max(files.len());
    let mut shown = show_of(files, all);
    for (place, file) in shown.files.iter_mut().enumerate() {
        if place > whole {
            (file.note, file.open) = (Some("Its lines are left out here. The patch has them.".to_owned()), false);
        } else if place == whole {
            file.note = Some("Only the beginning is shown. The patch has all of it.".to_owned());
        }
    }
    let lines = match (whole, all) {
        (_, 1) => "Only its beginning is shown".to_owned(),
        (0, _) => format!("Only the beginning of one of its {all} files is shown"),
        _ => format!("The lines of {} of its {all} files are shown", whole + 1),
    };
    shown.note = Some(format!("This change is too large to be shown whole. {lines}. The patch has all of it."));
    shown
}

/// Files for a page; `all` is how many changed, when it is more than these.
fn show_of(files: Vec<File>, all: usize) -> Shown {
    let (added, removed) = files.iter().fold((0, 0), |(a, r), file| (a + file.added, r + file.removed));
    let total = files.len().max(all);
    let mut left = LINES;
    let files: Vec<ShownFile> =
        files.into_iter().take(FILES).enumerate().map(|(place, file)| show_file(place, file, &mut left)).collect();
    let note = (total > files.len())
        .then(|| format!("{} of {total} files are shown. The patch has all of them.", files.len()));
    Shown { files, total, added, removed, note }
}

fn show_file(place: usize, file: File, left: &mut usize) -> ShownFile {
    let lines: usize = file.hunks.iter().map(|hunk| hunk.lines.len()).sum();
    let mut note = if file.binary {
        Some("A binary file.".to_owned())
    } else if let Some(mode) = &file.mode {
        Some(format!("Mode {mode}."))
    } else if lines == 0 {
        Some(match file.status {
            Status::Renamed => "Moved without a change.".to_owned(),
            Status::Copied => "Copied without a change.".to_owned(),
            _ => "No lines to show.".to_owned(),
        })
    } else {
        None
    };
    let mut room = LINES_OF_ONE.min(*left);
    if lines > room {
        note = Some(format!("The first {room} of {lines} lines are shown. The patch has all of them."));
    }
    let mut hunks = Vec::new();
    for hunk in file.hunks {
        if room == 0 {
            break;
        }
        let lines: Vec<Line> = hunk.lines.into_iter().take(room).collect();
        room -= lines.len();
        *left -= lines.len();
        hunks.push(ShownHunk { header: hunk.header.chars().take(200).collect(), lines: show_lines(&lines) });
    }
    ShownFile {
        id: format!("f{}", place + 1),
        path: file.path,
        old_path: file.old_path,
        status: match file.status {
            Status::Added | Status::Copied => "added",
            Status::Deleted => "removed",
            Status::Renamed => "renamed",
            Status::Modified => "changed",
        },
        added: file.added,
        removed: file.removed,
        note,
        open: lines <= UNFOLDED,
        hunks,
    }
}

fn show_lines(lines: &[Line]) -> Vec<ShownLine> {
    let mut shown = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let run = |from: usize, kind: Kind| lines[from..].iter().take_while(|line| line.kind == kind).count();
        let removed = run(at, Kind::Removed);
        let added = if removed > 0 { run(at + removed, Kind::Added) } else { 0 };
        if removed > 0 && added > 0 {
            let texts = |range: std::ops::Range<usize>| lines[range].iter().map(|line| &*line.text).collect::<Vec<_>>();
            let (old, new) = (texts(at..at + removed), texts(at + removed..at + removed + added));
            let (before, after) = words::marked_run(&old, &new);
            let html = before.into_iter().chain(after);
            shown.extend(lines[at..at + removed + added].iter().zip(html).map(|(line, html)| show_line(line, html)));
            at += removed + added;
        } else {
            shown.push(show_line(&lines[at], words::plain(&lines[at].text)));
            at += 1;
        }
    }
    shown
}

fn show_line(line: &Line, html: String) -> ShownLine {
    let kind = match line.kind {
        Kind::Added => "add",
        Kind::Removed => "del",
        Kind::Same => "same",
        Kind::Remark => "same remark",
    };
    let html = if line.text.len() > LONGEST_LINE {
        let start = line.text.floor_char_boundary(LONGEST_LINE);
        format!("{} … ({} bytes)", words::plain(&line.text[..start]), line.text.len())
    } else {
        html
    };
    ShownLine { kind, old: line.old, new: line.new, html }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::parse;

    #[test]
    fn lines_have_names_marks_and_bounds() {
        let shown =
            show(parse(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-let a = 1;\n+let b = 1;\n"));
        let lines = &shown.files[0].hunks[0].lines;
        assert_eq!(lines[1].html, "let <del>a</del> = 1;");
        assert_eq!((lines[2].kind, lines[2].new), ("add", Some(2)));
        assert_eq!((shown.added, shown.removed, shown.note), (1, 1, None));
    }

    #[test]
    fn a_large_file_is_folded_and_cut_with_a_word() {
        let many: String = (0..2000).map(|n| format!("+line {n}\n")).collect();
        let diff = format!("diff --git a/x b/x\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2000 @@\n{many}");
        let shown = show(parse(diff.as_bytes()));
        let file = &shown.files[0];
        assert_eq!((file.open, file.hunks[0].lines.len(), file.added), (false, 1500, 2000));
        assert!(file.note.as_ref().is_some_and(|note| note.contains("1500 of 2000")));
    }

    #[test]
    fn a_diff_that_was_cut_says_how_many_files_changed_and_what_is_left_out() {
        let diff = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,90 @@\n same\n+one\n";
        let change = |path: &str, added| Changed { path: path.into(), added, ..Changed::default() };
        let known = [change("x", 89), change("y", 7)];
        let shown = show_cut(parse(diff), &known, 300);
        let notes: Vec<_> = shown.files.iter().map(|file| file.note.clone().unwrap_or_default()).collect();
        assert_eq!((shown.total, shown.added), (300, 96));
        assert!(shown.note.is_some_and(|note| note.contains("the beginning of one of its 300 files")));
        assert!(notes[0].starts_with("Only the beginning") && notes[1].contains("left out"), "{notes:?}");
        let shown = show_cut(parse(diff), &known[..1], 1);
        assert_eq!((shown.total, shown.files.len(), shown.added), (1, 1, 89));
    }
}
