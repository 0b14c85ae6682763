//! The page of the manual that names these tests: each one that it names is there.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/admin/security.md")).expect("the page");
    let words = page.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::"));
    let named: Vec<(&str, &str)> = words.filter(|(path, _)| path.ends_with(".rs")).collect();
    assert!(named.len() > 60, "the page names only {} tests", named.len());
    for (path, test) in &named {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(text.contains(&format!("fn {test}(")), "{path} has no test {test}");
    }
    // And the other way round: what stands beside this file is named.
    let mut here = vec![];
    sources(&root.join("apps/hub/tests/guard"), &mut here);
    for path in here {
        let text = std::fs::read_to_string(&path).expect("a file");
        for piece in text.split("test]\n").skip(1) {
            let name = piece.split_once("fn ").and_then(|(_, rest)| rest.split('(').next()).unwrap_or_default();
            let is_own = name == "every_test_that_the_threat_model_names_is_there";
            assert!(is_own || named.iter().any(|(_, test)| *test == name), "the page does not name {name}");
        }
    }
}
