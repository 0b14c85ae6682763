//! Paths of a site: from a file to its address, and files that documents include.

use std::collections::BTreeMap;

/// The address of a page below the mount: `index.md` is the folder, other pages are named like their file.
pub fn address(source: &str) -> String {
    let stem = source.rsplit_once('.').map_or(source, |(stem, _)| stem);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let is_index = matches!(name.to_ascii_lowercase().as_str(), "index" | "readme" | "_index");
    if is_index { folder.to_owned() } else { stem.to_owned() }
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

/// The source tree, as `include` and `literalinclude` see it.
pub struct Tree<'a> {
    pub files: &'a BTreeMap<String, Vec<u8>>,
}

impl rst::Files for Tree<'_> {
    fn read(&self, path: &str, from: &str, _encoding: Option<&str>) -> Result<rst::File, String> {
        let inside = resolve(from, path).ok_or_else(|| format!("\"{path}\" leaves the source tree."))?;
        let bytes =
            self.files.get(&inside).ok_or_else(|| format!("There is no file \"{path}\" in the source tree."))?;
        Ok(rst::File { text: String::from_utf8_lossy(bytes).into_owned(), path: inside })
    }
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
}
