//! What an administrator does with repositories.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{Git, hub};
use guildhall_commits as commits;
use testkit::form;

#[tokio::test]
async fn a_repository_is_registered_changed_and_taken_away_by_form() {
    let hub = hub().await;
    let (root, ann) = (hub.admin("root").await, hub.user("ann").await);
    let git = Git::new("pypy");
    let path = git.bare().to_string_lossy().into_owned();
    for page in ["/admin/commits", "/admin/commits/pypy"] {
        ann.get(page).await.expect(403);
    }
    let bad = root
        .post("/admin/commits", form! { name: "py/py", path: path, audience: "public", description: "kept" })
        .await
        .expect(422);
    assert!(bad.text().contains("cannot be the name of a repository"));
    assert_eq!(bad.attributes("#f-description", "value"), ["kept"]);
    let bad =
        root.post("/admin/commits", form! { name: "pypy", path: "/nowhere", audience: "public" }).await.expect(422);
    assert!(bad.text().contains("is not the full path of a folder"));
    let added = root.post("/admin/commits", form! { name: "pypy", path: path, audience: "public" }).await.expect(303);
    assert_eq!(added.location(), "/admin/commits/pypy");
    let page = root.get("/admin/commits/pypy").await.expect(200);
    assert!(page.text().contains("repository=pypy") && page.text().contains("http://hub.test/hooks/pypy"));
    let secret = page.select("details code");
    root.post("/admin/commits", form! { name: "pypy", path: path, audience: "public" }).await.expect(422);
    root.post(
        "/admin/commits/pypy",
        form! { name: "pypy2", path: path, audience: "members", list_address: "dev@x.org" },
    )
    .await
    .expect(303);
    ann.post("/admin/commits/pypy2/token", form! {}).await.expect(403);
    root.post("/admin/commits/pypy2/token", form! {}).await.expect(303);
    assert_ne!(root.get("/admin/commits/pypy2").await.expect(200).select("details code"), secret);
    hub.stranger().get("/commits/pypy2/").await.expect(404);
    root.post("/admin/commits/pypy2/remove", form! {}).await.expect(303);
    root.get("/admin/commits/pypy2").await.expect(404);
    assert!(git.bare().exists());
}

#[tokio::test]
async fn the_hook_comes_into_the_repository_from_the_command_line() {
    let hub = hub().await;
    let git = Git::new("pypy");
    std::fs::remove_file(git.bare().join("hooks/post-receive")).unwrap();
    for words in [vec!["add", "pypy", &git.bare().to_string_lossy()], vec!["hook", "install", "pypy"]] {
        let command = commits::commands().into_iter().find(|command| command.clap.get_name() == words[0]).unwrap();
        let matches = command.clap.clone().try_get_matches_from(words).unwrap();
        let plug::Run::WithHub(run) = command.run else { panic!("a command of the hub") };
        run(hub.hub.clone(), matches).await.unwrap();
    }
    let script = std::fs::read_to_string(git.bare().join("hooks/post-receive")).unwrap();
    assert!(script.contains("hook git --data") && script.contains("\nrepository=pypy\n"), "{script}");
}
