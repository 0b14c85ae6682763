//! A push to a git, Subversion or Mercurial repository: the issue is closed, the mail is sent, the channel hears of it,
//! the site changes, and the push has a page. A push while the hub is down arrives when it is back.

use std::path::Path;

use crate::harness::{Hub, IrcServer, Sink, Talker, Visitor, run, wait_for};

/// A hub with one repository of each kind, a bot on `#dev`, and a site built from the git repository.
struct Scene {
    hub: Hub,
    ann: Visitor,
    sink: Sink,
    irc: Talker,
    _server: IrcServer,
    folder: tempfile::TempDir,
}

fn scene(kind: &str) -> Scene {
    let (sink, server) = (Sink::start(), IrcServer::start());
    let folder = tempfile::tempdir().expect("a folder");
    let repository = folder.path().join("repo");
    let branch = if kind == "svn" { "trunk" } else { "default" };
    let branch = if kind == "git" { "main" } else { branch };
    make(kind, folder.path());
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n\
         [site]\nsource = \"{}\"\nbranch = \"{branch}\"\nrepository = \"hall\"\n",
        server.port,
        repository.display()
    );
    let irc = Talker::join(&server, "tom", "#dev");
    let hub = Hub::start(Some(&sink), &more);
    let ann = hub.person("ann", true);
    irc.hear("JOIN");
    hub.cli(&[
        "commits",
        "add",
        "hall",
        &repository.display().to_string(),
        "--vcs",
        kind,
        "--list",
        "team@example.net",
        "--channel",
        "#dev",
    ]);
    hub.cli(&["commits", "hook", "install", "hall"]);
    ann.submit("/issues/new", "/issues/new", &[("title", "Crash on start"), ("message", "It crashes.")]).expect(200);
    Scene { hub, ann, sink, irc, _server: server, folder }
}

/// Makes an empty repository `repo` and a working copy `work`.
fn make(kind: &str, folder: &Path) {
    match kind {
        "git" => {
            run(folder, "git", &["init", "-q", "--bare", "-b", "main", "repo"]);
            run(folder, "git", &["init", "-q", "-b", "main", "work"]);
            run(&folder.join("work"), "git", &["remote", "add", "origin", "../repo"]);
        }
        "svn" => {
            run(folder, "svnadmin", &["create", "repo"]);
            let url = format!("file://{}/repo", folder.display());
            run(folder, "svn", &["mkdir", "-q", "-m", "lay out", &format!("{url}/trunk")]);
            run(folder, "svn", &["checkout", "-q", &format!("{url}/trunk"), "work"]);
        }
        _ => {
            run(folder, "hg", &["init", "repo"]);
            run(folder, "hg", &["clone", "-q", "repo", "work"]);
        }
    }
}

/// Writes a file, commits it and sends it to the repository.
fn commit(kind: &str, folder: &Path, name: &str, text: &str, message: &str) {
    let work = folder.join("work");
    std::fs::write(work.join(name), text).expect("a file");
    match kind {
        "git" => {
            run(&work, "git", &["add", "-A"]);
            let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
            run(&work, "git", &[&identity[..], &["commit", "-q", "-m", message]].concat());
            run(&work, "git", &["push", "-q", "origin", "main"]);
        }
        "svn" => {
            run(&work, "svn", &["add", "-q", "--force", name]);
            run(&work, "svn", &["commit", "-q", "--username", "ann", "-m", message]);
        }
        _ => {
            run(&work, "hg", &["addremove", "-q"]);
            run(&work, "hg", &["commit", "-m", message]);
            run(&work, "hg", &["push", "-q"]);
        }
    }
}

fn travels(kind: &str) {
    let Scene { mut hub, ann, sink, irc, folder, _server } = scene(kind);
    commit(kind, folder.path(), "index.md", "# Welcome to the hall\n", "Fix crash, closes #1");

    let heard = irc.hear("Fix crash, closes #1");
    assert!(heard.contains("hall"), "{heard}");
    let mail = sink.wait("team@example.net", |mail| mail.text.contains("Welcome to the hall"));
    assert!(mail.header("subject").contains("hall"), "{}", mail.text);

    let issue = wait_for("the issue to be resolved", || {
        let page = ann.get("/issues/1");
        // A page that is read while the change is committed may have the one and not yet the other.
        let resolved = page.select(".state.pill").contains(&"resolved".to_owned());
        (resolved && page.text.contains("Fix crash, closes #1")).then_some(page)
    });
    let link = issue.attributes("a[href^='/commits/hall/'], a[href^='/c/']", "href").first().cloned();
    let commit_page = ann.get(&link.expect("the issue links to the commit")).expect(200);
    assert!(commit_page.text.contains("Welcome to the hall"), "the diff is shown");
    assert!(commit_page.text.contains("/issues/1"), "the commit links to the issue");

    wait_for("the site to be rebuilt", || ann.get("/site/").text.contains("Welcome to the hall").then_some(()));
    let pushes = ann.get("/commits/hall/pushes").expect(200);
    let push = pushes.attributes("a[href*='/pushes/']", "href").last().cloned().expect("a push page");
    assert!(ann.get(&push).expect(200).text.contains("Fix crash"));
    assert!(ann.get("/activity").text.contains("pushed to hall"));

    hub.stop();
    commit(kind, folder.path(), "later.md", "# Said while you slept\n", "Say something at night");
    hub.run();
    wait_for("the push of the night", || ann.get("/activity").text.contains("Say something at night").then_some(()));
    wait_for("the page of the night", || ann.get("/site/later").text.contains("while you slept").then_some(()));
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
}

#[test]
fn the_record_of_a_pusher_who_lets_nobody_read_is_the_hubs_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let hook = format!(
        "umask 077; echo 0000 1111 refs/heads/main | {} hook git --data . --repository hall",
        env!("CARGO_BIN_EXE_guildhall")
    );
    run(folder.path(), "sh", &["-c", &hook]);
    let records: Vec<_> = std::fs::read_dir(folder.path().join("spool/hooks")).expect("a spool").flatten().collect();
    let modes: Vec<u32> =
        records.iter().map(|r| r.metadata().expect("a record").permissions().mode() & 0o777).collect();
    assert_eq!(modes, [0o640]);
}

#[test]
fn a_git_push_closes_the_issue_and_is_told_everywhere() {
    travels("git");
}

#[test]
fn a_subversion_commit_closes_the_issue_and_is_told_everywhere() {
    travels("svn");
}

#[test]
fn a_mercurial_push_closes_the_issue_and_is_told_everywhere() {
    travels("hg");
}
