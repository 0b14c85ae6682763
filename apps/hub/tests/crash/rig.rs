//! The rig: a hub under load that is killed again and again, and what must hold after each kill.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::harness::{Hub, IrcServer, Talker, run, wait_for};
use crate::load::{Deed, Load, Way, pause};
use crate::look::Look;
use crate::luck::Luck;
use crate::post_office::PostOffice;

const MEMBERS: [&str; 2] = ["m1@example.net", "m2@example.net"];
const TEAM: &str = "team@example.net";
/// How long nothing may move while something waits, when nobody kills the hub any more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Kills a hub so many times under load, and looks at what is left.
pub fn run_rig(kills: u64, seed: u64) {
    let mut luck = Luck::new(seed);
    let office = PostOffice::open();
    let server = IrcServer::start();
    let talker = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "smarthost = \"smtp://127.0.0.1:{}\"\n[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\n\
         nick = \"hub\"\nchannels = [\"#dev\"]\nannounce = []\n",
        office.port, server.port
    );
    let mut hub = Hub::configured(None, &more);
    let folder = tempfile::tempdir().expect("a folder");
    let commits = repository(folder.path(), 4 * kills + 50);
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.cli(&["lists", "new", "old@hub.test"]);
    let roster = format!("ann@example.org\n{}\n", MEMBERS.join("\n"));
    let synced = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], roster.as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    let (ann, bob) = (hub.person("ann", true), hub.person("bob", false));
    ann.submit("/issues/new", "/issues/new", &[("title", "The first"), ("message", "It begins.")]).expect(200);
    bob.submit("/issues/1", "/issues/1/follow", &[]).expect(200);
    let path = folder.path().join("repo").display().to_string();
    hub.cli(&["commits", "add", "hall", &path, "--vcs", "git", "--list", TEAM]);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let load = Load::new((hub.smtp, hub.lmtp), hub.data(), &folder.path().join("repo"), commits);
    let mut threads = vec![];
    for name in ["posts", "mails", "forms", "pushes"] {
        let (load, luck, ann, token) = (load.clone(), child(&mut luck), ann.clone(), token.clone());
        threads.push(std::thread::spawn(move || match name {
            "posts" => load.posts(luck),
            "mails" => load.mails(luck),
            "forms" => load.forms(&ann, &token, luck),
            _ => load.pushes(luck),
        }));
    }
    let talking = std::thread::spawn({
        let (load, luck) = (load.clone(), child(&mut luck));
        move || load.talk(talker, luck)
    });
    for number in 1..=kills {
        cycle(&mut hub, &load, &look, &mut luck, number);
    }
    load.ends.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().expect("the load ends well");
    }
    // The bot is back on its channel, and logs.
    let talker = talking.join().expect("the talk ends well");
    wait_for("a line in the log", || {
        talker.say("#dev", "is anybody there");
        (look.number("SELECT count(*) FROM chat_line WHERE text = 'is anybody there'") > 0).then_some(())
    });
    settle(&hub, &look);
    restore(&hub, &look, folder.path());
    judge(&look, &load, &office);
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
    let deeds = load.deeds.lock().expect("deeds");
    let sure = deeds.iter().filter(|deed| deed.sure).count();
    eprintln!(
        "{kills} kills, {} deeds, {sure} acknowledged, {} mails out: all is there once",
        deeds.len(),
        office.mails().len()
    );
}

/// Luck of its own, for a thread.
fn child(luck: &mut Luck) -> Luck {
    Luck::new(luck.below(usize::MAX) as u64)
}

/// Lets the hub live for a moment, sometimes beside an import, kills it, and starts it again.
fn cycle(hub: &mut Hub, load: &Arc<Load>, look: &Look, luck: &mut Luck, number: u64) {
    load.up.store(true, Ordering::SeqCst);
    let mut beside = vec![];
    if luck.hits(0.15) {
        beside.push(import(hub, number));
    }
    if luck.hits(0.10) {
        let file = hub.data().join(format!("backup-{number}.tar.gz"));
        beside.push(silent(hub.command(&["backup", &file.display().to_string()])));
    }
    std::thread::park_timeout(pause(luck, 20, 500));
    load.up.store(false, Ordering::SeqCst);
    hub.kill();
    for mut command in beside {
        command.kill().expect("a killed command");
        command.wait().expect("an ended command");
    }
    if luck.hits(0.15) {
        hub.launch();
        std::thread::park_timeout(pause(luck, 1, 400));
        hub.kill();
    }
    hub.run();
    for (what, sql) in [
        ("parked entries", "SELECT count(*) FROM journal_parked"),
        ("failed jobs", "SELECT count(*) FROM job WHERE state = 'failed'"),
    ] {
        assert_eq!(look.number(sql), 0, "{what} after kill {number}\n{}", hub.log());
    }
}

/// An import of an archive of 150 mails, running.
fn import(hub: &Hub, number: u64) -> std::process::Child {
    let path = hub.data().join(format!("import-{number}.mbox"));
    std::fs::write(&path, mbox(number)).expect("an archive");
    silent(hub.command(&["lists", "import", "old@hub.test", &path.display().to_string()]))
}

fn silent(mut command: Command) -> std::process::Child {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("a command starts")
}

/// A backup of what is left makes a hub that has the same.
fn restore(hub: &Hub, look: &Look, folder: &Path) {
    let file = folder.join("end.tar.gz").display().to_string();
    hub.cli(&["backup", &file]);
    let copy = Hub::on_sqlite("");
    copy.cli(&["restore", &file]);
    let restored = Look::open("sqlite", copy.data().to_owned());
    for table in ["list_post", "tracker_message", "revision", "mail_out_rcpt", "blob"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(restored.number(&sql), look.number(&sql), "{table} of a restored hub");
    }
    assert_eq!(restored.blob_faults(), Vec::<String>::new());
    assert_eq!(restored.file_faults(), Vec::<String>::new());
}

fn mbox(number: u64) -> String {
    let mail = |n: u64| {
        format!(
            "From ann@example.org Sat Nov 21 12:00:00 2026\nFrom: ann@example.org\nSubject: Old {number} {n}\n\
             Message-ID: <old{number}.{n}@test>\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n\nOld message {n}\n\n"
        )
    };
    (0..150).map(mail).collect()
}

/// A bare repository of so many commits, each saying a word; their names, oldest first. `main` is the first.
fn repository(folder: &Path, count: u64) -> Vec<String> {
    run(folder, "git", &["init", "-q", "--bare", "-b", "main", "repo"]);
    let mut stream = String::new();
    for n in 0..count {
        let message = format!("Commit zqg{n}qz");
        stream.push_str(&format!(
            "commit refs/heads/all\ncommitter Ann <ann@example.org> {} +0000\ndata {}\n{message}\n\
             M 100644 inline file\ndata 8\nn{n:06}\n\n",
            1_700_000_000 + n,
            message.len()
        ));
    }
    let repo = folder.join("repo");
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(&repo)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    import.stdin.take().expect("an input").write_all(stream.as_bytes()).expect("a stream");
    assert!(import.wait().expect("git ends").success());
    let names = run(&repo, "git", &["log", "--reverse", "--format=%H", "all"]);
    let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    run(&repo, "git", &["update-ref", "refs/heads/main", &names[0]]);
    run(&repo, "git", &["update-ref", "-d", "refs/heads/all"]);
    names
}

/// Waits until nothing moves and nothing waits.
fn settle(hub: &Hub, look: &Look) {
    let mut moved = Instant::now();
    let mut quiet = 0;
    let mut last = (0, 0);
    while quiet < 8 {
        let waiting = look.number("SELECT count(*) FROM mail_in_rcpt WHERE state = 'waiting'")
            + look.number("SELECT count(*) FROM mail_out_rcpt WHERE state = 'waiting'")
            + look.number("SELECT count(*) FROM job WHERE state = 'running' OR payload <> 'null'")
            + records(hub.data()) as i64;
        let now = look.number("SELECT max(id) FROM journal") + look.number("SELECT max(id) FROM mail_out");
        quiet = if waiting == 0 && (waiting, now) == last { quiet + 1 } else { 0 };
        if (waiting, now) != last {
            moved = Instant::now();
        }
        last = (waiting, now);
        assert!(moved.elapsed() < PATIENCE, "{waiting} things wait and nothing moves\n{}", hub.log());
        std::thread::park_timeout(Duration::from_millis(250));
    }
}

fn records(data: &Path) -> usize {
    let files = std::fs::read_dir(data.join("spool/hooks")).map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    let is_record = |name: &str| !name.starts_with('.') && name.ends_with(".json");
    files.iter().flatten().filter(|file| file.file_name().to_str().is_some_and(is_record)).count()
}

/// Everything acknowledged is there once, what was not at most once; every mail went out under one Message-ID.
fn judge(look: &Look, load: &Load, office: &PostOffice) {
    let posts = look.counts("SELECT subject, count(*) FROM list_post GROUP BY subject");
    let issues = look.counts("SELECT title, count(*) FROM tracker_issue GROUP BY title");
    let messages = look.counts("SELECT trim(body), count(*) FROM tracker_message GROUP BY trim(body)");
    let lines = look.counts("SELECT text, count(*) FROM chat_line GROUP BY text");
    let commits = look.counts("SELECT commit_id, count(*) FROM revision GROUP BY commit_id");
    let mut faults = look.blob_faults();
    faults.extend(look.file_faults());
    let deeds = load.deeds.lock().expect("deeds").clone();
    for Deed { way, word, sure } in &deeds {
        let found = match way {
            Way::Post => &posts,
            Way::Mail | Way::Form => &issues,
            Way::Comment => &messages,
            Way::Push => &commits,
            Way::Line => &lines,
        };
        let count = found.get(word).copied().unwrap_or(0);
        if count > 1 || (*sure && count != 1) {
            faults.push(format!("{way:?} {word} is there {count} times (acknowledged: {sure})"));
        }
    }
    for (key, count) in look.counts(
        "SELECT m.message_id || ' to ' || r.address, count(*) FROM mail_out m JOIN mail_out_rcpt r ON r.mail_id = m.id \
         WHERE r.address LIKE '%@example.net' GROUP BY m.message_id, r.address HAVING count(*) > 1",
    ) {
        faults.push(format!("{key} is queued {count} times"));
    }
    let (sent, ids) = (look.number("SELECT count(*) FROM mail_out_rcpt WHERE state = 'sent'"), taken(office));
    faults.extend(unsent(&deeds, &ids));
    faults.extend((sent == 0).then(|| "nothing was sent".to_owned()));
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(20)]);
}

/// The Message-IDs under which each word reached each recipient.
fn taken(office: &PostOffice) -> HashMap<(String, String), HashSet<String>> {
    let mut ids: HashMap<(String, String), HashSet<String>> = HashMap::new();
    for mail in office.mails() {
        let words = mail.text.split("zq").skip(1).filter_map(|rest| rest.split_once("qz")).map(|(word, _)| word);
        let words: HashSet<String> = words.filter(|word| word.len() < 20).map(|word| format!("zq{word}qz")).collect();
        for word in words {
            for rcpt in &mail.rcpts {
                ids.entry((word.clone(), rcpt.clone())).or_default().insert(mail.header("message-id"));
            }
        }
    }
    ids
}

fn unsent(deeds: &[Deed], ids: &HashMap<(String, String), HashSet<String>>) -> Vec<String> {
    let mut faults = vec![];
    for deed in deeds.iter().filter(|deed| deed.sure) {
        let rcpts: &[&str] = match deed.way {
            Way::Post => &MEMBERS,
            Way::Comment => &["bob@example.org"],
            _ => &[],
        };
        for rcpt in rcpts {
            let count = ids.get(&(deed.word.clone(), (*rcpt).to_owned())).map_or(0, HashSet::len);
            if count != 1 {
                faults.push(format!("{} reached {rcpt} under {count} Message-IDs", deed.word));
            }
        }
    }
    let pushes = deeds.iter().filter(|deed| deed.way == Way::Push).count();
    // The pushes are the commits after the first, in their order.
    for n in 1..=pushes {
        let count = ids.get(&(format!("zqg{n}qz"), TEAM.to_owned())).map_or(0, HashSet::len);
        if count != 1 {
            faults.push(format!("commit {n} reached {TEAM} under {count} Message-IDs"));
        }
    }
    faults
}
