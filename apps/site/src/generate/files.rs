//! Paths of a site: from a file to its address, and files that documents include.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::digest;

/// One file of a source tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub bytes: Arc<[u8]>,
    /// Differs when the bytes do.
    pub digest: u64,
}

impl SourceFile {
    /// A file with these bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { digest: digest(&bytes), bytes }
    }
}

/// The files of a source, by their path with `/`.
pub type Tree = BTreeMap<String, SourceFile>;

/// The tree of these paths and texts.
pub fn tree_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Tree {
    files.into_iter().map(|(name, text)| (name.to_owned(), SourceFile::new(text.as_bytes()))).collect()
}

/// The address of a page below the mount: `index.md` is the folder, other pages are named like their file.
pub fn address(source: &str) -> String {
    let stem = stem(source);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let is_index = matches!(name.to_ascii_lowercase().as_str(), "index" | "readme" | "_index");
    if is_index { folder.to_owned() } else { stem.to_owned() }
}

/// A path without the end of its name.
pub fn stem(source: &str) -> &str {
    match source.rsplit_once('.') {
        Some((stem, end)) if !end.contains('/') => stem,
        _ => source,
    }
}

/// `target` as it is meant in the file `from`: relative to its folder, or to the root when it begins with `/`. `None`
/// when it leaves the tree.
pub fn resolve(from: &str, target: &str) -> Option<String> {
    let folder = if target.starts_with('/') { "" } else { from.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The source tree, as `include` and `literalinclude` see it; what was read is noted.
pub struct Included<'a> {
    pub files: &'a Tree,
    /// Path to digest; none for a file that is not there.
    pub reads: RefCell<BTreeMap<String, Option<u64>>>,
}

impl<'a> Included<'a> {
    /// A tree of which nothing was read.
    pub fn of(files: &'a Tree) -> Self {
        Self { files, reads: RefCell::default() }
    }
}

impl rst::Files for Included<'_> {
    fn read(&self, path: &str, from: &str, encoding: Option<&str>) -> Result<rst::File, String> {
        let inside = resolve(from, path).ok_or_else(|| format!("\"{path}\" leaves the source tree."))?;
        let file = self.files.get(&inside);
        self.reads.borrow_mut().insert(inside.clone(), file.map(|file| file.digest));
        let file = file.ok_or_else(|| format!("There is no file \"{path}\" in the source tree."))?;
        match encoding {
            Some(_) => rst::File::decoded(&inside, &file.bytes, encoding),
            // Broken bytes in a file of text are shown as signs of replacement, not refused with the file.
            None => Ok(rst::File { text: String::from_utf8_lossy(&file.bytes).into_owned(), path: inside }),
        }
    }
}

/// Whether a path fits a pattern with `*` (no slash), `**` and `?`.
pub fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    // Row by row: whether the first `p` signs of the pattern fit the first `n` of the path.
    let mut row = vec![false; path.len() + 1];
    row[0] = true;
    let mut p = 0;
    while p < pattern.len() {
        let mut next = vec![false; path.len() + 1];
        let deep = pattern[p] == '*' && pattern.get(p + 1) == Some(&'*');
        match pattern[p] {
            '*' => {
                next[0] = row[0];
                for n in 1..=path.len() {
                    next[n] = row[n] || (next[n - 1] && (deep || path[n - 1] != '/'));
                }
            }
            sign => {
                for n in 1..=path.len() {
                    next[n] = row[n - 1] && (sign == path[n - 1] || (sign == '?' && path[n - 1] != '/'));
                }
            }
        }
        row = next;
        p += if deep { 2 } else { 1 };
    }
    row[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_addresses() {
        for (source, path) in [
            ("index.rst", ""),
            ("README.md", ""),
            ("admin/index.md", "admin"),
            ("admin/mail.md", "admin/mail"),
            ("a.b.md", "a.b"),
            ("v1.0/a", "v1.0/a"),
        ] {
            assert_eq!(address(source), path);
        }
    }

    #[test]
    fn a_target_is_found_from_where_it_stands_and_never_outside() {
        assert_eq!(resolve("admin/mail.md", "../x.png").as_deref(), Some("x.png"));
        assert_eq!(resolve("admin/mail.md", "/x.png").as_deref(), Some("x.png"));
        assert_eq!(resolve("admin/mail.md", "./y/../z.md").as_deref(), Some("admin/z.md"));
        assert_eq!(resolve("mail.md", "../../etc/passwd"), None);
    }

    #[test]
    fn patterns_fit_paths() {
        for (pattern, path, fit) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "a/b", true),
            ("howto/*", "howto/x", true),
            ("v?.*", "v1.22", true),
            ("v?.*", "main", false),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}
