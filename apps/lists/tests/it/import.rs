//! Archives that come from elsewhere.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{command, hub};

fn file(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text).expect("a file");
    file
}

fn mbox() -> String {
    let from = "From a@b.c Thu Jan  1 00:00:00 2015\n";
    [
        "Message-ID: <1@x>\nFrom: Ann <ann@x.org>\nSubject: begin\nDate: Thu, 1 Jan 2015 10:00:00 +0000\n\nhello\n>From me\n",
        "Message-ID: <2@x>\nFrom: Bob <bob@x.org>\nSubject: Re: begin\nIn-Reply-To: <1@x>\nDate: Thu, 1 Jan 2015 11:00:00 +0000\n\nyes\n",
        "From: ann@x.org\nSubject: no id, no date\n\nx\n",
        "Message-ID: <2@x>\nFrom: Eve <eve@x.org>\nSubject: other bytes\nDate: Fri, 2 Jan 2015 11:00:00 +0000\n\nno\n",
        "Message-ID: <1@x>\nFrom: Ann <ann@x.org>\nSubject: begin\nDate: Thu, 1 Jan 2015 10:00:00 +0000\n\nhello\n>From me\n",
    ]
    .map(|mail| format!("{from}{mail}\n"))
    .concat()
}

#[tokio::test]
async fn an_archive_is_imported_whole_and_only_once() {
    let (hub, admin) = hub().await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(mbox().as_bytes()).expect("gzip");
    let packed = file(&gzip.finish().expect("gzip"));
    let path = packed.path().to_str().expect("a path");
    let report = tempfile::NamedTempFile::new().expect("a file");
    let told = report.path().to_str().expect("a path");
    command(&hub, &["import", "dev", path, "--report", told]).await.expect("an import");
    let lines = std::fs::read_to_string(told).expect("a report");
    let fates: Vec<&str> = lines.lines().filter_map(|line| line.split('\t').nth(1)).collect();
    assert_eq!(fates, ["added", "added", "added", "copy", "known"], "{lines}");
    assert!(lines.contains("It has no Message-ID"));

    let page = admin.get("/lists/dev/").await.expect(200);
    assert_eq!(page.select("td.title").len(), 2, "{:?}", page.select("td.title"));
    let (first, second) =
        (admin.get("/lists/dev/2@x/").await.expect(200), admin.get("/lists/dev/2@x/?copy=1").await.expect(200));
    assert_eq!((first.select("h1"), second.select("h1")), (vec!["Re: begin".into()], vec!["other bytes".into()]));
    assert!(admin.get("/lists/dev/1@x/raw").await.text().ends_with("hello\nFrom me\n"));
    assert_eq!(hub.outbox().await.count(), 0, "nobody gets mail of an import");

    command(&hub, &["import", "dev", path, "--report", told]).await.expect("an import");
    let again = std::fs::read_to_string(told).expect("a report");
    assert!(again.lines().all(|line| line.split('\t').nth(1) == Some("known")), "{again}");
    let missing = command(&hub, &["import", "dev", "/nonexistent.mbox"]).await.expect_err("no file");
    assert!(missing.contains("could not be opened"), "{missing}");
    let no_mbox = file(b"Subject: x\n\nno mbox\n");
    let refused =
        command(&hub, &["import", "dev", no_mbox.path().to_str().expect("a path")]).await.expect_err("no mbox");
    assert!(refused.contains("no mbox"), "{refused}");
}

#[tokio::test]
async fn any_order_of_arrival_gives_the_same_threads() {
    let (hub, admin) = hub().await;
    let mail = |id: usize| {
        let refs = if id == 0 { String::new() } else { format!("References: <{}@x>\n", (id - 1) / 2) };
        format!(
            "From a Thu Jan  1 00:00:00 2015\nMessage-ID: <{id}@x>\nFrom: p{id}@x.org\nSubject: tree\n{refs}Date: Thu, 1 Jan 2015 10:{id:02}:00 +0000\n\n{id}\n\n"
        )
    };
    let mut drawings = Vec::new();
    for (name, order) in [
        ("up", (0..50).collect::<Vec<_>>()),
        ("down", (0..50).rev().collect()),
        ("odd", (0..50).map(|n| n * 27 % 50).collect()),
    ] {
        crate::new_list(&admin, name, "open").await;
        // One mail a run, so that each is a transaction of its own.
        for id in order {
            let mbox = file(mail(id).as_bytes());
            command(&hub, &["import", name, mbox.path().to_str().expect("a path")]).await.expect("an import");
        }
        let page = admin.get(&format!("/lists/{name}/0@x/")).await.expect(200);
        let depths = page.attributes("ol.tree li", "data-depth");
        drawings.push((depths, page.attributes("ol.tree li a", "href").join(" ").replace(name, "")));
        assert_eq!(admin.get(&format!("/lists/{name}/")).await.select("td.title").len(), 1);
    }
    assert_eq!(drawings[0].0.len(), 50);
    assert_eq!(drawings[0], drawings[1]);
    assert_eq!(drawings[0], drawings[2]);
}
