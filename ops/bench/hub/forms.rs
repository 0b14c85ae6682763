//! What people send in: issues by form and by mail, logins.

use std::time::Instant;

use crate::clients::{Http, Lmtp, Served, cpu, load};
use crate::harness::wait_for;
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

pub fn measure(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    report.add(by_form(scale, at));
    report.add(by_mail(scale, at));
    logins(scale, report, at);
}

pub fn by_form(scale: &Scale, at: &Served<'_>) -> Figure {
    let page = at.visitor.get("/issues/new").expect(200);
    let token = page.attributes("input[name=csrf]", "value").first().cloned().expect("a form");
    let text = Words::new(3).text(80).replace(['\n', ' '], "+");
    let figure = load(
        "issue by form",
        (8, scale.of(2000)),
        at.hub.pid(),
        || Http::to(at.hub.http, &at.cookie),
        |http, n| {
            let status = http.post("/issues/new", &format!("csrf={token}&title=Filed+{n}&message={text}"));
            assert_eq!(status, 303, "a filed issue leads to its page");
        },
    );
    Figure { unit: "issues", target: "2,000/s", ..figure }
}

/// The clock stops when the last issue stands, not when its mail was taken.
pub fn by_mail(scale: &Scale, at: &Served<'_>) -> Figure {
    let count = scale.of(2000);
    let text = Words::new(4).text(120).replace('\n', "\r\n");
    let (before, start) = (cpu(at.hub.pid()), Instant::now());
    let figure = load(
        "issue by mail",
        (8, count),
        at.hub.pid(),
        || Lmtp::to(at.hub.lmtp),
        |lmtp, n| {
            lmtp.send(
            "ann@example.org",
            "issues@hub.test",
            &format!(
                "From: ann@example.org\r\nTo: issues@hub.test\r\nSubject: Mailed number {n}\r\nMessage-ID: <mailed{n}@bench>\r\n\
                 Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n{text}"
            ),
        );
        },
    );
    let accepted = figure.rate.unwrap_or_default();
    wait_for("the last mailed issue", || (waiting(at) == 0).then_some(()));
    let wall = start.elapsed();
    let spent = cpu(at.hub.pid()).saturating_sub(before);
    Figure {
        rate: Some(count as f64 / wall.as_secs_f64()),
        cpu: Some(spent.div_f64(count as f64)),
        unit: "issues",
        note: format!("taken at {accepted:.0}/s"),
        target: "1,000/s",
        ..figure
    }
}

/// Mails that were taken and have not been handed over yet.
fn waiting(at: &Served<'_>) -> u64 {
    crate::data::count(at.hub.data(), "SELECT count(*) FROM mail_in_rcpt WHERE state = 'waiting'")
}

fn logins(scale: &Scale, report: &mut Report, at: &Served<'_>) {
    let stranger = at.hub.stranger();
    let page = stranger.get("/login").expect(200);
    let token = page.attributes("input[name=csrf]", "value").first().cloned().expect("a form");
    let cookie = stranger.cookie();
    let password = crate::harness::PASSWORD.replace(' ', "+");
    let figure = load(
        "login (argon2id, 19 MiB)",
        (4, scale.of(200)),
        at.hub.pid(),
        || Http::to(at.hub.http, &cookie),
        |http, _| {
            let status = http.post("/login", &format!("csrf={token}&name=ann&password={password}"));
            assert_eq!(status, 303, "a login leads on");
        },
    );
    let memory = crate::clients::memory(at.hub.pid()) >> 20;
    report.add(Figure {
        unit: "logins",
        note: format!("{memory} MB resident after"),
        target: "0.9 of the bare hash",
        ..figure
    });
}
