//! The Containerfile, held against the program and the repository: what it copies is there, and its ports, paths and
//! commands are those of the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::HubConfig;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The instructions: each word with what follows it, lines that go on put together.
fn instructions() -> Vec<(String, String)> {
    let text = text("Containerfile").replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| line.split_once(' ').map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()));
    lines.map(|line| split(line).unwrap_or_else(|| panic!("`{line}` is no instruction"))).collect()
}

fn all(word: &str) -> Vec<String> {
    instructions().into_iter().filter(|(known, _)| known == word).map(|(_, rest)| rest).collect()
}

/// The only instruction of this word.
fn one(word: &str) -> String {
    let mut found = all(word);
    assert_eq!(found.len(), 1, "{word}: {found:?}");
    found.remove(0)
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("`{text}` is no list of words: {error}"))
}

#[test]
fn what_it_copies_is_there_and_what_the_build_needs_is_not_left_out() {
    for copy in all("COPY") {
        let words: Vec<&str> = copy.split_whitespace().collect();
        match words.as_slice() {
            ["--from=build", from, _] => assert_eq!(*from, "/source/target/release/guildhall"),
            [sources @ .., _] => assert!(sources.iter().all(|source| root().join(source).exists()), "{copy}"),
            [] => panic!("COPY of nothing"),
        }
    }
    assert!(all("RUN").contains(&"cargo build --release --locked --bin guildhall".to_owned()), "it builds the program");
    let ignored = text(".dockerignore");
    let ignored: BTreeSet<&str> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(ignored.contains(".git") && ignored.contains("target") && ignored.contains("guildhall-data"));
    for needed in ["Cargo.toml", "Cargo.lock", ".cargo", "apps", "shared", "migrations", "themes", "docs", "ops"] {
        assert!(root().join(needed).exists() && !ignored.contains(needed), "the build needs {needed}");
    }
}

#[test]
fn it_builds_with_the_rust_that_is_asked_for_on_the_debian_on_which_it_runs() {
    let images = all("FROM");
    let [build, runs] = images.as_slice() else { panic!("two stages: {images:?}") };
    let debian = runs.trim_start_matches("docker.io/library/debian:").trim_end_matches("-slim");
    assert_eq!(*build, format!("docker.io/library/rust:{}-{debian} AS build", env!("CARGO_PKG_RUST_VERSION")));
}

#[test]
fn its_ports_and_its_place_are_the_defaults() {
    let (hub, mail) = (HubConfig::default(), mail::Config::default());
    let ports: Vec<&str> =
        [&hub.listen, &mail.smtp, &mail.lmtp].map(|at| at.rsplit_once(':').expect("a port").1).to_vec();
    assert_eq!(one("EXPOSE").split_whitespace().collect::<Vec<_>>(), ports);
    let place = PathBuf::from(one("VOLUME"));
    assert_eq!(all("WORKDIR").last().map(|folder| Path::new(folder).join(&hub.data)), Some(place.clone()));
    let manual = text("docs/admin/install.md");
    assert!(manual.contains(&format!("-v guildhall:{}", place.display())), "the manual keeps the data");
}

#[test]
fn it_runs_as_a_user_of_its_own_who_owns_the_data() {
    let (user, volume) = (one("USER"), one("VOLUME"));
    assert!(!["root", "0"].contains(&user.as_str()));
    let runs = all("RUN").join("\n");
    assert!(runs.contains(&format!(" {user}")) && runs.contains("useradd"), "{runs}");
    assert!(runs.contains(&format!("install -d -o {user} -g {user} -m 711 {volume}")), "{runs}");
    let order: Vec<String> = instructions().into_iter().map(|(word, _)| word).collect();
    let at = |word: &str| order.iter().rposition(|known| known == word).expect("it is there");
    assert!(at("USER") > at("RUN") && at("ENTRYPOINT") > at("USER"));
}

#[test]
fn its_commands_are_commands_of_the_program() {
    let program = list(&one("ENTRYPOINT"));
    let words = [program.clone(), list(&one("CMD"))].concat();
    let serve = cli::command().try_get_matches_from(&words).expect("it starts");
    assert_eq!(serve.subcommand_name(), Some("serve"));
    let check = one("HEALTHCHECK");
    let (_, check) = check.split_once("CMD ").expect("a command");
    let check = cli::command().try_get_matches_from(list(check)).expect("it is checked");
    assert!(check.subcommand_matches("check").is_some_and(|check| check.get_flag("alive")));
}
