//! Mail in, mail out, archives; beside Postfix's `smtp-source` into the same `smtp-sink`.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::clients::{Lmtp, cpu, cpu_of_children, load, quantile};
use crate::harness::{Hub, Visitor, free_port, wait_for};
use crate::report::{Figure, Report, Scale};
use crate::words::Words;

/// Recipients of one mail, where they share it: as many as the hub puts into a transaction.
const TOGETHER: u64 = 50;

/// `smtp-sink -c`, which takes everything, keeps nothing and counts.
pub struct Counter {
    child: Child,
    taken: Arc<AtomicU64>,
    has_ended: Arc<AtomicBool>,
    pub port: u16,
}

impl Counter {
    pub fn start() -> Self {
        let port = free_port();
        let mut child = Command::new(postfix("smtp-sink"))
            .args(["-c", "-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
            .current_dir("/")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts; ops/test installs it");
        let (taken, mut out) = (Arc::new(AtomicU64::new(0)), child.stdout.take().expect("its output"));
        let count = taken.clone();
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = has_ended.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            let mut tail = String::new();
            while let Ok(read) = out.read(&mut bytes)
                && read > 0
            {
                tail.push_str(&String::from_utf8_lossy(&bytes[..read]));
                // `sess=1 quit=1 mesg=7`, again and again.
                let complete = tail.rfind('\r').map_or("", |end| &tail[..end]);
                let last = complete.rsplit("mesg=").next().unwrap_or_default();
                if let Ok(number) = last.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse() {
                    count.store(number, Ordering::SeqCst);
                }
                tail = tail.split_off(tail.rfind('\r').unwrap_or(0));
            }
            ended.store(true, Ordering::SeqCst);
        });
        wait_for("smtp-sink", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, taken, has_ended, port }
    }

    /// Mails taken so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::SeqCst)
    }

    /// A running hub whose smarthost this is; `more` is added to its configuration.
    pub fn hub(&self, more: &str) -> Hub {
        let mut hub = Hub::configured(None, more);
        let file = hub.data().join("guildhall.toml");
        let config = std::fs::read_to_string(&file).expect("a configuration");
        let config = config.replace("[mail]\n", &format!("[mail]\nsmarthost = \"smtp://127.0.0.1:{}\"\n", self.port));
        std::fs::write(&file, config).expect("a written configuration");
        hub.run();
        hub
    }

    /// Waits, without sleeping long, until so many mails are there.
    pub fn wait(&self, count: u64) {
        let start = Instant::now();
        while self.taken() < count {
            assert!(!self.has_ended.load(Ordering::SeqCst), "somebody ended smtp-sink");
            assert!(start.elapsed() < Duration::from_secs(600), "{} of {count} mails came", self.taken());
            std::thread::park_timeout(Duration::from_micros(200));
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn postfix(name: &str) -> String {
    let path = format!("/usr/sbin/{name}");
    if Path::new(&path).exists() { path } else { name.to_owned() }
}

/// A mail of Ann's with about so many bytes, whose lines end with CRLF.
pub fn mail(to: &str, id: &str, bytes: usize) -> String {
    let body: String = Words::new(9).text(bytes / 5).replace('\n', "\r\n").chars().take(bytes).collect();
    format!(
        "From: Ann <ann@example.org>\r\nTo: {to}\r\nSubject: {id}\r\nMessage-ID: <{id}@bench>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}"
    )
}

pub fn measure(scale: &Scale, report: &mut Report) {
    let sink = Counter::start();
    let hub = sink.hub("");
    hub.cli(&["lists", "new", "few@hub.test"]);
    hub.cli(&["lists", "members", "add", "few@hub.test", "ann@example.org", "bob@example.org"]);
    accept(scale, report, &hub);
    first_byte(scale, report, &hub, &sink);
    fan_out(scale, report, &hub, &sink);
    import(scale, report, &hub);
}

fn accept(scale: &Scale, report: &mut Report, hub: &Hub) {
    for (connections, bytes, count) in [(1, 2_000, 2000), (20, 2_000, 20_000), (1, 200_000, 200), (20, 200_000, 1000)] {
        let target = if (connections, bytes) == (20, 2_000) { "5,000/s" } else { "" };
        report.add(Figure { target, ..taken(hub, connections, bytes, scale.of(count)) });
    }
    idle(hub);
}

/// Mail to `postmaster@`, which is kept for the administrator: nothing but taking it is measured.
pub fn taken(hub: &Hub, connections: u64, bytes: usize, count: u64) -> Figure {
    let text = mail("postmaster@hub.test", "accept", bytes);
    let figure = load(
        &format!("LMTP accept, synced, {} kB, {connections} connections", bytes / 1000),
        (connections, count),
        hub.pid(),
        || Lmtp::to(hub.lmtp),
        |lmtp, _| lmtp.send("ann@example.org", "postmaster@hub.test", &text),
    );
    Figure { unit: "mails", ..figure }
}

/// Waits until the hub has nothing to do.
pub fn idle(hub: &Hub) {
    wait_for("an idle hub", || {
        let before = cpu(hub.pid());
        std::thread::park_timeout(Duration::from_millis(500));
        (cpu(hub.pid()).saturating_sub(before) < Duration::from_millis(20)).then_some(())
    });
}

fn first_byte(scale: &Scale, report: &mut Report, hub: &Hub, sink: &Counter) {
    let spent = cpu(hub.pid());
    let mut times: Vec<Duration> = (0..scale.of(50))
        .map(|n| {
            std::thread::park_timeout(Duration::from_millis(50));
            let (mut lmtp, before) = (Lmtp::to(hub.lmtp), sink.taken());
            let text = mail("few@hub.test", &format!("first{n}"), 2_000);
            let begun = Instant::now();
            lmtp.send("ann@example.org", "few@hub.test", &text);
            sink.wait(before + 1);
            let took = begun.elapsed();
            sink.wait(before + 2);
            took
        })
        .collect();
    times.sort();
    let spent = cpu(hub.pid()).saturating_sub(spent);
    report.add(Figure {
        name: "post, until its first copy was taken".into(),
        cpu: Some(spent.div_f64(times.len() as f64)),
        count: times.len() as u64,
        p50: quantile(&times, 50),
        p99: quantile(&times, 99),
        target: "50 ms",
        ..Figure::default()
    });
}

fn fan_out(scale: &Scale, report: &mut Report, hub: &Hub, sink: &Counter) {
    let figure = spread(scale.of(10_000), hub, sink);
    let ceiling = source(figure.count, 1, sink.port);
    let note = format!("smtp-source to the same sink, one recipient a mail: {ceiling:.0}/s");
    report.add(Figure { note, target: "15,000/s", ..figure });
    let figure = spread_together(scale.of(10_000), hub, sink);
    let ceiling = source(figure.count, TOGETHER, sink.port);
    let note = format!("smtp-source to the same sink, as many recipients a mail: {ceiling:.0}/s");
    report.add(Figure { note, target: "50,000/s", ..figure });
}

/// One post to so many members of a new list, each of whom gets a copy of their own.
pub fn spread(count: u64, hub: &Hub, sink: &Counter) -> Figure {
    hub.cli(&["lists", "new", "many@hub.test"]);
    let name = format!("fan-out to {count}, each with its own return path and token");
    Figure { name, ..post("many", count, count, hub, sink) }
}

/// The same, but that they share copies.
pub fn spread_together(count: u64, hub: &Hub, sink: &Counter) -> Figure {
    hub.cli(&["lists", "new", "shared@hub.test"]);
    share_copies(&hub.person("sue", true), "shared");
    let mails = count.div_ceil(TOGETHER);
    Figure { name: format!("fan-out to {count}, {TOGETHER} to a mail"), ..post("shared", count, mails, hub, sink) }
}

/// Lets the members of a list share copies; all else is as a new list has it.
fn share_copies(admin: &Visitor, list: &str) {
    let page = format!("/lists/{list}/settings");
    let kept = [
        ("title", list),
        ("audience", "public"),
        ("roster", "members"),
        ("is_listed", "1"),
        ("member_action", "accept"),
        ("nonmember_action", "accept"),
        ("max_size", "1000"),
        ("max_rcpts", "25"),
        ("bounce_threshold", "5"),
        ("bounce_stale_days", "7"),
    ];
    admin.submit(&page, &page, &kept).expect(200);
}

/// One post to so many new members of a list, who get so many mails of it.
fn post(list: &str, count: u64, mails: u64, hub: &Hub, sink: &Counter) -> Figure {
    let address = format!("{list}@hub.test");
    let members = (1..count).fold(String::from("ann@example.org\n"), |mut members, n| {
        let _ = writeln!(members, "member{n}@example.net");
        members
    });
    let synced = hub.try_cli(&["lists", "members", "sync", &address, "-"], members.as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    idle(hub);
    let before = sink.taken();
    let text = mail(&address, "fan", 2_000);
    let (spent, begun) = (cpu(hub.pid()), Instant::now());
    Lmtp::to(hub.lmtp).send("ann@example.org", &address, &text);
    sink.wait(before + mails);
    let wall = begun.elapsed();
    let spent = cpu(hub.pid()).saturating_sub(spent);
    Figure::of(count, "recipients", wall, spent)
}

/// Recipients a second of `smtp-source` on twenty connections that it keeps, so many to a mail.
fn source(count: u64, together: u64, port: u16) -> f64 {
    let begun = Instant::now();
    let done = Command::new(postfix("smtp-source"))
        .args(["-d", "-s", "20", "-l", "2000"])
        .args(["-m", &count.div_ceil(together).to_string(), "-r", &together.to_string()])
        .args(["-f", "ann@example.org", "-t", "bob@example.org"])
        .arg(format!("127.0.0.1:{port}"))
        .current_dir("/")
        .status()
        .expect("smtp-source runs; ops/test installs it");
    assert!(done.success(), "smtp-source sends");
    count as f64 / begun.elapsed().as_secs_f64()
}

fn import(scale: &Scale, report: &mut Report, hub: &Hub) {
    let (count, mut words) = (scale.of(10_000), Words::new(11));
    let file = hub.data().join("archive.mbox");
    let mut mbox = String::new();
    for n in 0..count {
        let answers = if n % 5 == 0 { String::new() } else { format!("In-Reply-To: <old{}@bench>\n", n - 1) };
        let length = 40 + words.below(300) as usize;
        let _ = writeln!(
            mbox,
            "From person{0}@example.net Sat Jan  3 01:05:34 2015\nFrom: Person {0} <person{0}@example.net>\nTo: few@hub.test\n\
             Subject: {1}\nMessage-ID: <old{n}@bench>\n{answers}Date: Sat, 3 Jan 2015 {2:02}:{3:02}:{4:02} +0000\n\n{5}\n",
            n % 97,
            words.text(5),
            n / 3600 % 24,
            n / 60 % 60,
            n % 60,
            words.text(length).replace("\nFrom ", "\n>From ")
        );
    }
    std::fs::write(&file, &mbox).expect("a written archive");
    let (spent, begun) = (cpu_of_children(), Instant::now());
    hub.cli(&["lists", "import", "few", &file.display().to_string()]);
    let wall = begun.elapsed();
    let spent = cpu_of_children().saturating_sub(spent);
    report.add(Figure {
        name: format!("import of an archive of {count}, {} MB", mbox.len() >> 20),
        target: "1,000/s",
        ..Figure::of(count, "posts", wall, spent)
    });
}
