//! Two hubs on one PostgreSQL beside one of them: how many more pages they serve.
//!
//! Each hub may use a fifth of a core (the kernel's CPU controller), so that what is measured is the hubs and not the
//! clients and the database that share their machine.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::clients::{Http, cpu, load};
use crate::harness::{Hub, Postgres, Sink};
use crate::report::{Figure, Report, Scale};

/// Where the CPU controller is mounted: cgroups(7), version 1 and version 2.
const CONTROLLERS: [(&str, &str, &str); 2] =
    [("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "20000"), ("/sys/fs/cgroup", "cpu.max", "20000 100000")];

pub fn measure(scale: &Scale, report: &mut Report) {
    let (server, sink) = (Postgres::start(), Sink::start());
    let first = Hub::on(&server.url(), Some(&sink), "");
    let mut second = Hub::beside(&first, &sink, "");
    second.run();
    let ann = first.person("ann", true);
    let token = ann.get("/issues/new").expect(200).attributes("input[name=csrf]", "value").remove(0);
    for n in 0..200 {
        let title = format!("Number {n}");
        ann.post("/issues/new", &[("title", &title), ("message", "As it says."), ("csrf", &token)]).expect(200);
    }
    let Some(_fences) = [&first, &second].map(Fence::around).into_iter().collect::<Option<Vec<_>>>() else {
        eprintln!("two hubs are not measured: this machine lets nobody limit the CPU time of a process");
        return;
    };
    let one = pages(scale, &ann.cookie(), &[&first]);
    let two = pages(scale, &ann.cookie(), &[&first, &second]);
    let more = two.rate.unwrap_or_default() / one.rate.unwrap_or(f64::INFINITY);
    report.add(Figure { name: "issue list on PostgreSQL, a hub with a fifth of a core".into(), ..one });
    report.add(Figure {
        name: "the same, two such hubs on one database".into(),
        note: format!("{more:.2} times as many"),
        target: "1.7 times",
        ..two
    });
}

/// The issue list, of these hubs in turn.
fn pages(scale: &Scale, cookie: &str, hubs: &[&Hub]) -> Figure {
    let next = AtomicUsize::new(0);
    let client = || Http::to(hubs[next.fetch_add(1, Ordering::Relaxed) % hubs.len()].http, cookie);
    let page = |http: &mut Http, _| {
        drop(http.get("/issues/"));
    };
    load("", (8, 200), hubs[0].pid(), client, page);
    let count = scale.of(2000);
    let spent = || hubs.iter().map(|hub| cpu(hub.pid())).sum::<std::time::Duration>();
    let before = spent();
    let figure = load("", (8, count), hubs[0].pid(), client, page);
    Figure { unit: "pages", cpu: Some((spent() - before).div_f64(count as f64)), ..figure }
}

/// A limit of CPU time around a hub; it goes with the hub.
struct Fence(PathBuf);

impl Fence {
    fn around(hub: &Hub) -> Option<Self> {
        let (root, file, quota) =
            CONTROLLERS.into_iter().find(|(root, _, _)| Path::new(root).join("cgroup.procs").exists())?;
        let fence = Self(Path::new(root).join(format!("guildhall-bench-{}", hub.pid())));
        std::fs::create_dir(&fence.0).ok()?;
        std::fs::write(fence.0.join(file), quota).ok()?;
        std::fs::write(fence.0.join("cgroup.procs"), hub.pid().to_string()).ok()?;
        Some(fence)
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        // A group with a process in it stays; the processes go back to the root first.
        let procs = self.0.join("cgroup.procs");
        let root = self.0.parent().map(|root| root.join("cgroup.procs"));
        for pid in std::fs::read_to_string(procs).unwrap_or_default().lines() {
            let _ = root.as_ref().map(|root| std::fs::write(root, pid));
        }
        let _ = std::fs::remove_dir(&self.0);
    }
}
