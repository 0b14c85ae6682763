//! The house itself: how fast it stands, what it takes when nobody comes, and how fast a site is built.

use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::clients::{cpu_of_children, memory};
use crate::harness::Hub;
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

pub fn measure(scale: &Scale, report: &mut Report) {
    start(report);
    site(scale, report);
}

fn start(report: &mut Report) {
    let mut hub = Hub::start(None, "");
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            hub.stop();
            let begun = Instant::now();
            hub.run();
            while TcpStream::connect(("127.0.0.1", hub.http)).is_err() {}
            hub.stranger().get("/").expect(200);
            begun.elapsed()
        })
        .collect();
    times.sort();
    std::thread::park_timeout(Duration::from_secs(5));
    let resident = memory(hub.pid()) as f64 / f64::from(1 << 20);
    report.add(Figure {
        name: "start, until the front door is there".into(),
        count: 5,
        p50: times.get(2).copied(),
        p99: times.last().copied(),
        note: format!("{resident:.0} MB resident when idle"),
        target: "1 s, 60 MB",
        ..Figure::default()
    });
}

/// 190 pages, about 1.1 MB, in folders of ten.
fn pages(folder: &Path, count: u64) -> usize {
    let (mut words, mut bytes) = (Words::new(5), 0);
    for n in 0..count {
        let mut text = format!("# {}\n\n", words.text(4));
        for section in 0..8 {
            text.push_str(&format!(
                "## {}\n\n{}\n\n- {}\n- {}\n\n```python\ndef f{section}(x):\n    return x + {section}\n```\n\nSee [another](page{}.md).\n\n",
                words.text(3),
                words.text(70),
                words.text(5),
                words.text(5),
                (n + 7) % count
            ));
        }
        bytes += text.len();
        std::fs::write(folder.join(format!("page{n}.md")), text).expect("a page");
    }
    std::fs::write(folder.join("index.md"), "# The project\n\nWelcome.\n").expect("a page");
    bytes
}

fn site(scale: &Scale, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, out) = (folder.path().join("source"), folder.path().join("out"));
    std::fs::create_dir(&source).expect("a folder");
    let count = scale.of(190);
    let bytes = pages(&source, count);
    let (before, begun) = (cpu_of_children(), Instant::now());
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_guildhall"))
        .args(["site", "build"])
        .args([&source, &out])
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the build runs");
    assert!(done.success(), "the site is built");
    let wall = begun.elapsed();
    let spent = cpu_of_children().saturating_sub(before);
    report.add(Figure {
        name: format!("site of {count} pages, {} kB", bytes / 1024),
        note: format!("{:.2} s CPU in all", spent.as_secs_f64()),
        target: "0.5 s CPU in all",
        ..Figure::of(count, "pages", wall, spent)
    });
}
