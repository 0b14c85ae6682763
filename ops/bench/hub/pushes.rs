//! Pushes: what the hook costs in the pusher's terminal, and how soon mail and channel hear of it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::clients::{cpu, quantile};
use crate::harness::{Hub, IrcServer, Talker, run};
use crate::lists::Counter;
use crate::report::{Figure, Report, Scale};

pub fn measure(scale: &Scale, report: &mut Report) {
    let (sink, server) = (Counter::start(), IrcServer::start());
    let talker = Talker::join(&server, "tom", "#dev");
    let hub = hub(&sink, &server);
    talker.hear("JOIN");
    let folder = tempfile::tempdir().expect("a folder");
    let work = repository(folder.path());
    let push = |message: &str| {
        commit(&work, message);
        push(&work)
    };
    let count = scale.of(100);
    let mut without: Vec<Duration> = (0..count).map(|n| push(&format!("alone{n}"))).collect();

    let repository = folder.path().join("repo").display().to_string();
    hub.cli(&["commits", "add", "hall", &repository, "--list", "team@example.net", "--channel", "#dev"]);
    hub.cli(&["commits", "hook", "install", "hall"]);
    let (mut with, mut mailed, mut said) = (vec![], vec![], vec![]);
    let spent = cpu(hub.pid());
    for n in 0..count {
        let (before, begun) = (sink.taken(), Instant::now());
        let took = push(&format!("hooked{n}."));
        let since = |begun: Instant| begun.elapsed().saturating_sub(took);
        // Mail and channel are waited for side by side, each with its own clock.
        let (channel, mail) = std::thread::scope(|scope| {
            let mail = scope.spawn(|| {
                sink.wait(before + 1);
                since(begun)
            });
            talker.hear(&format!("hooked{n}."));
            (since(begun), mail.join().expect("the mail came"))
        });
        mailed.push(mail);
        said.push(channel);
        with.push(took);
    }
    let spent = cpu(hub.pid()).saturating_sub(spent).div_f64(count as f64);
    for times in [&mut without, &mut with, &mut mailed, &mut said] {
        times.sort();
    }
    let alone = quantile(&without, 50).unwrap_or_default();
    let figure = |name: &str, times: &[Duration], target| Figure {
        name: name.to_owned(),
        count,
        p50: quantile(times, 50),
        p95: quantile(times, 95),
        p99: quantile(times, 99),
        target,
        ..Figure::default()
    };
    let over = quantile(&with, 95).unwrap_or_default().saturating_sub(quantile(&without, 95).unwrap_or_default());
    report.add(Figure {
        note: format!(
            "without the hook p50 {:.1} ms; the hook adds {:.1} ms at p95",
            alone.as_secs_f64() * 1000.0,
            over.as_secs_f64() * 1000.0
        ),
        cpu: Some(spent),
        ..figure("git push of one commit, with the hook", &with, "20 ms more")
    });
    report.add(figure("push to the mail server's acceptance, after the push returned", &mailed, "1 s"));
    report.add(figure("push to the channel, after the push returned", &said, "300 ms"));
}

fn hub(sink: &Counter, server: &IrcServer) -> Hub {
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.01\n",
        server.port
    );
    sink.hub(&more)
}

/// A bare repository `repo` with one commit; the work tree beside it, which pushes there.
pub fn repository(folder: &Path) -> PathBuf {
    let work = folder.join("work");
    run(folder, "git", &["init", "-q", "--bare", "-b", "main", "repo"]);
    run(folder, "git", &["init", "-q", "-b", "main", "work"]);
    run(&work, "git", &["remote", "add", "origin", "../repo"]);
    commit(&work, "begin");
    push(&work);
    work
}

pub fn commit(work: &Path, message: &str) {
    std::fs::write(work.join("file"), message).expect("a file");
    run(work, "git", &["add", "-A"]);
    let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
    run(work, "git", &[&identity[..], &["commit", "-q", "-m", message]].concat());
}

/// The time of a push.
pub fn push(work: &Path) -> Duration {
    let begun = Instant::now();
    run(work, "git", &["push", "-q", "origin", "main"]);
    begun.elapsed()
}
