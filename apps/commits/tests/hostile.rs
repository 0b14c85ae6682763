//! Names and ids that look like options of the programs that are asked about them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::path::Path;

use commits::repository::{self, Settings};
use common::{Git, hub, poke, register, run, webhook};
use guildhall_commits as commits;

/// What git, svn and hg would take for an option that writes a file or runs a program.
const OPTIONS: [&str; 5] =
    ["--output=pwned", "--upload-pack=touch${IFS}pwned", "-opwned", "--config=alias.log=!touch${IFS}pwned", "--help"];

fn nothing_was_written(folders: &[&Path]) {
    for folder in folders {
        assert!(!folder.join("pwned").exists(), "an option was obeyed in {}", folder.display());
    }
}

#[tokio::test]
async fn no_ref_path_or_id_becomes_an_option_of_git() {
    let hub = hub().await;
    let git = Git::new("proj");
    let proj = register(&hub, git.settings()).await;
    let id = git.commit("--output=pwned", "text\n", "--output=pwned");
    git.git(&["push", "-q", "origin", "main"]);
    let null = "0".repeat(40);
    let mut input = String::new();
    for option in OPTIONS {
        run(&git.bare(), "git", &["update-ref", &format!("refs/heads/{option}"), &id]);
        input +=
            &format!("{null} {id} refs/heads/{option}\n{option} {id} refs/heads/x\n{null} {option} refs/heads/y\n");
    }
    commits::hook::spool(hub.hub.store.data(), "proj", "git", &[], input.into_bytes()).expect("a record");
    poke(&hub, &proj).await;
    let stranger = hub.stranger();
    let page = stranger.get(&format!("/commits/proj/{id}")).await.expect(200);
    assert_eq!(page.select(".diff-path"), ["--output=pwned"]);
    stranger.get(&format!("/commits/proj/{id}.patch")).await.expect(200);
    for option in OPTIONS {
        let word = web::urlpart(option);
        stranger.get(&format!("/commits/proj/?branch={word}")).await.expect(200);
        for path in [format!("/commits/proj/{word}"), format!("/commits/proj/{word}.patch"), format!("/c/{word}")] {
            stranger.get(&path).await.expect(404);
        }
    }
    let here = std::env::current_dir().expect("a folder");
    nothing_was_written(&[&git.bare(), &git.work(), hub.hub.store.data(), &here, Path::new("/")]);
}

#[tokio::test]
async fn no_id_of_a_page_or_a_webhook_becomes_an_option() {
    let hub = hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "hg", &["init", "hg"]);
    run(folder.path(), "svnadmin", &["create", "svn"]);
    for (name, vcs) in [("hg", "hg"), ("svn", "svn")] {
        let path = folder.path().join(name).to_string_lossy().into_owned();
        register(&hub, Settings { name: name.into(), vcs: vcs.into(), path, ..Settings::default() }).await;
        for option in OPTIONS {
            hub.stranger().get(&format!("/commits/{name}/{}", web::urlpart(option))).await.expect(404);
        }
    }
    let far = register(&hub, Settings { name: "far".into(), vcs: "git".into(), ..Settings::default() }).await;
    for option in OPTIONS {
        let body = serde_json::json!({ "ref": option, "before": option, "after": option, "commits": [{"id": option, "message": "x"}] });
        let headers = [("x-gitlab-event", "Push Hook"), ("x-gitlab-token", far.token.as_str())];
        webhook(&hub.stranger(), "far", &headers, &body.to_string()).await.expect(204);
    }
    hub.settle().await;
    assert_eq!(hub.stranger().get("/commits/far/").await.expect(200).select("td.title a").len(), 0);
    let here = std::env::current_dir().expect("a folder");
    nothing_was_written(&[folder.path(), &folder.path().join("hg"), &folder.path().join("svn"), &here]);
    // A folder that would be an option is none.
    for option in OPTIONS {
        let settings = Settings { name: "odd".into(), path: option.into(), ..Settings::default() };
        assert!(repository::check(settings).await.is_err(), "{option}");
    }
}
