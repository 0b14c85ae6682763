//! Issues on the web, as people see them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use common::{form, hub};
use sea_orm::{ConnectionTrait, DbBackend};

#[tokio::test]
async fn an_issue_is_filed_shown_changed_and_listed() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    let bob = hub.user_with("bob", people::Role::Developer).await;
    let filed = ann.post("/issues/new", form(&[("title", "Crash on start"), ("message", "It crashes. See #1.")])).await;
    assert_eq!(filed.location(), "/issues/1");
    let page = ann.follow(filed).await.expect(200);
    assert_eq!(page.select("h1"), ["Crash on start #1"]);
    assert!(page.text().contains("It crashes."));
    assert_eq!(page.select(".state.pill"), ["unread"]);

    let fields =
        [("message", "Look at this."), ("priority", "critical"), ("assignedto", "bob"), ("status", "in-progress")];
    let changed = bob.post("/issues/1", form(&fields)).await;
    assert_eq!(changed.location(), "/issues/1#msg2");
    let page = bob.get("/issues/1").await.expect(200);
    let changes = page.select(".change p");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changes[0].contains("changed status from unread to in-progress"), "{changes:?}");
    assert!(changes[0].contains("set priority to critical"), "{changes:?}");
    assert!(changes[0].contains("added bob to the nosy list"), "{changes:?}");

    for path in [
        "/issues/",
        "/issues/?priority=critical&assignedto=bob",
        "/issues/?q=assignedto:bob",
        "/issues/?sort=priority&group=status",
    ] {
        let list = hub.stranger().get(path).await.expect(200);
        assert_eq!(list.select("td.title"), ["Crash on start"], "{path}");
    }
    for path in
        ["/issues/?priority=wish", "/issues/?status=resolved", "/issues/?assignedto=-1", "/issues/?activity=..-1d"]
    {
        assert!(hub.stranger().get(path).await.expect(200).select("td.title").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_member_may_not_change_what_others_filed_and_a_stranger_may_only_read() {
    let hub = hub().await;
    let (ann, eve) = (hub.user("ann").await, hub.user("eve").await);
    ann.post("/issues/new", form(&[("title", "Mine")])).await;
    eve.post("/issues/1", form(&[("message", "me too"), ("status", "resolved"), ("title", "Hers")])).await;
    let page = eve.get("/issues/1").await.expect(200);
    assert_eq!(page.select("h1"), ["Mine #1"]);
    assert!(page.text().contains("me too"));
    assert_eq!(page.select(".state.pill"), ["chatting"]);
    assert_eq!(hub.stranger().post("/issues/1", form(&[("message", "x")])).await.status, 401);
    assert_eq!(hub.stranger().get("/issues/new").await.location(), "/login?next=%2Fissues%2Fnew");
    assert_eq!(hub.stranger().get("/issues/2").await.status, 404);
    ann.post("/issues/1", form(&[("status", "resolved")])).await;
    assert_eq!(ann.get("/issues/1").await.select(".state.pill"), ["resolved"]);
}

#[tokio::test]
async fn two_who_change_the_same_property_are_told() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "One")])).await;
    ann.post("/issues/1", form(&[("priority", "bug"), ("was.priority", "")])).await;
    let stale =
        ann.post("/issues/1", form(&[("priority", "wish"), ("was.priority", ""), ("message", "kept text")])).await;
    let stale = stale.expect(422);
    assert!(stale.text().contains("Somebody changed priority while you did."));
    assert!(stale.text().contains("kept text"));
    // What was not touched in the form does not undo what somebody else did meanwhile.
    ann.post("/issues/1", form(&[("priority", "-1"), ("was.priority", ""), ("message", "fine")])).await;
    assert!(ann.get("/issues/1.json").await.text().contains("\"priority\":\"bug\""));
}

#[tokio::test]
async fn a_retired_issue_leaves_the_lists_and_comes_back() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    root.post("/issues/new", form(&[("title", "Old")])).await;
    root.post("/issues/1/retire", vec![]).await;
    assert!(root.get("/issues/").await.select("td.title").is_empty());
    assert!(root.get("/issues/1").await.expect(200).text().contains("is retired"));
    assert_eq!(root.get("/issues/?retired=yes").await.select("td.title"), ["Old"]);
    root.post("/issues/1/restore", vec![]).await;
    assert_eq!(root.get("/issues/").await.select("td.title"), ["Old"]);
}

#[tokio::test]
async fn files_are_kept_and_sent_so_that_no_browser_runs_them() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    let files = [testkit::UploadFile {
        field: "files",
        name: "evil.html",
        content_type: "text/html",
        bytes: b"<script>alert(1)</script>",
    }];
    ann.upload("/issues/new", form(&[("title", "With a file"), ("message", "see there")]), &files).await;
    let url = ann.get("/issues/1").await.expect(200).attributes(".files a", "href").remove(0);
    assert_eq!(url, "/issues/files/1/evil.html");
    let file = ann.get(&url).await.expect(200);
    assert_eq!(file.body, b"<script>alert(1)</script>");
    let header = |name: &str| file.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-disposition").starts_with("attachment"));
    assert_eq!(ann.get("/file1").await.location(), url);
}

#[tokio::test]
async fn programs_get_json_csv_and_atom() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    for title in ["=cmd", "Two, with comma", "Three"] {
        ann.post("/issues/new", form(&[("title", title), ("priority", "bug")])).await;
    }
    let list: serde_json::Value =
        serde_json::from_str(&ann.get("/issues.json?size=2&sort=id").await.expect(200).text()).unwrap();
    assert_eq!((list["total"].as_u64(), list["issues"].as_array().map(Vec::len)), (Some(3), Some(2)));
    assert_eq!(list["issues"][0]["priority"], "bug");
    let accepted = ann.get_as("/issues/?state=all", "application/json").await.expect(200).text();
    assert!(accepted.contains("\"total\":3"), "{accepted}");
    for path in [
        "/issues/?priority=nosuch",
        "/issues/?priority=!nosuch",
        "/issues/?id=x",
        "/issues/?assignedto=!nobody&keyword=!x",
    ] {
        ann.get(path).await.expect(200);
    }
    assert_eq!(ann.get("/issues/?priority=!wish&assignedto=!ann").await.select("td.title").len(), 3);
    let one = ann.get_as("/issues/1", "application/json").await.expect(200).text();
    let one: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!((one["id"].as_i64(), one["properties"]["status"].as_str()), (Some(1), Some("unread")));
    assert_eq!(one["properties"]["nosy"][0], "ann");
    let csv = ann.get("/issues.csv?columns=id,title&sort=id").await.expect(200).text();
    assert_eq!(csv, "id,title\r\n1,'=cmd\r\n2,\"Two, with comma\"\r\n3,Three\r\n");
    let feed = ann.get("/issues.atom").await.expect(200).text();
    assert!(feed.contains("<title>#3 Three</title>"), "{feed}");
}

#[tokio::test]
async fn roundups_addresses_lead_to_ours() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "One"), ("message", "text")])).await;
    assert_eq!(ann.get("/issue1").await.location(), "/issues/1");
    assert_eq!(ann.get("/msg1").await.location(), "/issues/msg/1");
    assert_eq!(ann.get("/issues/msg/1").await.location(), "/issues/1#msg1");
    let list = ann.get("/issue?@sort=-activity&status=-1,1,2&@columns=title,id&@pagesize=10&@startwith=0").await;
    assert_eq!(ann.follow(list).await.expect(200).select("td.title"), ["One"]);
}

#[tokio::test]
async fn lists_are_saved_under_a_name() {
    let hub = hub().await;
    let (ann, bob) = (hub.user("ann").await, hub.user("bob").await);
    ann.post("/issues/queries", form(&[("name", "My bugs"), ("query", "priority=bug"), ("private", "1")])).await;
    ann.post("/issues/queries", form(&[("name", "Wishes"), ("query", "priority=wish")])).await;
    assert_eq!(ann.get("/issues/queries").await.expect(200).select("td.title"), ["My bugs", "Wishes"]);
    assert_eq!(bob.get("/issues/queries").await.expect(200).select("td.title"), ["Wishes"]);
    assert_eq!(bob.post("/issues/queries/1/remove", vec![]).await.status, 404);
    ann.post("/issues/queries/1/remove", vec![]).await;
    assert_eq!(ann.get("/issues/queries").await.select("td.title"), ["Wishes"]);
}

#[tokio::test]
async fn a_page_costs_a_fixed_number_of_queries() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    for n in 0..30 {
        let fields =
            form(&[("title", &format!("Issue {n}")), ("message", "text"), ("assignedto", "ann"), ("keyword", "")]);
        ann.post("/issues/new", fields).await;
        ann.post("/issues/1", form(&[("message", &format!("message {n}"))])).await;
    }
    let stranger = hub.stranger();
    let queries = async |path: &str| {
        let before = hub.hub.store.queries();
        stranger.get(path).await.expect(200);
        hub.hub.store.queries() - before
    };
    // Until the issues are in memory, which the first list asks for.
    let mut asked = 0;
    while queries("/issues/").await > 2 {
        asked += 1;
        assert!(asked < 500, "a list that was read before is read again");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    ann.post("/issues/1", form(&[("message", "once more")])).await;
    for (path, most) in [("/issues/", 8), ("/issues/", 2), ("/issues/1", 14)] {
        let took = queries(path).await;
        assert!(took <= most, "{path} took {took} queries");
    }
}

#[tokio::test]
async fn every_template_renders_its_sample() {
    hub().await.render_samples().await;
}

#[tokio::test]
async fn an_administrator_edits_the_rows_and_who_may_what() {
    let hub = hub().await;
    let (root, ann) = (hub.admin("root").await, hub.user("ann").await);
    assert_eq!(ann.get("/issues/settings").await.status, 403);
    root.get("/issues/settings").await.expect(200);
    root.post("/issues/settings/items", form(&[("class", "keyword"), ("name", "gc"), ("do", "add")])).await.expect(303);
    root.post("/issues/settings/items", form(&[("class", "keyword"), ("name", "GC"), ("do", "add")])).await.expect(422);
    root.post(
        "/issues/settings/items",
        form(&[("class", "status"), ("number", "8"), ("name", "fixed"), ("do", "rename")]),
    )
    .await
    .expect(303);
    ann.post("/issues/new", form(&[("title", "One"), ("keyword", "1"), ("status", "fixed")])).await;
    assert_eq!(ann.get("/issues/?keyword=gc&state=done").await.select("td.title"), ["One"]);
    let fields = [
        ("title", "Bugs"),
        ("audience", "members"),
        ("may_file", "developer"),
        ("may_comment", "member"),
        ("may_change", "developer"),
        ("strangers", "hold"),
    ];
    root.post("/issues/settings", form(&fields)).await.expect(303);
    assert_eq!(hub.stranger().get("/issues/").await.location(), "/login?next=%2Fissues%2F");
    assert_eq!(ann.post("/issues/new", form(&[("title", "Two")])).await.status, 403);
    assert_eq!(ann.get("/issues/").await.expect(200).select("h1"), ["Bugs"]);
}

#[tokio::test]
async fn a_second_tracker_has_numbers_and_properties_of_its_own() {
    let hub = hub().await;
    let ann = hub.user_with("ann", people::Role::Developer).await;
    let tx = hub.hub.store.write().await.unwrap();
    guildhall_tracker::tracker::create(&tx, "website", "The site", "devel").await.unwrap();
    tx.commit().await.unwrap();
    ann.post("/issues/new", form(&[("title", "In the first")])).await;
    let filed = ann
        .post(
            "/issues/website/new",
            form(&[("title", "In the second"), ("severity", "major"), ("due", "2026-12-01"), ("patch", "yes")]),
        )
        .await;
    assert_eq!(filed.location(), "/issues/website/1");
    let page = ann.follow(filed).await.expect(200);
    assert_eq!(page.select(".state.pill"), ["new"]);
    assert_eq!(
        ann.get("/issues/website/?due=2026-12&patch=yes&severity=major").await.select("td.title"),
        ["In the second"]
    );
    assert!(ann.get("/issues/website/?due=..2026-11-30").await.select("td.title").is_empty());
    assert_eq!(ann.get("/issues/").await.select("td.title"), ["In the first"]);
    let hurt = ann.post("/issues/website/new", form(&[("title", "x"), ("due", "soon")])).await.expect(422);
    assert!(hurt.text().contains("due: soon is not a date"));
    hub.mail_in(testkit::Letter {
        from: "ann@example.org".into(),
        to: "website+1@hub.test".into(),
        subject: "x".into(),
        body: "by mail".into(),
        ..Default::default()
    })
    .await;
    assert!(ann.get("/issues/website/1").await.text().contains("by mail"));
}

#[tokio::test]
async fn what_stands_beside_an_issue_goes_with_the_answer() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    for name in ["gc", "parser"] {
        root.post("/issues/settings/items", form(&[("class", "keyword"), ("name", name), ("do", "add")]))
            .await
            .expect(303);
    }
    let blank = root.get("/issues/new").await.expect(200);
    let side = "[name=status], [name=priority], [name=assignedto], [name=keyword], [name=nosy], [name=superseder]";
    assert_eq!(blank.attributes(side, "form"), ["file"; 7], "a browser sends only what belongs to the form");
    root.post("/issues/new", form(&[("title", "One"), ("keyword", "1"), ("keyword", "2")])).await.expect(303);
    let page = root.get("/issues/1").await.expect(200);
    assert_eq!(page.attributes(side, "form"), ["reply"; 7]);
    assert_eq!(page.attributes("form#reply", "action"), ["/issues/1"]);
    assert_eq!(page.attributes("[name=keyword][checked]", "value"), ["1", "2"]);

    // An answer as a browser sends it, with everything that it was shown, changes nothing beside.
    let sent = |page: &testkit::Reply, keywords: &[&str]| {
        let mut fields = form(&[
            ("message", "An answer."),
            ("status", "1"),
            ("priority", "-1"),
            ("assignedto", ""),
            ("nosy", "root"),
            ("superseder", ""),
            ("title", "One"),
        ]);
        let was = "#reply input[name^='was.'], input[name^='was.'][form=reply]";
        fields.extend(page.attributes(was, "name").into_iter().zip(page.attributes(was, "value")));
        fields.extend(keywords.iter().map(|keyword| ("keyword".to_owned(), (*keyword).to_owned())));
        fields
    };
    root.post("/issues/1", sent(&page, &["1", "2"])).await.expect(303);
    let after: serde_json::Value = serde_json::from_str(&root.get("/issues/1.json").await.text()).unwrap();
    assert_eq!(after["properties"]["keyword"], serde_json::json!(["gc", "parser"]));
    assert_eq!(after["properties"]["nosy"], serde_json::json!(["root"]));
    // Taking the last tick away is a change too.
    let page = root.get("/issues/1").await;
    root.post("/issues/1", sent(&page, &[])).await.expect(303);
    let after: serde_json::Value = serde_json::from_str(&root.get("/issues/1.json").await.text()).unwrap();
    assert_eq!(after["properties"]["keyword"], serde_json::json!([]));
}

#[tokio::test]
async fn a_stale_form_comes_back_filled_with_a_fresh_token() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    let typed = |token: &str| {
        [("csrf", token), ("title", "A heron \"sleeps\""), ("message", "It does <not> wake.\nReally.")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let back = ann.post_raw("/issues/new", &typed("old")).await.expect(403);
    assert!(back.text().contains("too old or comes from another place"), "{}", back.text());
    assert_eq!(back.attributes("#file input[name=title]", "value"), ["A heron \"sleeps\""]);
    assert_eq!(back.select("#file textarea[name=message]"), ["It does <not> wake. Really."]);
    let fresh = back.attributes("#file input[name=csrf]", "value").remove(0);
    ann.post_raw("/issues/new", &typed(&fresh)).await.expect(303);
    let stranger = hub.stranger().post_raw("/issues/1", &typed("old")).await;
    assert!(stranger.status.is_client_error(), "{}", stranger.status);
    assert!(
        stranger.text().contains("It does &lt;not&gt; wake."),
        "what a person typed after the session ended is kept"
    );
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_told() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "A red heron")])).await;
    let told = async |url: &str| hub.stranger().get(url).await.expect(200).select(".notice").join(" ");
    let colour = told("/issues/?q=colour:red").await;
    assert!(colour.contains("There is no property colour, so \u{201c}colour:red\u{201d} was looked for"), "{colour}");
    assert!(colour.contains("The properties are activity, actor, assignedto"), "{colour}");
    assert!(told("/issues/?q=status:nope").await.contains("there is no nope, but unread, deferred"));
    assert!(
        told("/issues/?q=status:none").await.contains("there is no none, but unread, deferred"),
        "not what was kept"
    );
    assert!(told("/issues/?q=status:resolvd").await.contains("did you mean resolved?"));
    assert!(told("/issues/?q=assignedto:nobody").await.contains("there is no nobody"));
    assert!(told("/issues/?state=nonsense").await.contains("state: there is no nonsense, but open"));
    assert!(told("/issues/?q=activity:yesteryear").await.contains("yesteryear is not a date"));
    assert!(told("/issues/?q=heron").await.is_empty());
    for (page, said) in [
        ("99", "There is no page 99: this list has one page."),
        ("-1", "There is no page -1: pages are counted from 1."),
        ("x%3Cb%3E", "There is no page x&lt;b&gt;: pages are counted from 1."),
        ("0", "There is no page 0"),
    ] {
        let reply = hub.stranger().get(&format!("/issues/?page={page}")).await.expect(404);
        assert!(reply.text().contains(said), "{}", reply.text());
    }
}

#[tokio::test]
async fn what_is_no_text_is_left_out_of_a_form() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    ann.post("/issues/new", form(&[("title", "A \0red heron"), ("message", "It\0 sleeps.")])).await.expect(303);
    let page = ann.get("/issues/1").await.expect(200);
    assert_eq!(page.select("h1"), ["A red heron #1"]);
    assert!(page.text().contains("It sleeps."), "{}", page.text());
    for address in ["/issues/?q=%00", "/issues/%001"] {
        assert!(ann.get(address).await.expect(404).text().contains("its address has a NUL in it"));
    }
}

/// The disk has room for nothing more.
async fn fill_disk(hub: &testkit::TestHub) {
    let tx = hub.hub.store.write().await.expect("a transaction");
    let sql = match tx.get_database_backend() {
        DbBackend::Sqlite => "PRAGMA max_page_count = 1",
        _ => {
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON tracker_message EXECUTE FUNCTION full_disk()"
        }
    };
    tx.execute_unprepared(sql).await.expect("a full disk");
    tx.commit().await.expect("a commit");
}

#[tokio::test]
async fn a_form_on_a_full_disk_says_so_and_keeps_what_was_typed() {
    let hub = hub().await;
    let ann = hub.user("ann").await;
    fill_disk(&hub).await;
    let long = "It does not wake. ".repeat(2000);
    let fields = [("title", "A heron sleeps"), ("message", long.as_str())];
    let full = ann.post("/issues/new", form(&fields)).await.expect(507);
    assert!(full.text().contains("The disk of the hub is full, so nothing was saved."), "{}", full.text());
    assert_eq!(full.attributes("#file input[name=title]", "value"), ["A heron sleeps"]);
    hub.wait(chrono::Duration::hours(1));
    assert!(ann.get("/issues/").await.expect(200).select("td.title").is_empty(), "pages are shown on a full disk too");
}
