//! The files of the theme: built in, each replaceable by one of the same name under `<data>/theme/`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../themes/default"]
struct Default;

/// A static file with the hash that stands in its URL.
#[derive(Clone)]
pub struct Asset {
    pub bytes: Arc<[u8]>,
    /// The first 10 hexadecimal digits of the SHA-256 of the bytes.
    pub hash: String,
}

/// All files of the theme, the project's own laid over the built-in ones.
#[derive(Clone, Default)]
pub struct Theme {
    templates: BTreeMap<String, String>,
    assets: Arc<BTreeMap<String, Asset>>,
}

impl Theme {
    /// Reads the built-in theme and lays the files under `overlay`, when it is there, over it.
    pub fn load(overlay: Option<&Path>) -> std::io::Result<Self> {
        let mut files: BTreeMap<String, Cow<'static, [u8]>> =
            Default::iter().filter_map(|name| Default::get(&name).map(|file| (name.into_owned(), file.data))).collect();
        if let Some(folder) = overlay {
            files.extend(files_below(folder)?.into_iter().map(|(name, bytes)| (name, Cow::Owned(bytes))));
        }
        let mut theme = Self::default();
        let mut assets = BTreeMap::new();
        for (name, bytes) in files {
            if let Some(name) = name.strip_prefix("static/") {
                assets.insert(name.to_owned(), Asset { bytes: Arc::from(&*bytes), hash: hash(&bytes) });
            } else if let Ok(text) = String::from_utf8(bytes.into_owned()) {
                theme.templates.insert(name, text);
            }
        }
        theme.assets = Arc::new(assets);
        Ok(theme)
    }

    /// Template name to template text.
    pub fn templates(&self) -> &BTreeMap<String, String> {
        &self.templates
    }

    /// A static file by its name below `static/`.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// The names of all static files.
    pub fn asset_names(&self) -> impl Iterator<Item = &str> {
        self.assets.keys().map(String::as_str)
    }

    /// The URL of a static file; it changes with its bytes, so that it may be cached for ever.
    pub fn asset_url(&self, name: &str) -> String {
        match self.assets.get(name) {
            Some(asset) => format!("/static/{}/{name}", asset.hash),
            None => format!("/static/missing/{name}"),
        }
    }
}

/// The first 10 hexadecimal digits of the SHA-256 of a file.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..5])
}

/// The names of all files of the built-in theme, in order.
pub fn names() -> impl Iterator<Item = String> {
    let names: std::collections::BTreeSet<String> = Default::iter().map(Cow::into_owned).collect();
    names.into_iter()
}

/// A file of the built-in theme.
pub fn built_in(name: &str) -> Option<Vec<u8>> {
    Default::get(name).map(|file| file.data.into_owned())
}

/// Every file below a folder by its name with `/`, but for what begins with a dot; none when there is no such folder.
pub(crate) fn files_below(root: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders: Vec<_> = root.is_dir().then(|| root.to_owned()).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(root) {
                files.insert(name.to_string_lossy().replace('\\', "/"), std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
