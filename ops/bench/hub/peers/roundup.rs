//! Roundup, the tracker: its classic template on SQLite, its own web server and mail gateway
//! (`roundup-server(1)`, `roundup-mailgw(1)`, Roundup's REST documentation).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Server, done, give, install, issues, pages, place, plain, script, shelf};
use crate::clients::{Http, Served, cpu_of_children, load, quantile};
use crate::forms;
use crate::harness::{PASSWORD, Visitor, free_port};
use crate::report::{Beside, Figure, Report, Scale};
use crate::words::Words;

pub const TITLE: &str = "Roundup 2.6";

/// Roundup takes 14 ms of CPU for each issue that it is filled with.
const ISSUES: u64 = 5000;

/// A page of both, how often the hub is asked for it and how often Roundup.
struct Pair {
    what: &'static str,
    counts: (u64, u64),
    hub: Vec<String>,
    theirs: Vec<String>,
}

const PRIORITIES: [&str; 5] = ["critical", "urgent", "bug", "feature", "wish"];

/// Addresses of lists by priority and keyword, in four orders: more than the hub keeps.
fn lists(address: impl Fn(&str, usize, usize) -> String) -> Vec<String> {
    let orders = ["-activity", "activity", "-creation", "creation"];
    let all = (0..20).flat_map(|page| (0..5).flat_map(move |kind| orders.map(|order| (order, kind, page))));
    all.map(|(order, kind, page)| address(order, kind, page)).collect()
}

fn pairs() -> Vec<Pair> {
    const LIST: &str =
        "issue?@columns=id,activity,title,creator,assignedto,status,priority,keyword&@sort=-activity&@pagesize=50";
    let pair = |what, counts, hub, theirs| Pair { what, counts, hub, theirs };
    let one = |path: &str| vec![path.to_owned()];
    let words = |ranks: std::ops::Range<usize>, before: &str| -> Vec<String> {
        ranks.map(|rank| format!("{before}{}", Words::word(rank))).collect()
    };
    let search = format!("{LIST}&@search_text=");
    let ours = |path: &str| {
        lists(|order, kind, page| {
            let (priority, keyword, page) = (PRIORITIES[kind], kind + 1, page + 1);
            format!("{path}?state=all&priority={priority}&keyword=word{keyword}&sort={order}&page={page}")
        })
    };
    vec![
        pair(
            "issue list of 50, filtered and sorted",
            (4000, 300),
            ours("/issues/"),
            lists(|order, kind, page| {
                let list = LIST.replace("-activity", order);
                format!("{list}&@filter=priority,keyword&priority={0}&keyword={0}&@startwith={1}", kind + 1, page * 50)
            }),
        ),
        pair(
            "the same list as JSON",
            (2000, 200),
            ours("/issues.json"),
            lists(|order, kind, page| {
                const FIELDS: &str = "title,status,priority,assignedto,keyword,activity";
                let (kind, page) = (kind + 1, page + 1);
                format!(
                    "rest/data/issue?priority={kind}&keyword={kind}&@sort={order}&@page_size=50&@page_index={page}&@fields={FIELDS}"
                )
            }),
        ),
        pair("issue, 5 messages, known to the hub", (4000, 400), one("/issues/1005"), one("issue5")),
        pair("issue, 100 messages, known to the hub", (1000, 100), one("/issues/1100"), one("issue100")),
        pair("issues with a common word", (1000, 100), words(1..400, "/issues/?state=all&q="), words(1..400, &search)),
        pair(
            "issues with a rare word",
            (1000, 100),
            words(5000..5500, "/issues/?state=all&q="),
            words(5000..5500, &search),
        ),
    ]
}

pub fn measure(scale: &Scale, report: &mut Report) {
    let count = scale.of(ISSUES);
    let programs = install("roundup");
    let filled = fill(&programs, count);
    let tracker = Tracker::start(&programs, &filled);
    let size = format!("({count} issues)");
    crate::with_data(count, |at| {
        for pair in pairs() {
            let hub = pages(scale.of(pair.counts.0), &pair.hub, at.hub.pid(), || Http::to(at.hub.http, &at.cookie));
            let theirs = pages(scale.of(pair.counts.1), &pair.theirs, tracker.server.pid(), || tracker.client());
            report.set_beside(Beside {
                what: format!("{} {size}", pair.what),
                tool: TITLE.into(),
                said: format!("{} and {}", hub.note, theirs.note),
                hub: Some(hub),
                theirs: Some(theirs),
            });
        }
        written(scale, report, at, &tracker, &size);
    });
}

fn written(scale: &Scale, report: &mut Report, at: &Served<'_>, tracker: &Tracker, size: &str) {
    let mut by = |way: &str, hub, theirs, said: &str| {
        report.set_beside(Beside {
            what: format!("issue by {way} {size}"),
            tool: TITLE.into(),
            hub: Some(hub),
            theirs: Some(theirs),
            said: said.into(),
        });
    };
    by(
        "form",
        forms::by_form(scale, at),
        tracker.forms(scale.of(300)),
        "Roundup with `use_tokenless_csrf_protection`: its tokens would need a page before each form",
    );
    by(
        "mail",
        forms::by_mail(scale, at),
        tracker.mails(scale.of(60)),
        "`roundup-mailgw`, a process a mail, two at once",
    );
}

/// A tracker with so many issues, made once and kept.
fn fill(programs: &Path, count: u64) -> PathBuf {
    let kept = shelf().join(format!("roundup-{count}-issues"));
    if !kept.exists() {
        let folder = TempDir::new_in(shelf()).expect("a folder beside the tools");
        let (file, home) = (folder.path().join("issues.jsonl"), folder.path().join("home"));
        issues(&file, count);
        eprintln!("  filling Roundup with {count} issues, once");
        done(Command::new(programs.join("python")).arg(script("roundup_fill.py")).arg(&home).arg(&file));
        std::fs::rename(&home, &kept).expect("a kept tracker");
    }
    kept
}

/// A copy of the filled tracker, served.
struct Tracker {
    server: Server,
    port: u16,
    headers: String,
    home: PathBuf,
    programs: PathBuf,
    _folder: TempDir,
}

impl Tracker {
    fn start(programs: &Path, filled: &Path) -> Self {
        let (folder, port) = (place(), free_port());
        let home = folder.path().join("home");
        done(Command::new("cp").arg("-r").arg(filled).arg(&home));
        let config = std::fs::read_to_string(home.join("config.ini")).expect("a configuration");
        std::fs::write(home.join("config.ini"), config.replace(":65000/", &format!(":{port}/")))
            .expect("a configuration");
        give(&home);
        let mut command = plain(programs.join("roundup-server"));
        command.args(["-n", "127.0.0.1", "-p", &port.to_string()]).arg(format!("bench={}", home.display()));
        let server = Server::start(&mut command, port);
        let visitor = Visitor::new(format!("http://127.0.0.1:{port}"));
        let login = [("@action", "login"), ("__login_name", "ann"), ("__login_password", PASSWORD)];
        visitor.post("/bench/", &login).expect(200);
        let headers = format!("Accept: */*\r\nX-Requested-With: bench\r\nCookie: {}\r\n", visitor.cookie());
        assert!(visitor.get("/bench/issue").text.contains("ann"), "ann is signed in");
        Self { server, port, headers, home, programs: programs.to_owned(), _folder: folder }
    }

    fn client(&self) -> Http {
        Http::below(self.port, "/bench/", self.headers.clone())
    }

    fn forms(&self, count: u64) -> Figure {
        let text = Words::new(3).text(80).replace(['\n', ' '], "+");
        let figure = load(
            "",
            (8, count),
            self.server.pid(),
            || self.client(),
            |http, n| {
                let status =
                    http.post("issue", &format!("@action=new&title=Filed+{n}&@note={text}&priority=3&status=1"));
                assert!((302..=303).contains(&status), "a filed issue leads to its page, not to {status}");
            },
        );
        Figure { unit: "issues", ..figure }
    }

    /// Mails as a mail server pipes them in, two at once.
    fn mails(&self, count: u64) -> Figure {
        let text = Words::new(4).text(120);
        let (before, start) = (cpu_of_children(), Instant::now());
        let mail = |n: u64| {
            let begun = Instant::now();
            let mut child = plain(self.programs.join("roundup-mailgw"))
                .arg(&self.home)
                .stdin(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("roundup-mailgw starts");
            let mail = format!(
                "From: ann@example.org\nTo: issues@hub.test\nSubject: Mailed number {n}\nMessage-ID: <mailed{n}@bench>\n\
                 Date: Sat, 21 Nov 2026 12:00:00 +0000\n\n{text}"
            );
            child.stdin.take().expect("its input").write_all(mail.as_bytes()).expect("a mail");
            assert!(child.wait().expect("an end").success(), "roundup-mailgw takes the mail");
            begun.elapsed()
        };
        let halves: Vec<Vec<Duration>> = std::thread::scope(|scope| {
            let half = |first: u64| scope.spawn(move || (first..count).step_by(2).map(mail).collect());
            let threads = [half(0), half(1)];
            threads.into_iter().map(|thread| thread.join().expect("mails")).collect()
        });
        let (wall, spent) = (start.elapsed(), cpu_of_children().saturating_sub(before));
        let mut times = halves.concat();
        times.sort();
        Figure { p50: quantile(&times, 50), p99: quantile(&times, 99), ..Figure::of(count, "issues", wall, spent) }
    }
}
