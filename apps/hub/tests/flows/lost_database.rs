//! The database goes away under a running hub and comes back: everybody is told, nothing that was acknowledged is lost,
//! nothing is done twice, and nobody has to start the hub again.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::harness::{Hub, IrcServer, Postgres, Sink, Talker, Visitor, run, wait_for};

/// Longer than a lease and a claim live.
const AWAY: Duration = Duration::from_secs(9);

fn post(word: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: dev@hub.test\r\nSubject: {word}\r\nMessage-ID: <{word}@test>\r\n\
         Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\nIt is about {word}.\r\n"
    )
}

/// A session that has come as far as its recipient.
struct Session {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Session {
    fn open(port: u16, to: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("SMTP answers");
        let reader = BufReader::new(stream.try_clone().expect("a stream"));
        let mut session = Self { stream, reader };
        session.reply();
        session.ask("HELO flow.test");
        session.ask("MAIL FROM:<ann@example.org>");
        assert!(session.ask(&format!("RCPT TO:<{to}>")).starts_with("250"));
        session
    }

    fn ask(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("a sent line");
        self.reply()
    }

    fn reply(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("a reply");
        line
    }
}

/// Commits and pushes something.
fn push(work: &Path) {
    std::fs::write(work.join("file"), "one\n").expect("a file");
    run(work, "git", &["add", "file"]);
    let commit = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "Pushed in the dark"];
    run(work, "git", &commit);
    run(work, "git", &["push", "-q", "origin", "HEAD:main"]);
}

/// How often a mail came to a member.
fn copies(sink: &Sink, word: &str) -> usize {
    let to_m1 = |mail: &&crate::harness::Taken| mail.rcpts == ["m1@example.net"] || mail.rcpts.len() == 2;
    sink.mails().iter().filter(to_m1).filter(|mail| mail.header("subject").contains(word)).count()
}

/// Without its database the hub says why, offers to try again, and gives back what was typed into a form.
fn told_in_a_browser(ann: &Visitor, typed: &[(&str, &str)], priority: &str) {
    let page = ann.get("/issues/").expect(503);
    assert!(page.text.contains("database"), "the page says why:\n{}", page.text);
    let again = page.attributes(".error-page .actions a.button", "href");
    assert_eq!(again, ["/issues/"], "the page offers to try again:\n{}", page.text);
    let refused = ann.post("/issues/new", typed).expect(503);
    assert!(refused.text.contains("Every word of it."), "what was typed is there:\n{}", refused.text);
    assert_eq!(refused.attributes("main input[name=priority]", "type"), ["hidden"], "a choice goes along unseen");
    assert_eq!(refused.attributes("main input[name=priority]", "value"), [priority]);
}

#[test]
fn a_database_that_goes_away_and_comes_back_costs_nothing() {
    let (postgres, sink, server) = (Postgres::start(), Sink::start(), IrcServer::start());
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "git", &["init", "-q", "--bare", "-b", "main", "repo"]);
    run(folder.path(), "git", &["clone", "-q", "repo", "work"]);
    let tom = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n",
        server.port
    );
    let mut hub = Hub::on(&postgres.url(), Some(&sink), &more);
    tom.hear(" JOIN ");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let members = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\nm1@example.net\n");
    assert!(members.status.success());
    let repository = folder.path().join("repo").display().to_string();
    hub.cli(&["commits", "add", "hall", &repository, "--vcs", "git", "--channel", "#dev"]);
    hub.cli(&["commits", "hook", "install", "hall"]);
    let ann = hub.person("ann", true);
    let form = ann.get("/issues/new").expect(200);
    let token = form.attributes("input[name=csrf]", "value").remove(0);
    let priority = form.attributes("select[name=priority] option", "value").pop().expect("a priority");
    tom.say("#dev", "all is well");
    let mut session = Session::open(hub.smtp, "dev@hub.test");

    postgres.stop();
    let down = std::time::Instant::now();
    for number in 0..20 {
        tom.say("#dev", &format!("line {number} nobody can write down"));
    }
    // A session that knows its recipient, and one that does not.
    assert!(session.ask("DATA").starts_with("354"));
    let kept = session.ask(&format!("{}.", post("early")));
    assert!(kept.starts_with("451 4.3.0"), "{kept}");
    let put_off = hub.lmtp("ann@example.org", &["dev@hub.test"], &post("late"));
    assert!(put_off[0].starts_with("451 4.3.0"), "{put_off:?}");
    let typed = [
        ("title", "Typed in vain"),
        ("message", "Every word of it."),
        ("priority", priority.as_str()),
        ("csrf", token.as_str()),
    ];
    told_in_a_browser(&ann, &typed, &priority);
    hub.stranger().get("/readyz").expect(503);
    hub.stranger().get("/healthz").expect(200);
    push(&folder.path().join("work"));
    tom.say("#dev", "still there?");
    std::thread::park_timeout(AWAY.saturating_sub(down.elapsed()));
    assert!(!hub.has_ended(), "the hub waits for its database");

    postgres.again();
    wait_for("the pages", || (ann.get("/issues/").status == 200).then_some(()));
    ann.post("/issues/new", &typed).expect(200);
    for word in ["early", "late"] {
        // A sender tries again what was put off.
        wait_for(word, || {
            hub.lmtp("ann@example.org", &["dev@hub.test"], &post(word))[0].starts_with("250").then_some(())
        });
    }
    for word in ["early", "late"] {
        sink.wait("m1@example.net", |mail| mail.header("subject").contains(word));
    }
    assert!(tom.hear("Pushed in the dark").contains(":hub!"), "the push is announced");
    tom.say("#dev", "welcome back");
    tom.say("#dev", "!help");
    tom.hear("tom: !help and !log");
    let day = ann.get("/chat/test/dev/").attributes("td.title a", "href").first().cloned().expect("a day");
    let log = ann.get(&format!("{day}.txt")).expect(200).text;
    for text in (0..20).map(|n| format!("line {n} nobody can write down")).chain(["still there?".into()]) {
        assert_eq!(log.matches(&format!("<tom> {text}\n")).count(), 1, "{text} in:\n{log}");
    }
    assert!(!log.contains("gap") && log.matches("hub joined").count() == 1, "the bot stayed:\n{log}");
    assert_eq!((copies(&sink, "early"), copies(&sink, "late")), (1, 1), "{:?}", sink.subjects());
    for (what, sql, count) in [
        ("issues", "SELECT count(*) FROM tracker_issue WHERE title = 'Typed in vain'", 1),
        ("pushes", "SELECT count(*) FROM journal WHERE kind = 'CommitsPushed'", 1),
        ("parked entries", "SELECT count(*) FROM journal_parked", 0),
        ("failed jobs", "SELECT count(*) FROM job WHERE state = 'failed'", 0),
    ] {
        assert_eq!(postgres.number(sql), count, "{what}");
    }
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
    hub.stop();
}
