//! An export of Roundup comes in and goes out byte for byte.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{form, hub};
use guildhall_tracker as tracker;
use testkit::TestHub;

async fn run(hub: &TestHub, command: &str, words: &[&str]) -> anyhow::Result<()> {
    let command = tracker::commands().into_iter().find(|known| known.clap.get_name() == command).unwrap();
    let matches = command.clap.clone().no_binary_name(true).try_get_matches_from(words)?;
    match command.run {
        plug::Run::WithHub(run) => run(hub.hub.clone(), matches).await,
        plug::Run::Alone(run) => run(matches),
    }
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, bytes) in before {
        let (old, new) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&after[name]));
        for (old, new) in old.lines().zip(new.lines()) {
            assert_eq!(old, new, "{name}");
        }
        assert!(bytes == &after[name], "{name} differs at its end");
    }
}

const TIME: &str = "(2026, 11, 21, 7, 50, 6.183, 0, 0, 0)";

/// A small export with the oddities of real ones.
#[allow(clippy::too_many_lines, reason = "rows of data")]
fn write_export(root: &Path) {
    let row = |cells: &[&str]| cells.join(":") + "\n";
    let write = |name: &str, lines: &[String]| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, lines.concat()).unwrap();
    };
    let made = |id: &str| row(&[&format!("'{id}'"), TIME, "'1'", "'create'", "{}"]);
    write(
        "status.csv",
        &[
            row(&["activity", "actor", "creation", "creator", "id", "name", "order", "is retired"]),
            row(&[TIME, "'1'", TIME, "'1'", "'2'", "'resolved'", "2.0", "False"]),
            row(&[TIME, "'1'", TIME, "'1'", "'1'", "'unread'", "1", "False"]),
        ],
    );
    write(
        "status-journals.csv",
        &[made("1"), made("2"), row(&["'2'", TIME, "'3'", "'link'", "('issue', '1', 'status')"])],
    );
    write(
        "user.csv",
        &[
            row(&[
                "activity",
                "actor",
                "address",
                "creation",
                "creator",
                "id",
                "password",
                "realname",
                "username",
                "is retired",
            ]),
            row(&[
                TIME,
                "'1'",
                "'root@example.org'",
                TIME,
                "'1'",
                "'1'",
                "'{PBKDF2}10000$a$b'",
                "None",
                "'admin'",
                "False",
            ]),
            row(&[TIME, "'1'", "None", TIME, "'1'", "'2'", "None", "None", "'anonymous'", "False"]),
            row(&[TIME, "'1'", "'ann@example.org'", TIME, "'1'", "'3'", "None", "'Ann \\xc3\\x9c'", "'ann'", "False"]),
            row(&[TIME, "'1'", "'ann@example.org'", TIME, "'1'", "'4'", "None", "None", "'ann2'", "True"]),
        ],
    );
    write("user-journals.csv", &[made("1"), made("2"), made("3"), made("4")]);
    write(
        "msg.csv",
        &[
            row(&[
                "activity",
                "actor",
                "author",
                "creation",
                "creator",
                "date",
                "files",
                "id",
                "inreplyto",
                "messageid",
                "recipients",
                "summary",
                "type",
                "is retired",
            ]),
            row(&[
                TIME,
                "'3'",
                "'3'",
                TIME,
                "'3'",
                TIME,
                "['1']",
                "'1'",
                "None",
                "'<one@ann>'",
                "['1']",
                "\"'It: breaks'\"",
                "None",
                "False",
            ]),
            row(&[
                TIME,
                "'1'",
                "'1'",
                TIME,
                "'1'",
                TIME,
                "[]",
                "'2'",
                "'<one@ann>'",
                "None",
                "[]",
                "'orphan'",
                "None",
                "False",
            ]),
        ],
    );
    write("msg-journals.csv", &[made("1"), made("2"), made("9")]);
    std::fs::create_dir_all(root.join("msg-files/0")).unwrap();
    std::fs::write(root.join("msg-files/0/msg1"), "It: breaks with \"quotes\"\nand more.").unwrap();
    std::fs::write(root.join("msg-files/0/msg2"), b"latin \xfc and \0").unwrap();
    write(
        "file.csv",
        &[
            row(&["activity", "actor", "creation", "creator", "id", "name", "type", "is retired"]),
            row(&[TIME, "'3'", TIME, "'3'", "'1'", "'log.bin'", "'application/octet-stream'", "False"]),
        ],
    );
    write("file-journals.csv", &[made("1")]);
    std::fs::create_dir_all(root.join("file-files/0")).unwrap();
    std::fs::write(root.join("file-files/0/file1"), [0_u8, 255, 1]).unwrap();
    write(
        "issue.csv",
        &[
            row(&[
                "activity",
                "actor",
                "assignedto",
                "creation",
                "creator",
                "deadline",
                "effort",
                "files",
                "id",
                "messages",
                "nosy",
                "status",
                "title",
                "is retired",
            ]),
            row(&[
                TIME,
                "'3'",
                "'3'",
                TIME,
                "'3'",
                TIME,
                "(1, 0, 0, 3, 2, 30, 0)",
                "['1']",
                "'7'",
                "['1']",
                "['3', '4']",
                "'2'",
                "\"'Colon: and \"\"quotes\"\"'\"",
                "False",
            ]),
            row(&[TIME, "'1'", "None", TIME, "'1'", "None", "None", "[]", "'3'", "[]", "[]", "None", "u'old'", "True"]),
        ],
    );
    write(
        "issue-journals.csv",
        &[
            row(&["'7'", TIME, "'3'", "'create'", "{}"]),
            row(&[
                "'7'",
                "(2026, 11, 21, 7, 52, 58.754, 0, 0, 0)",
                "'1'",
                "'set'",
                "\"{'nosy': (('+', ['4']),), 'status': '1', 'gone': None}\"",
            ]),
            row(&["'3'", TIME, "'1'", "'create'", "{}"]),
            row(&["'3'", TIME, "'1'", "'retired'", "None"]),
        ],
    );
}

#[tokio::test]
async fn an_export_comes_in_and_goes_out_byte_for_byte() {
    let hub = hub().await;
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_export(from.path());
    run(&hub, "import", &["roundup", from.path().to_str().unwrap()]).await.unwrap();
    run(&hub, "export", &["roundup", to.path().to_str().unwrap()]).await.unwrap();
    assert_same(&files(from.path()), &files(to.path()));

    hub.settle().await;
    let page = hub.stranger().get("/issues/7").await.expect(200);
    assert_eq!(page.select("h1"), ["Colon: and \"quotes\" #7"]);
    assert_eq!(page.select(".state.pill"), ["resolved"]);
    let changes = page.select(".change p");
    assert!(changes[0].contains("changed status from unread to resolved"), "{changes:?}");
    assert!(changes[0].contains("added ann2 to the nosy list"), "{changes:?}");
    assert!(page.text().contains("It: breaks with"));
    assert_eq!(hub.stranger().get("/issues/?q=breaks&state=all").await.select("td.title"), ["Colon: and \"quotes\""]);
    assert_eq!(
        hub.stranger().get("/issues/?deadline=2026-11-21&effort=3d..4d&state=all").await.select("td.title").len(),
        1
    );
    let again = run(&hub, "import", &["roundup", from.path().to_str().unwrap()]).await.unwrap_err();
    assert!(again.to_string().contains("has issues already"), "{again}");
}

#[tokio::test]
async fn what_changed_here_goes_out_in_roundups_words() {
    let hub = hub().await;
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_export(from.path());
    run(&hub, "import", &["roundup", from.path().to_str().unwrap()]).await.unwrap();
    let dev = hub.user_with("dev", people::Role::Developer).await;
    dev.post("/issues/7", form(&[("message", "Open again."), ("status", "unread")])).await.expect(303);
    dev.post("/issues/new", form(&[("title", "it's new")])).await.expect(303);
    run(&hub, "export", &["roundup", to.path().to_str().unwrap()]).await.unwrap();
    let text = |name: &str| std::fs::read_to_string(to.path().join(name)).unwrap();
    let issues = text("issue.csv");
    assert!(issues.contains("['1', '10']:['3', '4', '5']:'1':"), "{issues}");
    assert!(issues.contains(":\"\"\"it's new\"\"\":False"), "{issues}");
    assert!(
        text("issue-journals.csv")
            .contains("\"{'messages': (('+', ['10']),), 'nosy': (('+', ['5']),), 'status': '2'}\"")
    );
    assert_eq!(text("msg-files/0/msg10"), "Open again.");
    // A tracker that was never Roundup's can go there too.
    let (site, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&hub, "new", &["site", "--template", "devel"]).await.unwrap();
    dev.post(
        "/issues/site/new",
        form(&[("title", "One"), ("message", "text"), ("due", "2026-12-01"), ("patch", "yes")]),
    )
    .await
    .expect(303);
    run(&hub, "export", &["roundup", site.path().to_str().unwrap(), "--tracker", "site"]).await.unwrap();
    run(&hub, "import", &["roundup", site.path().to_str().unwrap(), "--tracker", "again"]).await.unwrap();
    run(&hub, "export", &["roundup", back.path().to_str().unwrap(), "--tracker", "again"]).await.unwrap();
    assert_same(&files(site.path()), &files(back.path()));
    assert_eq!(dev.get("/issues/again/?patch=yes").await.select("td.title"), ["One"]);
}

#[tokio::test]
async fn a_broken_export_is_told_with_its_row() {
    let hub = hub().await;
    let from = tempfile::tempdir().unwrap();
    let missing = run(&hub, "import", &["roundup", from.path().to_str().unwrap()]).await.unwrap_err();
    assert!(missing.to_string().contains("has no issue.csv"), "{missing}");
    write_export(from.path());
    let path = from.path().join("issue.csv");
    let text = std::fs::read_to_string(&path).unwrap().replace("'2':\"'Colon", "'2:\"'Colon");
    std::fs::write(path, text).unwrap();
    let broken = run(&hub, "import", &["roundup", from.path().to_str().unwrap()]).await.unwrap_err();
    assert!(broken.to_string().starts_with("issue.csv, row 2:"), "{broken}");
    assert_eq!(hub.stranger().get("/issues/7").await.status, 404);
}

/// A real export, when there is one: the path stands in `GUILDHALL_ROUNDUP_EXPORT`.
#[tokio::test]
async fn a_real_export_goes_out_byte_for_byte() {
    let Ok(path) = std::env::var("GUILDHALL_ROUNDUP_EXPORT") else { return };
    let hub = hub().await;
    let to = tempfile::tempdir().unwrap();
    run(&hub, "import", &["roundup", &path]).await.unwrap();
    run(&hub, "export", &["roundup", to.path().to_str().unwrap()]).await.unwrap();
    assert_same(&files(Path::new(&path)), &files(to.path()));
}
