//! The rig: a hub under load that is killed again and again, and what must hold after each kill.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::archive::{self, Archive, LIST};
use crate::backups::is_whole;
use crate::harness::{Hub, IrcServer, Talker, wait_for};
use crate::judge::{self, MEMBERS};
use crate::load::{Load, pause};
use crate::look::Look;
use crate::luck::Luck;
use crate::post_office::PostOffice;
use crate::repository::{Repository, TEAM};

/// Mails of an archive that is imported: more than go into one transaction.
const ARCHIVED: u64 = 400;
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
    let repository = Repository::make(folder.path(), 4 * kills + 50, 0);
    hub.run();
    hub.cli(&["lists", "new", "dev@hub.test"]);
    hub.cli(&["lists", "new", LIST]);
    let roster = format!("ann@example.org\n{}\n", MEMBERS.join("\n"));
    let synced = hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], roster.as_bytes());
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
    let (ann, bob) = (hub.person("ann", true), hub.person("bob", false));
    ann.submit("/issues/new", "/issues/new", &[("title", "The first"), ("message", "It begins.")]).expect(200);
    bob.submit("/issues/1", "/issues/1/follow", &[]).expect(200);
    let path = repository.path.display().to_string();
    hub.cli(&["commits", "add", "hall", &path, "--vcs", "git", "--list", TEAM]);
    let token = ann.get("/issues/new").attributes("input[name=csrf]", "value").remove(0);
    let look = Look::open(&hub.database_url(), hub.data().to_owned());
    let load = Load::new((hub.smtp, hub.lmtp), hub.data(), repository);
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
    let mut archives = vec![];
    for number in 1..=kills {
        cycle(&mut hub, &load, &look, &mut luck, number, &mut archives);
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
    judge::none(&look.given_up(), "after the last kill", &hub.log());
    let halves = archive::finish(&archives, &hub, &look);
    settle(&hub, &look);
    restore(&hub, &look, folder.path());
    judge::judge(&look, &load, &office);
    assert!(!hub.log().contains("panicked"), "{}", hub.log());
    let deeds = load.deeds.lock().expect("deeds");
    let sure = deeds.iter().filter(|deed| deed.sure).count();
    eprintln!(
        "{kills} kills, {} deeds, {sure} acknowledged, {} mails out, {} imports of which {halves} came in half: all is there once",
        deeds.len(),
        office.mails().len(),
        archives.len()
    );
}

/// Luck of its own, for a thread.
fn child(luck: &mut Luck) -> Luck {
    Luck::new(luck.below(usize::MAX) as u64)
}

/// Lets the hub live for a moment, sometimes beside an import or a backup, kills it, and starts it again.
fn cycle(hub: &mut Hub, load: &Arc<Load>, look: &Look, luck: &mut Luck, number: u64, archives: &mut Vec<Archive>) {
    load.up.store(true, Ordering::SeqCst);
    let mut beside = vec![];
    if luck.hits(0.15) {
        let archive = Archive::write(hub, number, ARCHIVED);
        beside.push(archive.begin(hub));
        archives.push(archive);
    }
    let backup = luck.hits(0.10).then(|| hub.data().join(format!("backup-{number}.tar.gz")));
    if let Some(file) = &backup {
        beside.push(silent(hub.command(&["backup", &file.display().to_string()])));
    }
    // Time for a command to come to the middle of its work.
    let longest = if beside.is_empty() { 500 } else { 2_500 };
    std::thread::park_timeout(pause(luck, 20, longest));
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
    let mut faults = judge::at_start(look, load);
    let half = backup.filter(|file| file.exists() && !is_whole(hub, file));
    faults.extend(half.map(|file| format!("{} is not whole", file.display())));
    judge::none(&faults, &format!("after kill {number}"), &hub.log());
}

/// Starts a command of which nothing is heard.
pub fn silent(mut command: Command) -> std::process::Child {
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

/// Waits until nothing moves and nothing waits.
pub fn settle(hub: &Hub, look: &Look) {
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
