//! The import law of docs/architecture.md, held against what cargo says of the workspace.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

const APPS: [&str; 6] = ["accounts", "tracker", "lists", "commits", "chat", "site"];

/// Which of our shared crates each of them may import. An app may import all of them and no app.
const SHARED: [(&str, &[&str]); 14] = [
    ("rst", &[]),
    ("markup", &["rst"]),
    ("store", &[]),
    ("kernel", &["store"]),
    ("people", &["store"]),
    ("journal", &["store", "kernel", "people"]),
    ("jobs", &["store", "kernel"]),
    ("tls", &[]),
    ("mail", &["store", "markup", "kernel", "people", "journal", "jobs", "tls"]),
    ("search", &["store", "markup", "kernel", "people", "journal", "jobs"]),
    ("web", &["store", "markup", "kernel", "people", "journal", "jobs", "search"]),
    ("plug", &["store", "kernel", "people", "journal", "jobs", "mail", "search", "web"]),
    ("migrations", &[]),
    ("testkit", &["store", "kernel", "people", "journal", "jobs", "mail", "search", "web", "plug", "migrations"]),
];

/// The one home of each heavy crate.
const HOMES: [(&str, &str); 10] = [
    ("lettre", "mail"),
    ("mail-parser", "mail"),
    ("irc-proto", "chat"),
    ("argon2", "accounts"),
    ("pulldown-cmark", "markup"),
    ("ammonia", "markup"),
    ("tera", "kernel"),
    ("syntect", "markup"),
    ("webpki-roots", "tls"),
    ("rusqlite", "store"),
];

/// Our packages, by short name, with the short names of what each imports (not for tests only).
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Metadata = MetadataCommand::new().no_deps().exec().expect("cargo knows the workspace");
    let short = |name: &str| name.strip_prefix("guildhall-").unwrap_or(name).to_owned();
    let packages = metadata.packages.iter().map(|package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        (short(&package.name), normal.map(|dependency| short(&dependency.name)).collect())
    });
    packages.collect()
}

fn is_ours(name: &str) -> bool {
    APPS.contains(&name) || name == "hub" || SHARED.iter().any(|(shared, _)| *shared == name)
}

#[test]
fn no_app_imports_an_app_and_nobody_imports_the_hub() {
    for (package, imported) in imports() {
        assert!(!imported.contains("hub"), "{package} imports the hub");
        if package != "hub" {
            let apps: Vec<&str> = APPS.into_iter().filter(|app| imported.contains(*app)).collect();
            assert!(apps.is_empty(), "{package} imports the apps {apps:?}");
        }
    }
}

#[test]
fn shared_crates_import_only_what_stands_above_them() {
    let imports = imports();
    for (package, allowed) in SHARED {
        let imported = imports.get(package).unwrap_or_else(|| panic!("there is no crate {package}"));
        let wrong: Vec<&String> =
            imported.iter().filter(|name| is_ours(name) && !allowed.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{package} imports {wrong:?}, which the law does not allow");
    }
}

#[test]
fn every_package_is_known_to_the_law() {
    for package in imports().keys() {
        assert!(is_ours(package), "{package} has no place in docs/architecture.md");
    }
}

#[test]
fn each_heavy_crate_has_one_home() {
    for (package, imported) in imports() {
        for (heavy, home) in HOMES {
            assert!(!imported.contains(heavy) || package == home, "{package} imports {heavy}, whose home is {home}");
        }
    }
}

#[test]
fn source_files_stay_short_enough_to_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut long = vec![];
    for place in ["apps", "shared", "migrations"] {
        measure(&root.join(place), &mut long);
    }
    assert!(long.is_empty(), "split these by what they are about: {long:?}");
}

fn measure(folder: &Path, long: &mut Vec<(String, usize)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "target" {
                measure(&path, long);
            }
        } else if path.extension().is_some_and(|end| end == "rs") && entry.file_name() != "tests.rs" {
            let lines = std::fs::read_to_string(&path).expect("a file").lines().count();
            if lines > 500 {
                long.push((path.display().to_string(), lines));
            }
        }
    }
}
