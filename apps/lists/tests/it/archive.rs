//! Reading what was said.

use std::io::Read;

use testkit::mail;

use crate::{hub, letter, members, set};

#[tokio::test]
async fn a_thread_mends_itself_when_a_parent_comes_late() {
    let (hub, admin) = hub().await;
    set(&admin, "dev", "nonmember_action", "accept").await;
    hub.mail_in(letter("ann@x.org", "Re: crash", "3@x.org", "1@x.org 2@x.org")).await;
    hub.mail_in(letter("bob@x.org", "Re: crash", "4@x.org", "1@x.org")).await;
    hub.mail_in(letter("cid@x.org", "other", "9@x.org", "")).await;
    let stranger = hub.stranger();
    // Both name the same missing beginning, so they are one thread.
    assert_eq!(stranger.get("/lists/dev/").await.expect(200).select("td.title").len(), 2);
    hub.mail_in(letter("dan@x.org", "crash", "1@x.org", "")).await;
    hub.mail_in(letter("eve@x.org", "Re: crash", "2@x.org", "1@x.org")).await;
    let mut threads = stranger.get("/lists/dev/").await.select("td.title");
    threads.sort();
    assert_eq!(threads, ["crash", "other"]);
    let page = stranger.get("/lists/dev/3@x.org/t/").await.expect(200);
    let depths: Vec<_> = page.attributes("article.message", "data-depth");
    assert_eq!(depths, ["1", "2", "1"], "the beginning has no depth");
    assert!(page.select("article.message")[0].contains("This is 1"));
    assert!(page.select("article.message")[2].contains("This is 3"));
}

#[tokio::test]
async fn two_threads_that_turn_out_to_be_one_become_one() {
    let (hub, admin) = hub().await;
    set(&admin, "dev", "nonmember_action", "accept").await;
    hub.mail_in(letter("ann@x.org", "begin", "1@x.org", "")).await;
    hub.mail_in(letter("bob@x.org", "Re: begin", "3@x.org", "2@x.org")).await;
    let stranger = hub.stranger();
    assert_eq!(stranger.get("/lists/dev/").await.select("td.title").len(), 2);
    hub.mail_in(letter("cid@x.org", "Re: begin", "2@x.org", "1@x.org")).await;
    assert_eq!(stranger.get("/lists/dev/").await.select("td.title"), ["begin"]);
    assert_eq!(stranger.get("/lists/dev/1@x.org/t/").await.select("article.message").len(), 3);
}

#[tokio::test]
async fn every_form_of_a_message_has_its_address() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    hub.mail_in(letter("ann@x.org", "crash", "a/b%c@x.org", "")).await;
    hub.mail_in(letter("ann@x.org", "Re: crash", "2@x.org", "a/b%c@x.org")).await;
    let stranger = hub.stranger();
    let page = stranger.get("/lists/dev/a%2Fb%25c@x.org/").await.expect(200);
    assert_eq!(page.select("code.mono"), ["a/b%c@x.org"]);
    for (from, to) in [
        ("/lists/-/a%2Fb%25c@x.org", "/lists/dev/a%2Fb%25c@x.org/"),
        ("/lists/-/2@x.org/", "/lists/dev/2@x.org/"),
        ("/lists/dev/2@x.org", "/lists/dev/2@x.org/"),
        ("/lists/dev", "/lists/dev/"),
        ("/lists", "/lists/"),
        ("/lists/dev.atom", "/lists/dev/new.atom"),
    ] {
        assert_eq!(stranger.get(from).await.location(), to, "{from}");
    }
    // base32 of the SHA-1 of the Message-ID.
    let hash = "X5YRCWJ5NJJKQNMKOXGRQT5VLUWAXGE3";
    assert_eq!(stranger.get(&format!("/lists/-/{hash}")).await.status.as_u16(), 404);
    let atom = stranger.get("/lists/dev/new.atom").await.expect(200);
    assert_eq!(atom.headers["content-type"], "application/atom+xml; charset=utf-8");
    assert_eq!(atom.text().matches("<entry>").count(), 2);
    assert_eq!(stranger.get("/lists/dev/2@x.org/t.atom").await.expect(200).text().matches("<entry>").count(), 2);
    for path in ["/lists/dev/2@x.org/t.mbox.gz", "/lists/dev/month/2026-11/mbox.gz", "/lists/dev/all.mbox.gz"] {
        let packed = stranger.get(path).await.expect(200).body;
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("gzip");
        assert_eq!(text.matches("\nMessage-ID: <").count(), 2, "{path}");
    }
    let month = stranger.get("/lists/dev/month/2026-11/").await.expect(200);
    assert_eq!(month.select("ol.tree li").len(), 2);
    stranger.get("/lists/dev/month/1999-01/").await.expect(404);
    stranger.get("/lists/dev/nothing@x.org/").await.expect(404);
    stranger.get("/lists/nothing/").await.expect(404);
}

#[tokio::test]
async fn attachments_and_html_do_no_harm() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    let raw = "From: ann@x.org\r\nTo: dev@hub.test\r\nSubject: files\r\nMessage-ID: <f@x.org>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n\
        --i\r\nContent-Type: text/plain\r\n\r\nplain\r\n--i\r\nContent-Type: text/html\r\n\r\n\
        <p onclick=x()>rich<script>alert(1)</script><img src=\"https://spy.example/1.gif\"></p>\r\n--i--\r\n\
        --b\r\nContent-Type: text/html; name=\"evil.html\"\r\nContent-Disposition: attachment; filename=\"../evil.html\"\r\n\r\n\
        <script>alert(2)</script>\r\n--b\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\
        Content-Disposition: attachment\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
    hub.mail_in_raw("ann@x.org", "dev@hub.test", raw.as_bytes()).await;
    let stranger = hub.stranger();
    let page = stranger.get("/lists/dev/f@x.org/").await.expect(200);
    assert_eq!(page.select(".files a"), ["evil.html", "p.png"]);
    let links = page.attributes(".files a", "href");
    let evil = stranger.get(&links[0]).await.expect(200);
    assert_eq!(evil.headers["content-type"], "application/octet-stream");
    assert_eq!(evil.headers["content-disposition"], "attachment; filename*=UTF-8''evil.html");
    assert_eq!(evil.headers["x-content-type-options"], "nosniff");
    assert!(evil.text().contains("alert(2)"));
    assert_eq!(stranger.get(&links[1]).await.body, b"\x89PNG\r\n\x1a\n");
    let html = stranger.get("/lists/dev/f@x.org/html").await.expect(200).text();
    assert!(
        html.contains("rich") && !html.contains("alert") && !html.contains("spy.example") && !html.contains("onclick")
    );
    stranger.get("/lists/dev/f@x.org/file/9/x").await.expect(404);
}

#[tokio::test]
async fn broken_mails_are_archived_byte_for_byte() {
    let (hub, admin) = hub().await;
    set(&admin, "dev", "nonmember_action", "accept").await;
    let broken: [&[u8]; 5] = [
        b"From: ann@x.org\r\nTo: dev@hub.test\r\nSubject: Gr\xfc\xdfe\r\n\r\nraw \xff\xfe 8-bit\r\n",
        b"From: ann@x.org\r\nFrom: b@x.org\r\nTo: dev@hub.test\r\nSubject: one\r\nSubject: two\r\nDate: never\r\n\r\nx\r\n",
        b"From: ann@x.org\r\nTo: dev@hub.test\r\nSubject: open\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nno end",
        b"From: ann@x.org\r\nTo: dev@hub.test\r\nSubject: code\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
        b"From: ann@x.org\r\nTo: dev@hub.test\r\nSubject: nul\r\n\r\na\0b\r\n",
    ];
    for raw in broken {
        hub.mail_in_raw("ann@x.org", "dev@hub.test", raw).await;
    }
    let page = admin.get("/lists/dev/").await.expect(200);
    let links = page.attributes("td.title a", "href");
    assert_eq!(links.len(), broken.len(), "{:?}", page.select("td.title"));
    for link in links {
        admin.get(&link).await.expect(200);
        let raw = admin.get(&link.replace("/t/", "/raw")).await.expect(200).body;
        assert!(broken.contains(&raw.as_slice()));
    }
    assert!(admin.get("/lists/dev/").await.text().contains("Grüße"));
}

#[tokio::test]
async fn posts_are_found_and_mentions_lead_back() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    hub.mail_in(letter("ann@x.org", "The zebra crash", "1@x.org", "")).await;
    let mention =
        mail! { from: "ann@x.org", to: "dev@hub.test", subject: "see there", body: "Message-ID <1@x.org> and #7." };
    hub.mail_in(mention).await;
    let stranger = hub.stranger();
    let found = stranger.get("/lists/dev/?q=zebra").await.expect(200);
    assert_eq!(found.select("td.title a"), ["The zebra crash"]);
    assert_eq!(stranger.get("/lists/dev/?q=giraffe").await.expect(200).select("td.title").len(), 0);
    let page = stranger.get("/lists/dev/1@x.org/").await.expect(200).text();
    assert!(page.contains("Mentioned in") && page.contains("see there"));
    let backlinks = search::backlinks(&hub.hub.store.read(), &people::Actor::Anonymous, &["issue:7".into()], 5).await;
    assert_eq!(backlinks.expect("links").len(), 1);
}

#[tokio::test]
async fn a_private_archive_is_private_in_every_form() {
    let (hub, admin) = hub().await;
    crate::new_list(&admin, "core", "private").await;
    members(&admin, "core", &["root@example.org"]).await;
    hub.mail_in(mail! { from: "root@example.org", to: "core@hub.test", subject: "zebra", body: "secret", message_id: "s@x.org" }).await;
    let stranger = hub.stranger();
    for path in [
        "",
        "new.atom",
        "all.mbox.gz",
        "s@x.org/",
        "s@x.org/raw",
        "s@x.org/t/",
        "s@x.org/t.mbox.gz",
        "month/2026-11/",
        "?q=zebra",
    ] {
        let reply = stranger.get(&format!("/lists/core/{path}")).await;
        assert!(!reply.text().contains("secret") && reply.status.as_u16() == 303, "{path}: {}", reply.status);
    }
    stranger.get("/lists/-/s@x.org").await.expect(404);
    assert!(!stranger.get("/lists/").await.text().contains("core@"));
    hub.user("bob").await.get("/lists/core/s@x.org/").await.expect(200);
}

#[tokio::test]
async fn an_archive_that_becomes_private_is_so_for_what_was_said_before() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    hub.mail_in(letter("ann@x.org", "zebra", "1@x.org", "")).await;
    let stranger = people::Actor::Anonymous;
    let seen = async || {
        let conn = hub.hub.store.read();
        let question = search::Question { text: "zebra".into(), ..search::Question::default() };
        let found = search::find(&conn, &stranger, &question, store::Paging::first(10)).await.expect("an answer");
        let wanted = journal::query::Wanted { module: Some("lists".into()), ..Default::default() };
        let stream = journal::query::stream(&conn, &stranger, &wanted, 10).await.expect("a stream");
        (found.total, stream.len())
    };
    assert_eq!(seen().await, (1, 1));
    set(&admin, "dev", "audience", "members").await;
    assert_eq!(seen().await, (0, 0));
    hub.stranger().get("/lists/dev/1@x.org/").await.expect(303);
    set(&admin, "dev", "audience", "public").await;
    assert_eq!(seen().await, (1, 1));
}

#[tokio::test]
async fn pages_need_few_queries() {
    let (hub, admin) = hub().await;
    set(&admin, "dev", "nonmember_action", "accept").await;
    hub.mail_in(letter("ann@x.org", "long", "0@x.org", "")).await;
    for n in 1..40 {
        hub.mail_in(letter(&format!("p{n}@x.org"), "Re: long", &format!("{n}@x.org"), &format!("{}@x.org", n - 1)))
            .await;
    }
    let stranger = hub.stranger();
    for (path, most) in [
        ("/lists/", 4),
        ("/lists/dev/", 8),
        ("/lists/dev/0@x.org/t/", 8),
        ("/lists/dev/5@x.org/", 10),
        ("/lists/dev/month/2026-11/", 8),
    ] {
        let before = hub.hub.store.queries();
        stranger.get(path).await.expect(200);
        let queries = hub.hub.store.queries() - before;
        assert!(queries <= most, "{path}: {queries} queries");
    }
}

#[tokio::test]
async fn the_newest_posts_of_all_lists_are_a_feed_that_keeps_what_is_private() {
    let (hub, admin) = hub().await;
    crate::new_list(&admin, "core", "open").await;
    crate::set(&admin, "core", "audience", "members").await;
    for (list, id) in [("dev", "1@x.org"), ("core", "2@x.org")] {
        crate::members(&admin, list, &["ann@x.org"]).await;
        let to = format!("{list}@hub.test");
        let mail =
            testkit::mail! { from: "ann@x.org", to: to, subject: format!("On {list}"), body: "x", message_id: id };
        hub.mail_in(mail).await;
    }
    let index = hub.stranger().get("/lists/").await.expect(200);
    assert_eq!(index.attributes("link[rel=alternate]", "href"), ["/lists/.atom"]);
    let feed = hub.stranger().get("/lists/.atom").await.expect(200).text();
    assert!(feed.contains("<title>On dev</title>") && !feed.contains("On core"), "{feed}");
    let feed = admin.get("/lists/.atom").await.expect(200).text();
    assert!(feed.contains("[dev] On dev") && feed.contains("[core] On core"), "{feed}");
    assert!(feed.contains("http://hub.test/lists/core/2@x.org/"), "{feed}");
    for page in ["99", "-1", "x", "0"] {
        for path in ["/lists/dev/", "/lists/dev/members"] {
            let reply = admin.get(&format!("{path}?page={page}")).await.expect(404);
            assert!(reply.text().contains(&format!("There is no page {page}")), "{}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_roster_is_searched() {
    let (hub, admin) = hub().await;
    crate::members(&admin, "dev", &["Ann Heron <ann@x.org>", "bob_b@y.org", "bobxb@y.org"]).await;
    let found = async |q: &str| admin.get(&format!("/lists/dev/members?q={q}")).await.expect(200);
    assert_eq!(found("heron").await.select("td.title"), ["ann@x.org"]);
    assert_eq!(found("ANN%40x").await.select("td.title"), ["ann@x.org"]);
    assert_eq!(found("bob_").await.select("td.title"), ["bob_b@y.org"], "a sign stands for itself");
    assert_eq!(found("y.org").await.select("td.title"), ["bob_b@y.org", "bobxb@y.org"]);
    let none = found("%3Cb%3Enobody").await;
    assert!(none.text().contains("No member has “&lt;b&gt;nobody” in the address or the name."), "{}", none.text());
    hub.user("eve").await.get("/lists/dev/members?q=ann").await.expect(403);
}
