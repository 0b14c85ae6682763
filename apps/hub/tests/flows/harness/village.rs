//! A hub that has something of everything, and of everything what breaks pages.

use std::path::Path;

use super::{Hub, IrcServer, Talker, Visitor, run, wait_for};

/// A hub with people, issues, lists, a repository, a channel and a site.
pub struct Village {
    pub hub: Hub,
    /// An administrator.
    pub ann: Visitor,
    _server: IrcServer,
    _talker: Talker,
    _folder: tempfile::TempDir,
}

/// 200 characters without a break.
pub fn long_word() -> String {
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk".chars().cycle().take(200).collect()
}

const RIGHT_TO_LEFT: &str = "مشكلة في ترتيب النص من اليمين إلى اليسار, שלום עולם, and back";
const EMOJI: &str = "👩🏽‍🚀🏳️‍🌈 👨‍👩‍👧‍👦🇺🇳 e\u{301}\u{301}\u{301} ﷽ 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂";

/// A Markdown table of 30 columns and 40 rows.
fn huge_table() -> String {
    let row = |cell: &dyn Fn(usize) -> String| format!("|{}|\n", (0..30).map(cell).collect::<Vec<_>>().join("|"));
    let mut table = row(&|column| format!("Column number {column}")) + &row(&|_| "---".into());
    for line in 0..40 {
        table.push_str(&row(&|column| format!("value {line}.{column}")));
    }
    table
}

fn mail(id: &str, subject: &str, more: &str, body: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: {subject}\nMessage-ID: <{id}>\n{more}\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

impl Village {
    pub fn start() -> Self {
        let server = IrcServer::start();
        let talker = Talker::join(&server, "tom", "#dev");
        let folder = tempfile::tempdir().expect("a folder");
        let repository = folder.path().join("hall.git");
        run(folder.path(), "git", &["init", "-q", "--bare", "-b", "main", "hall.git"]);
        let more = format!(
            "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n\
             [site]\nsource = \"{}\"\nbranch = \"main\"\nrepository = \"hall\"\n",
            server.port,
            repository.display()
        );
        let hub = Hub::start(None, &more);
        let ann = hub.person("ann", true);
        talker.hear("JOIN");
        let village = Self { hub, ann, _server: server, _talker: talker, _folder: folder };
        village.people();
        village.issues();
        village.lists();
        village.commits();
        village.talk();
        village
    }

    fn people(&self) {
        let bob = self.hub.person("bob", false);
        let name: String = "Bob of the very long name ".chars().cycle().take(200).collect();
        bob.submit("/me", "/me", &[("display_name", name.trim()), ("bio", &long_word())]);
    }

    fn issues(&self) {
        let ann = &self.ann;
        let table = huge_table();
        let (word, wide) = (long_word(), format!("{table}\n\n    {}\n", "code ".repeat(100)));
        for (title, message) in [
            (word.as_str(), word.as_str()),
            (RIGHT_TO_LEFT, RIGHT_TO_LEFT),
            (EMOJI, EMOJI),
            ("A table that is too wide for any screen", wide.as_str()),
        ] {
            ann.submit("/issues/new", "/issues/new", &[("title", title), ("message", message), ("format", "markdown")])
                .expect(200);
        }
        for number in 0..60 {
            let title = format!("The heron of day {number} sleeps");
            ann.submit("/issues/new", "/issues/new", &[("title", &title), ("message", "It does not wake.")])
                .expect(200);
        }
        ann.submit("/issues/1", "/issues/1", &[("message", "Answered, see #2 and #3."), ("title", &word)]).expect(200);
        ann.submit("/issues/", "/issues/queries", &[("name", &word[..70]), ("query", "status=unread")]).expect(200);
    }

    fn lists(&self) {
        let hub = &self.hub;
        hub.cli(&["lists", "new", "dev@hub.test"]);
        hub.cli(&["lists", "new", "quiet@hub.test"]);
        let synced = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n");
        assert!(synced.status.success());
        let word = long_word();
        let post = |id: &str, subject: &str, more: &str, body: &str| {
            let replies = hub.lmtp("ann@example.org", &["dev@hub.test"], &mail(id, subject, more, body));
            assert!(replies[0].starts_with("250"), "{replies:?}");
        };
        post("long@test", &word, "", &format!("{word}\n\n{EMOJI}\n\n{RIGHT_TO_LEFT}"));
        let mut before = "long@test".to_owned();
        for depth in 0..12 {
            let id = format!("answer{depth}.{}@test", "x".repeat(150));
            post(
                &id,
                &format!("Re: {word}"),
                &format!("In-Reply-To: <{before}>\n"),
                &format!("> {word}\n\nDepth {depth}."),
            );
            before = id;
        }
        let replies = hub.lmtp(
            "eve@example.net",
            &["dev@hub.test"],
            &mail("held@test", "Hello", "", &word)
                .replace("Ann <ann@example.org>", &format!("{word} <eve@example.net>")),
        );
        assert!(replies[0].starts_with("250"), "{replies:?}");
        wait_for("the posts in the archive", || self.ann.get("/lists/dev/").text.contains("Donau").then_some(()));
    }

    fn commits(&self) {
        let folder = self._folder.path();
        let work = folder.join("work");
        run(folder, "git", &["init", "-q", "-b", "main", "work"]);
        run(&work, "git", &["remote", "add", "origin", "../hall.git"]);
        let repository = folder.join("hall.git").display().to_string();
        self.hub.cli(&["commits", "add", "hall", &repository, "--channel", "#dev"]);
        self.hub.cli(&["commits", "hook", "install", "hall"]);
        let name = format!("{}.md", &"a-name-that-goes-on-".repeat(9));
        let page = format!("# Welcome\n\n{}\n\n{}\n\n{RIGHT_TO_LEFT}\n\n{EMOJI}\n", long_word(), huge_table());
        commit(&work, &[("index.md", &page), (&name, "# Long\n")], "Begin, see #1");
        let lines: String = (0..10_000).map(|n| format!("line {n} {}\n", "of a long file ".repeat(20))).collect();
        commit(&work, &[("big.txt", &lines), ("small.txt", "one\ntwo\n")], &format!("{} closes #3", long_word()));
        commit(&work, &[("small.txt", "one\nthree\n")], "Change a word");
        wait_for("the site to be built", || self.ann.get("/site/").text.contains("Welcome").then_some(()));
    }

    fn talk(&self) {
        for text in ["hello", RIGHT_TO_LEFT, EMOJI, &long_word(), "see #1"] {
            self._talker.say("#dev", text);
        }
        wait_for("the log", || {
            let channel = self.ann.get("/chat/test/dev/");
            let day = channel.attributes("td.title a", "href").first().cloned()?;
            self.ann.get(&day).text.contains("hello").then_some(())
        });
    }
}

fn commit(work: &Path, files: &[(&str, &str)], message: &str) {
    for (name, text) in files {
        std::fs::write(work.join(name), text).expect("a file");
    }
    run(work, "git", &["add", "-A"]);
    run(work, "git", &["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "-m", message]);
    run(work, "git", &["push", "-q", "origin", "main"]);
}
