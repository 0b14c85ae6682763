//! git-multimail, the hook that mails pushes (its README): a post-receive hook that sends by SMTP before the push ends.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use super::install;
use crate::clients::{cpu, cpu_of_children, quantile};
use crate::harness::run;
use crate::lists::Counter;
use crate::pushes::{commit, push, repository};
use crate::report::{Beside, Figure, Report, Scale};

pub const TITLE: &str = "git-multimail 1.5";

pub fn measure(scale: &Scale, report: &mut Report) {
    let program = install("multimail").join("git_multimail.py");
    let sink = Counter::start();
    let hub = sink.hub("");
    let (bare, ours, theirs) = (folder(), folder(), folder());
    let work = |folder: &tempfile::TempDir| repository(folder.path());
    let (bare_work, our_work, their_work) = (work(&bare), work(&ours), work(&theirs));

    let path = ours.path().join("repo").display().to_string();
    hub.cli(&["commits", "add", "hall", &path, "--list", "team@example.net"]);
    hub.cli(&["commits", "hook", "install", "hall"]);
    let repo = theirs.path().join("repo");
    for (name, value) in [
        ("mailingList", "team@example.net"),
        ("mailer", "smtp"),
        ("smtpServer", &format!("127.0.0.1:{}", sink.port)),
        ("envelopeSender", "git@example.net"),
        ("from", "git@example.net"),
    ] {
        run(&repo, "git", &["config", &format!("multimailhook.{name}"), value]);
    }
    symlink(&program, repo.join("hooks/post-receive")).expect("a hook");

    for (commits, count) in [(1, scale.of(40)), (20, scale.of(20))] {
        let nothing = || Duration::ZERO;
        let alone = pushes(&bare_work, commits, count, nothing);
        let ours = pushes(&our_work, commits, count, || {
            // What the hub does after the push counts too.
            crate::lists::idle(&hub);
            cpu(hub.pid())
        });
        let before = sink.taken();
        let figure = pushes(&their_work, commits, count, nothing);
        // One for each commit, and one for the push where it has several.
        sink.wait(before + count * commits);
        let milliseconds = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1000.0;
        let beyond = |figure: &Figure| milliseconds(figure.cpu) - milliseconds(alone.cpu);
        report.set_beside(Beside {
            what: format!("push of {commits} commit{}, with the hook", if commits == 1 { "" } else { "s" }),
            tool: TITLE.into(),
            said: format!(
                "git alone: p50 {:.2} ms, {:.2} ms CPU, within both; beyond it {:.0} and {:.0} ms CPU",
                milliseconds(alone.p50),
                milliseconds(alone.cpu),
                beyond(&ours),
                beyond(&figure)
            ),
            hub: Some(ours),
            theirs: Some(figure),
        });
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Pushes of so many commits; `beside` is CPU time that somebody else spends on them.
fn pushes(work: &Path, commits: u64, count: u64, beside: impl Fn() -> Duration) -> Figure {
    let (mut times, mut spent, before) = (vec![], Duration::ZERO, beside());
    for n in 0..count {
        for m in 0..commits {
            commit(work, &format!("commit {n} {m} of {commits}"));
        }
        let children = cpu_of_children();
        times.push(push(work));
        spent += cpu_of_children().saturating_sub(children);
    }
    spent += beside().saturating_sub(before);
    times.sort();
    Figure {
        count,
        p50: quantile(&times, 50),
        p99: quantile(&times, 99),
        cpu: Some(spent.div_f64(count as f64)),
        ..Figure::default()
    }
}
