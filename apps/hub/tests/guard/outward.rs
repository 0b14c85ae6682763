//! Whom the hub calls: only who the administrator named, and no address that a visitor or committer gives.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};
use kernel::Hub;
use testkit::TestHub;

/// The files that open a connection, and to whom.
const CALLERS: [(&str, &str); 7] = [
    ("apps/chat/src/connect.rs", "the IRC servers of `[[chat.network]]`"),
    ("apps/commits/src/hook.rs", "the bell of this hub, a socket in its data directory"),
    ("apps/hub/src/doctor/dns.rs", "the name servers of this machine, when `doctor` is run"),
    ("apps/hub/src/doctor/mail.rs", "the smarthost and the hub's own MX, when `doctor` is run"),
    ("apps/hub/src/doctor/work.rs", "the IRC servers of `[[chat.network]]`, when `doctor` is run"),
    ("apps/hub/src/probe.rs", "the `url` of the hub, when `doctor` is run, and its `listen`, when `check --alive` is"),
    ("shared/mail/src/outbound/client.rs", "the smarthost of `[mail]`"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir()
            && !["tests", "examples", "testkit", "target", "conversations"].contains(&&*name.to_string_lossy())
        {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test(&name.to_string_lossy()) {
            found.push(path);
        }
    }
}

fn is_test(name: &str) -> bool {
    name.contains("test") || name == "conversations.rs"
}

#[test]
fn the_hub_calls_only_whom_its_administrator_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![];
    for place in ["apps", "shared"] {
        sources(&root.join(place), &mut files);
    }
    assert!(files.len() > 300, "{} files", files.len());
    let calls = ["TcpStream::connect", "UdpSocket", "UnixStream::connect", "TcpSocket", "lookup_host"];
    let mut found = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        if lines.clone().any(|line| calls.iter().any(|call| line.contains(call))) {
            found.insert(path.strip_prefix(&root).expect("a place in it").to_string_lossy().into_owned());
        }
    }
    let known: BTreeSet<String> = CALLERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, known, "whoever calls out is named here, with whom it calls");
    // Nor does a library that asks the web stand behind any of ours.
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo knows the workspace");
    for package in metadata.packages {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        for name in normal.map(|dependency| dependency.name.as_str()) {
            let asks = ["reqwest", "ureq", "isahc", "curl", "surf", "attohttpc", "awc", "minreq", "hickory-resolver"];
            assert!(!asks.contains(&name), "{} asks the web by {name}", package.name);
        }
    }
}

fn run(folder: &Path, program: &str, words: &[&str]) {
    let output = Command::new(program).args(words).current_dir(folder).env("HOME", folder).output().expect("a program");
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_site_fetches_nothing_that_its_source_points_at() {
    let module = |hub: &Hub| {
        let source = hub.settings.data.join("repo");
        site::module(hub, site::Config { source, branch: "trunk".into(), ..site::Config::default() })
    };
    let hub = TestHub::with([module as fn(&Hub) -> plug::Module]).await;
    let folder = hub.hub.settings.data.clone();
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    elsewhere.set_nonblocking(true).expect("a listener");
    let port = elsewhere.local_addr().expect("an address").port();
    let url = |path: &str| format!("file://{}/repo/{path}", folder.display());
    run(&folder, "svnadmin", &["create", "repo"]);
    run(&folder, "svnadmin", &["create", "hidden"]);
    run(&folder, "svn", &["mkdir", "-q", "-m", "Lay out", &url("trunk")]);
    run(&folder, "svn", &["checkout", "-q", &url("trunk"), "work"]);
    let work = folder.join("work");
    let page = format!(
        "Title\n=====\n\n.. include:: http://127.0.0.1:{port}/a\n\n.. raw:: html\n   :url: http://127.0.0.1:{port}/b\n\n\
         .. csv-table:: t\n   :url: http://127.0.0.1:{port}/c\n\n.. include:: /etc/passwd\n\n.. literalinclude:: ../../../../etc/passwd\n"
    );
    std::fs::write(work.join("index.rst"), page).expect("a page");
    std::os::unix::fs::symlink("/etc/passwd", work.join("linked.rst")).expect("a link");
    std::os::unix::fs::symlink("/etc", work.join("etc")).expect("a link");
    let externals = format!("http://127.0.0.1:{port}/svn there\nfile://{}/hidden here\n", folder.display());
    run(&work, "svn", &["add", "-q", "index.rst", "linked.rst", "etc"]);
    run(&work, "svn", &["propset", "-q", "svn:externals", &externals, "."]);
    run(&work, "svn", &["commit", "-q", "-m", "A page that points elsewhere"]);
    hub.wait(chrono::Duration::seconds(6));
    hub.settle().await;
    let stranger = hub.stranger();
    let shown = stranger.get("/site/").await.expect(200).text();
    assert!(shown.contains("Title") && !shown.contains("root:x:0"), "{shown}");
    for path in ["/site/linked", "/site/linked.rst", "/site/etc/passwd", "/site/here/", "/site/there/"] {
        stranger.get(path).await.expect(404);
    }
    assert!(elsewhere.accept().is_err(), "somebody asked the address that the page names");
}
