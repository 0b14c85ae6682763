//! `guildhall demo`: a year of a project, whole and consistent, and the same hub again at the next start.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::harness::{Visitor, free_port};

/// A loaded machine fills a hub for minutes, built without optimisation as tests are.
const PATIENCE: Duration = Duration::from_secs(600);

struct Demo {
    child: Child,
    port: u16,
    /// What it showed before it served.
    shown: Option<String>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let port = free_port();
        let out = std::fs::File::create(folder.join("out")).expect("a file");
        let child = Command::new(env!("CARGO_BIN_EXE_guildhall"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--keep"])
            .arg(folder.join("hub"))
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a file"))
            .stdout(out)
            .spawn()
            .expect("the demo starts");
        let mut demo = Self { child, port, shown: None };
        let start = Instant::now();
        loop {
            let said = std::fs::read_to_string(folder.join("out")).unwrap_or_default();
            if said.contains(" serves ") {
                break;
            }
            if demo.shown.is_none() && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                demo.shown = Some(demo.visitor().get("/issues/").text);
            }
            assert!(start.elapsed() < PATIENCE, "the demo does not answer:\n{said}");
            assert!(demo.child.try_wait().expect("a child").is_none(), "the demo ended at once:\n{said}");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        demo
    }

    fn visitor(&self) -> Visitor {
        Visitor::new(format!("http://127.0.0.1:{}", self.port))
    }

    fn stop(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(told.success() && self.child.wait().expect("an end").success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // A demo that was stopped is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json(folder: &Path, words: &[&str]) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
    let output = command.args(words).arg("--json").arg("--data").arg(folder.join("hub")).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_demo_is_a_year_of_one_project_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let said = std::fs::read_to_string(folder.path().join("out")).expect("what it says");
    let shown = demo.shown.clone().expect("something is shown while it is filled");
    assert!(shown.contains("A year of Papermoth is being written"), "{shown}");
    assert!(said.contains("lena") && said.contains("The password of each: "), "{said}");
    counts(folder.path(), &demo);
    threads_and_issues_know_each_other(&demo);
    commits_mend_issues_and_are_told(&demo);
    news_are_told_on_the_channel(&demo);
    the_logins_work(
        &demo,
        said.split("The password of each: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default(),
    );
    nothing_waits_to_be_sent(folder.path());
    let before = demo.visitor().get("/issues/?state=all").select(".pages, .paging, nav");
    demo.stop();

    // The next start serves the same hub at another address, and fills nothing again.
    let again = Demo::start(folder.path());
    let found = again.visitor().get("/chat/libera/papermoth-dev/?q=%22Add+random+bits%22").expect(200);
    let day = found.attributes("main a", "href").into_iter().find(|href| href.contains("/papermoth-dev/20"));
    let day = again.visitor().get(&day.expect("a day")).expect(200);
    let link = format!("{}/commits/papermoth/", visitor_base(&again));
    assert!(day.text.contains(&link), "the talk leads to where the hub stands now: {link}");
    assert_eq!(again.visitor().get("/issues/?state=all").select(".pages, .paging, nav"), before);
    again.stop();
}

fn counts(folder: &Path, demo: &Demo) {
    let people = json(folder, &["accounts", "list"]);
    assert_eq!(people.as_array().map(Vec::len), Some(30));
    let lists = json(folder, &["lists", "list"]);
    let posts: Vec<i64> = lists.as_array().expect("lists").iter().filter_map(|list| list["posts"].as_i64()).collect();
    assert!(posts.len() == 3 && posts.iter().all(|posts| *posts > 40), "{lists}");
    let repositories = json(folder, &["commits", "list"]);
    let systems: Vec<&str> =
        repositories.as_array().expect("two").iter().filter_map(|row| row["vcs"].as_str()).collect();
    assert_eq!(systems, ["svn", "git"], "{repositories}");
    let pages = |name: &str| {
        let page = demo.visitor().get(&format!("/commits/{name}/")).expect(200).select("nav.pager .quiet").join("");
        page.rsplit(' ').next().and_then(|total| total.parse::<usize>().ok()).unwrap_or_default()
    };
    let commits = pages("papermoth") + pages("corpus");
    assert!(commits >= 300, "{commits} commits");
    assert!(demo.visitor().get("/issues/").expect(200).text.contains("Open and urgent"), "queries are saved");
    let minutes = demo.visitor().get("/search?q=minutes+agreed+checklist&module=lists").expect(200);
    assert!(minutes.text.contains("Minutes: Freeze for 2.6"), "{:?}", minutes.select("main"));
    assert_eq!(json(folder, &["chat", "channels"]).as_array().map(Vec::len), Some(2));
    let issues = demo.visitor().get("/issues/?state=all").expect(200);
    assert!(issues.text.contains("of 400"), "the number of issues is said");
    let feed = demo.visitor().get("/site/news.atom");
    assert!(feed.text.matches("<entry>").count() >= 7, "{}", feed.text);
}

fn threads_and_issues_know_each_other(demo: &Demo) {
    let list = demo.visitor().get("/lists/dev/").expect(200);
    let thread = link(&list, "Data loss in Maildir delivery: 2.4.1 now");
    let thread = demo.visitor().get(&thread).expect(200);
    let issue = thread.attributes("a.ref.issue", "href").into_iter().next().expect("the thread names an issue");
    let issue = demo.visitor().get(&issue).expect(200);
    assert!(issue.text.contains("Maildir file names collide on two fast deliveries"));
    assert!(issue.text.contains("Data loss in Maildir delivery"), "the issue shows where it is mentioned");
    let patches = demo.visitor().get(&link(&list, "[PATCH 0/5] imap: Synchronise by CONDSTORE")).expect(200);
    assert!(patches.text.contains("[PATCH 5/5]"));
}

fn commits_mend_issues_and_are_told(demo: &Demo) {
    let visitor = demo.visitor();
    let issue = link(&visitor.get("/issues/?state=all&q=collide").expect(200), "Maildir file names collide");
    let issue = visitor.get(&issue).expect(200);
    assert!(issue.text.contains("closes this issue") && issue.text.contains("resolved"));
    let commit = issue.attributes("main a", "href").into_iter().find(|href| href.contains("/commits/papermoth/"));
    let path = commit.expect("the issue links to its commit");
    let commit = visitor.get(path.strip_prefix(&visitor_base(demo)).unwrap_or(&path)).expect(200);
    assert!(commit.text.contains("store: Add random bits to the names of delivered messages"), "{}", commit.url);
    assert!(commit.attributes("a.ref.issue", "href").iter().any(|href| issue.url.ends_with(href.as_str())));
    // The commit was mailed to its list and told on its channel.
    let posts = visitor.get("/search?q=%22Add+random+bits%22").expect(200);
    assert!(posts.text.contains("/lists/commits/"), "the commit is on its list");
    let found = visitor.get("/chat/libera/papermoth-dev/?q=%22Add+random+bits%22").expect(200);
    let day = found.attributes("main a", "href").into_iter().find(|href| href.contains("/papermoth-dev/20"));
    let day = visitor.get(&day.expect("a day")).expect(200);
    assert!(day.text.contains("store: Add random bits"), "{}", day.url);
    let sample = visitor.get("/commits/corpus/").expect(200);
    assert!(sample.text.contains("corpus: Describe how a sample gets in"), "{}", sample.text);
}

fn visitor_base(demo: &Demo) -> String {
    format!("http://127.0.0.1:{}", demo.port)
}

fn news_are_told_on_the_channel(demo: &Demo) {
    let found = demo.visitor().get("/chat/libera/papermoth/?q=security+fix").expect(200);
    let day = found.attributes("main a", "href").into_iter().find(|href| href.contains("/chat/libera/papermoth/20"));
    let day = demo.visitor().get(&day.expect("a day")).expect(200);
    assert!(day.text.contains("News: Papermoth 2.6 and a security fix"), "{}", day.url);
}

fn the_logins_work(demo: &Demo, password: &str) {
    for name in ["lena", "tomas", "ines"] {
        let visitor = demo.visitor();
        visitor.submit("/login", "/login", &[("name", name), ("password", password)]).expect(200);
        assert_eq!(visitor.get("/me").expect(200).select("h1").len(), 1, "{name} is signed in");
        let admin = visitor.get("/admin");
        assert_eq!(admin.status == 200, name == "lena", "{name}: {}", admin.status);
    }
}

fn nothing_waits_to_be_sent(folder: &Path) {
    let queue = json(folder, &["mail", "queue"]);
    let waiting = queue.as_array().expect("a queue").iter().filter(|mail| mail["state"] == "waiting").count();
    // What the schedule writes after the start is of today.
    assert!(waiting <= 1, "{queue}");
}

#[track_caller]
fn link(page: &super::harness::Answer, title: &str) -> String {
    let titles = page.select("main a");
    let links = page.attributes("main a", "href");
    let place = titles.iter().position(|text| text.contains(title));
    links[place.unwrap_or_else(|| panic!("{title} stands on {}", page.url))].clone()
}
