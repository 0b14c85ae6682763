//! Repositories of a test, driven by the real programs.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use commits::repository::{self, Repository, Settings};
use guildhall_commits as commits;
use http::Request;
use kernel::Hub;
use people::Actor;
use plug::Module;
use tempfile::TempDir;
use testkit::{Browser, Reply, TestHub};

/// The app with its own settings.
pub fn module(hub: &Hub) -> Module {
    commits::module(hub, commits::Config::default())
}

/// A hub with this app.
pub async fn hub() -> TestHub {
    TestHub::with([module as fn(&Hub) -> Module]).await
}

/// Runs a program in a folder; what it said on both streams.
#[track_caller]
pub fn run(folder: &Path, program: &str, words: &[&str]) -> String {
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", "2026-11-20T10:00:00+0200")
        .env("GIT_COMMITTER_DATE", "2026-11-20T10:00:00+0200")
        .env("LC_ALL", "C.UTF-8")
        .env("HGRCPATH", "")
        .env("HGUSER", "Ann Éx <ann@example.org>")
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {words:?}: {said}");
    said
}

/// Registers a repository as an administrator would.
pub async fn register(hub: &TestHub, settings: Settings) -> Repository {
    let checked = repository::check(settings).await.expect("settings that can be kept");
    let tx = hub.hub.store.write().await.expect("a transaction");
    let added = repository::add(&tx, &Actor::system("test"), checked).await.expect("a new repository");
    tx.commit().await.expect("a commit");
    added
}

/// A bare repository with a hook, and a clone from which is pushed.
pub struct Git {
    folder: TempDir,
    pub name: String,
}

impl Git {
    /// An empty repository.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "git", &["init", "-q", "--bare", "-b", "main", "bare.git"]);
        run(folder.path(), "git", &["clone", "-q", "bare.git", "work"]);
        let hook = format!("#!/bin/sh\ncat > '{}'\n", folder.path().join("input").display());
        let path = folder.path().join("bare.git/hooks/post-receive");
        std::fs::write(&path, hook).expect("a hook");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a hook");
        let git = Self { folder, name: name.to_owned() };
        git.git(&["config", "user.name", "Ann Éx"]);
        git.git(&["config", "user.email", "ann@example.org"]);
        git.git(&["checkout", "-q", "-b", "main"]);
        git
    }

    pub fn bare(&self) -> PathBuf {
        self.folder.path().join("bare.git")
    }

    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Runs git in the clone.
    #[track_caller]
    pub fn git(&self, words: &[&str]) -> String {
        run(&self.work(), "git", words)
    }

    /// Writes a file and commits it; the id of the commit.
    #[track_caller]
    pub fn commit(&self, file: &str, text: &str, message: &str) -> String {
        let path = self.work().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub fn settings(&self) -> Settings {
        Settings { name: self.name.clone(), path: self.bare().to_string_lossy().into_owned(), ..Settings::default() }
    }

    /// Pushes, and keeps the record that the hook would keep.
    #[track_caller]
    pub fn push(&self, hub: &TestHub, words: &[&str]) {
        let input = self.folder.path().join("input");
        let _ = std::fs::remove_file(&input);
        self.git(&[&["push", "-q", "origin"], words].concat());
        let input = std::fs::read(input).unwrap_or_default();
        commits::hook::spool(hub.hub.store.data(), &self.name, "git", &[], input).expect("a record");
    }
}

/// Keeps the record of a hook that is called with words.
pub fn spool(hub: &TestHub, name: &str, vcs: &str, words: &[&str]) {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    commits::hook::spool(hub.hub.store.data(), name, vcs, &words, vec![]).expect("a record");
}

/// Tells the hub that there are records, as a hook on another machine would, and waits until all is done.
pub async fn poke(hub: &TestHub, repository: &Repository) {
    let request = Request::post(format!("/hooks/{}", repository.name))
        .header("authorization", format!("Bearer {}", repository.token))
        .body(axum::body::Body::empty())
        .expect("a request");
    hub.stranger().send(request).await.expect(204);
    hub.settle().await;
}

/// Posts a webhook.
pub async fn webhook(browser: &Browser, name: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::post(format!("/hooks/{name}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request.body(axum::body::Body::from(body.to_owned())).expect("a request")).await
}

impl Git {
    /// The settings of a repository that lives at a forge.
    pub fn settings_elsewhere(&self) -> Settings {
        Settings { name: self.name.clone(), vcs: "git".into(), ..Settings::default() }
    }
}
