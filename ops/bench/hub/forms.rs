//! What people send in: issues by form and by mail, logins.

use std::time::Instant;

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::clients::{Http, Lmtp, Served, cpu, load};
use crate::harness::wait_for;
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

/// How many log in at once.
const LOGINS: u64 = 4;

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
    let count = scale.of(200);
    let figure = load(
        "login (argon2id, 19 MiB)",
        (LOGINS, count),
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
        note: format!("{memory} MB resident after; the bare hash: {:.0}/s", bare_hashes(count)),
        target: "0.9 of the bare hash",
        ..figure
    });
}

/// Hashes a second with the parameters of the hub, on as many threads, each with memory of its own that it keeps.
fn bare_hashes(count: u64) -> f64 {
    let params = Params::new(19 * 1024, 2, 1, Some(32)).expect("the hub's parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let memory = || vec![Block::default(); argon2.params().block_count()];
    let figure = load("", (LOGINS, count), std::process::id(), memory, |memory, _| {
        let mut tag = [0; 32];
        let password = crate::harness::PASSWORD.as_bytes();
        argon2.hash_password_into_with_memory(password, &[7; 16], &mut tag, memory).expect("a hash");
        std::hint::black_box(tag);
    });
    figure.rate.unwrap_or_default()
}
