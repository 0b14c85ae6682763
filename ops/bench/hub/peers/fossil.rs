//! Fossil, tracker and repository in one file: its own server (`fossil help server`), which is a process for each page.

use super::{Server, done, give, install, issues, pages, place, plain, script};
use crate::clients::Http;
use crate::harness::free_port;
use crate::report::{Beside, Report, Scale};

pub const TITLE: &str = "Fossil";

/// Tickets, and as many check-ins.
const TICKETS: u64 = 5000;

pub fn measure(scale: &Scale, report: &mut Report) {
    install("fossil");
    let (count, folder, port) = (scale.of(TICKETS), place(), free_port());
    let (file, repository) = (folder.path().join("issues.jsonl"), folder.path().join("bench.fossil"));
    issues(&file, count);
    give(folder.path());
    let home = |program: &str| {
        let mut command = plain(program);
        command.env("HOME", folder.path()).env("USER", "bench");
        command
    };
    done(home("python3").arg(script("fossil_fill.py")).args([&repository, &file]));
    let server = Server::start(
        home("fossil").args(["server", "--localhost", "--port", &port.to_string()]).arg(&repository),
        port,
    );
    let ticket = |n: u64| format!("/tktview?name={n:010x}{n:030x}");
    crate::with_data(count, |at| {
        for (what, counts, hub, theirs) in [
            (
                "issue list of 50, filtered and sorted, known to the hub",
                (4000, 1000),
                "/issues/?state=all&priority=bug&keyword=word3&sort=-activity".to_owned(),
                "/rptview?rn=99".to_owned(),
            ),
            ("issue, 5 messages, known to the hub", (4000, 1000), "/issues/1005".to_owned(), ticket(5)),
            ("issue, 100 messages, known to the hub", (1000, 400), "/issues/1100".to_owned(), ticket(100)),
            ("newest 50 commits", (2000, 400), "/commits/".to_owned(), "/timeline?n=50&y=ci".to_owned()),
        ] {
            let hub = pages(scale.of(counts.0), &[hub], at.hub.pid(), || Http::to(at.hub.http, &at.cookie));
            let theirs = pages(scale.of(counts.1), &[theirs], server.pid(), || Http::to(port, ""));
            report.set_beside(Beside {
                what: format!("{what} ({count} tickets, {count} check-ins)"),
                tool: TITLE.into(),
                said: format!("{} and {}", hub.note, theirs.note),
                hub: Some(hub),
                theirs: Some(theirs),
            });
        }
    });
}
