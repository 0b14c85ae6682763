//! `objects.inv`, by which sites made with Sphinx (and this one) refer to each other (sphinx.util.inventory, version 2).

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// Inventories of large projects have less than a tenth of this.
const LARGEST: u64 = 64 << 20;

/// One object of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub domain: String,
    pub kind: String,
    /// The address, fragment included, relative to the site.
    pub url: String,
    pub title: Option<String>,
}

/// What one project describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    pub project: String,
    pub version: String,
    pub items: Vec<Item>,
}

impl Inventory {
    /// Reads the bytes of an `objects.inv`; lines that are no objects are passed over.
    pub fn read(bytes: &[u8]) -> Result<Inventory, String> {
        let mut parts = bytes.splitn(5, |b| *b == b'\n');
        let mut head = || String::from_utf8_lossy(parts.next().unwrap_or_default()).trim_end().to_owned();
        if head() != "# Sphinx inventory version 2" {
            return Err("This is no objects.inv of version 2; Sphinx has written that version since 1.0.".to_owned());
        }
        let field = |line: String| line.split_once(": ").map(|(_, value)| value.to_owned()).unwrap_or_default();
        let (project, version) = (field(head()), field(head()));
        head();
        let mut text = String::new();
        let body = parts.next().unwrap_or_default();
        ZlibDecoder::new(body)
            .take(LARGEST)
            .read_to_string(&mut text)
            .map_err(|e| format!("The objects.inv is broken: {e}."))?;
        Ok(Inventory { project, version, items: text.lines().filter_map(item).collect() })
    }

    /// The bytes of an `objects.inv`.
    pub fn write(&self) -> Vec<u8> {
        let mut out = format!(
            "# Sphinx inventory version 2\n# Project: {}\n# Version: {}\n# The remainder of this file is compressed using zlib.\n",
            one_line(&self.project),
            one_line(&self.version)
        )
        .into_bytes();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        for item in &self.items {
            let url = item.url.strip_suffix(&item.name).map_or_else(|| item.url.clone(), |head| format!("{head}$"));
            let title = item.title.as_deref().map_or_else(|| "-".to_owned(), one_line);
            let line = format!("{} {}:{} 1 {url} {title}\n", one_line(&item.name), item.domain, item.kind);
            // A vector takes all that is written.
            let _ = encoder.write_all(line.as_bytes());
        }
        out.extend(encoder.finish().unwrap_or_default());
        out
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `name domain:kind priority url title`; the name may hold blanks, `$` at the end of the address stands for it.
fn item(line: &str) -> Option<Item> {
    let words: Vec<(usize, &str)> = line
        .split(' ')
        .scan(0, |at, word| {
            let start = *at;
            *at += word.len() + 1;
            Some((start, word))
        })
        .collect();
    let at = words.windows(2).skip(1).position(|w| w[0].1.contains(':') && w[1].1.parse::<i32>().is_ok())? + 1;
    let (domain, kind) = words[at].1.split_once(':')?;
    let name = line.get(..words[at].0.checked_sub(1)?)?.to_owned();
    let url = words.get(at + 2)?.1;
    let url = url.strip_suffix('$').map_or_else(|| url.to_owned(), |head| format!("{head}{name}"));
    let title = words.get(at + 3).and_then(|(start, _)| line.get(*start..)).filter(|t| *t != "-" && !t.is_empty());
    Some(Item { name, domain: domain.to_owned(), kind: kind.to_owned(), url, title: title.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inventories_go_and_come() {
        let item = |name: &str, domain: &str, kind: &str, url: &str, title: Option<&str>| Item {
            name: name.into(),
            domain: domain.into(),
            kind: kind.into(),
            url: url.into(),
            title: title.map(str::to_owned),
        };
        let inventory = Inventory {
            project: "P".into(),
            version: "1".into(),
            items: vec![
                item("os.walk", "py", "function", "os.html#os.walk", None),
                item("a term", "std", "term", "g.html#term-a-term", None),
                item("start", "std", "label", "i.html#start", Some("The start")),
            ],
        };
        let bytes = inventory.write();
        assert_eq!(Inventory::read(&bytes), Ok(inventory));
        assert!(Inventory::read(b"x").is_err() && Inventory::read(&bytes[..bytes.len() - 5]).is_err());
    }
}
