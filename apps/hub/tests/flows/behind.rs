//! The hub behind the real nginx and the real Postfix, set up with the lines of `docs/admin/`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use testkit::SelfSigned;

use crate::harness::{Hub, Sink, Visitor, free_port, wait_for, workspace};

/// The block of a page of the manual that contains `mark`.
fn block(page: &str, mark: &str) -> String {
    let text = std::fs::read_to_string(workspace().join("docs/admin").join(page)).expect("the manual");
    let mut blocks = text.split("```").skip(1).step_by(2);
    let found = blocks.find(|block| block.contains(mark)).unwrap_or_else(|| panic!("no block with {mark} in {page}"));
    found.split_once('\n').expect("a language").1.to_owned()
}

fn program(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    assert!(path.exists(), "{} is missing; ops/test installs it", path.display());
    path
}

pub struct Nginx {
    child: Child,
    _folder: TempDir,
    pub port: u16,
}

impl Nginx {
    /// The lines of the manual, but for the certificate and the ports.
    fn before(hub: &Hub) -> Self {
        Self::started(hub, None)
    }

    /// The same with this certificate.
    pub fn over_tls(hub: &Hub, shown: &SelfSigned) -> Self {
        Self::started(hub, Some(shown))
    }

    fn started(hub: &Hub, shown: Option<&SelfSigned>) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let page = workspace().join("ops/nginx/maintenance.html");
        std::fs::copy(page, folder.path().join("maintenance.html")).expect("the page");
        let server: String = block("install.md", "proxy_pass")
            .lines()
            .filter_map(|line| {
                let ssl = if shown.is_some() { " ssl" } else { "" };
                let line = line.replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}{ssl}"));
                let line = line.replace("/usr/local/share/guildhall", &folder.path().display().to_string());
                match (line.split_whitespace().next().unwrap_or_default(), shown) {
                    (key @ "ssl_certificate", Some(shown)) => Some(format!("{key} {};\n", shown.certificate.display())),
                    (key @ "ssl_certificate_key", Some(shown)) => Some(format!("{key} {};\n", shown.key.display())),
                    (key, None) if key.starts_with("ssl_") => None,
                    _ => Some(line.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", hub.http)) + "\n"),
                }
            })
            .collect();
        let place = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .collect();
        let user = if run_as_root() { "user root root;\n" } else { "" };
        let config = format!(
            "{user}daemon off;\npid {place}/pid;\nerror_log {place}/error;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n"
        );
        let path = folder.path().join("nginx.conf");
        std::fs::write(&path, config).expect("a configuration");
        let child = Command::new(program("nginx")).arg("-c").arg(&path).stderr(Stdio::null()).spawn().expect("nginx");
        wait_for("nginx", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, _folder: folder, port }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it at SIGTERM, not at SIGKILL.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn run_as_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

#[test]
fn the_lines_for_nginx_carry_forms_files_and_streams() {
    let hub = Hub::start(None, "");
    let nginx = Nginx::before(&hub);
    hub.person("ann", true);
    let ann = Visitor::new(format!("http://127.0.0.1:{}", nginx.port));
    ann.sign_in("ann");
    ann.submit("/issues/new", "/issues/new", &[("title", "Through nginx"), ("message", "It works.")]).expect(200);

    // A file larger than nginx takes by itself (1 MB).
    let file = "0123456789abcdef".repeat(200_000);
    let link = ann.attach("/issues/1", "large.bin", &file);
    assert_eq!(ann.get(&link).expect(200).text.len(), file.len());

    // A stream arrives while it goes on.
    let stream = TcpStream::connect(("127.0.0.1", nginx.port)).expect("nginx answers");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
    write!(&stream, "GET /live?on=everything&after=1000000 HTTP/1.1\r\nHost: hub.example.org\r\n\r\n")
        .expect("a request");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.to_lowercase().starts_with("content-type: text/event-stream")));
    ann.submit("/issues/new", "/issues/new", &[("title", "News"), ("message", "Now.")]).expect(200);
    assert!(lines.any(|line| line == "event: look"), "the news arrive through nginx");
}

/// A Postfix of its own, with its directories in a folder.
struct Postfix {
    folder: TempDir,
    port: u16,
}

impl Postfix {
    /// The lines of the manual, but for the ports. `None` where this user may not run one.
    fn before(hub: &Hub) -> Option<Self> {
        if !run_as_root() {
            eprintln!("a Postfix needs root; this is tried where the tests run as root");
            return None;
        }
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let place = folder.path();
        // Its programs run as another user, and must be able to pass.
        run_program("chmod", &["755", &place.display().to_string()]);
        for name in ["etc", "queue", "data"] {
            std::fs::create_dir(place.join(name)).expect("a folder");
        }
        run_program("chown", &["postfix", &place.join("data").display().to_string()]);
        let lines = block("mail.md", "relay_domains");
        let lines =
            lines.replace("hub.example.org", "hub.test").replace("127.0.0.1:8024", &format!("127.0.0.1:{}", hub.lmtp));
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {0}/queue\ndata_directory = {0}/data\nmyhostname = mx.hub.test\n\
             mydestination =\nmynetworks = 192.0.2.0/24\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             maillog_file = {0}/log\nmaillog_file_prefixes = {0}\nalias_maps =\nalias_database =\n\
             smtputf8_enable = no\nsmtp_host_lookup = native\nlmtp_host_lookup = native\n{lines}\n",
            place.display()
        );
        std::fs::write(place.join("etc/main.cf"), main).expect("main.cf");
        let services = std::fs::read_to_string("/usr/share/postfix/master.cf.dist").expect("master.cf of the package");
        let services: String = services
            .lines()
            .filter(|line| !line.starts_with("smtp      inet"))
            .map(|line| {
                // Without the jail, which would need a copy of half the machine.
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    [name, kind, private, unprivileged, "y", wake, most, command @ ..] if !line.starts_with('#') => {
                        format!("{name} {kind} {private} {unprivileged} n {wake} {most} {}\n", command.join(" "))
                    }
                    _ => format!("{line}\n"),
                }
            })
            .collect();
        let services = format!("127.0.0.1:{port} inet n - n - - smtpd\n{services}");
        std::fs::write(place.join("etc/master.cf"), services).expect("master.cf");
        let postfix = Self { folder, port };
        postfix.say("start");
        wait_for("Postfix", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(postfix)
    }

    fn say(&self, word: &str) {
        let etc = self.folder.path().join("etc");
        let said = Command::new(program("postfix")).arg("-c").arg(&etc).arg(word).output().expect("postfix runs");
        assert!(said.status.success(), "{}\n{}", String::from_utf8_lossy(&said.stderr), self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The replies to a mail from outside, as far as it comes.
    fn hand_in(&self, to: &str, mail: &str) -> String {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("Postfix answers");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
        let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
        let mut reply = || lines.by_ref().map_while(Result::ok).find(|line| line.as_bytes().get(3) != Some(&b'-'));
        let mut last = reply().expect("a greeting");
        let mail = format!("{}\r\n.", mail.replace('\n', "\r\n"));
        for line in ["EHLO elsewhere.test", "MAIL FROM:<ann@example.org>", &format!("RCPT TO:<{to}>"), "DATA", &mail] {
            write!(&stream, "{line}\r\n").expect("a line");
            last = reply().expect("a reply");
            if !last.starts_with(['2', '3']) {
                break;
            }
        }
        last
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- Postfix said ---\n{}", self.log());
        }
        let etc = self.folder.path().join("etc");
        let _ = Command::new("/usr/sbin/postfix").arg("-c").arg(etc).arg("stop").stderr(Stdio::null()).status();
    }
}

fn run_program(name: &str, words: &[&str]) {
    assert!(Command::new(name).args(words).status().expect("it runs").success(), "{name}");
}

#[test]
fn the_lines_for_postfix_hand_mail_on_and_refuse_strangers_at_once() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    let Some(postfix) = Postfix::before(&hub) else { return };
    hub.cli(&["lists", "new", "dev@hub.test"]);
    assert!(hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n").status.success());
    let mail = "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: Through Postfix\nMessage-ID: <m1@test>\n\
                Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nIt works.";
    // While an address is asked after for the first time, Postfix may put the sender off (address_verify_poll_count).
    let reply = |to: &str| {
        wait_for("a word of Postfix", || Some(postfix.hand_in(to, mail)).filter(|reply| !reply.starts_with('4')))
    };
    let taken = reply("dev@hub.test");
    assert!(taken.starts_with("250"), "{taken}");
    wait_for("the copy", || {
        sink.mails().iter().any(|mail| mail.header("subject").contains("Through Postfix")).then_some(())
    });
    let refused = reply("nobody@hub.test");
    assert!(refused.starts_with("550"), "{refused}");
    // Out to Postfix and in again.
    let mut doctor = hub.command(&["doctor", "--mail-loop", "--resolver", "127.0.0.1:9"]);
    doctor.env("GUILDHALL_MAIL_SMARTHOST", format!("smtp://127.0.0.1:{}", postfix.port));
    let said = String::from_utf8_lossy(&doctor.output().expect("the doctor runs").stdout).into_owned();
    assert!(said.contains("A mail to the hub itself came around in ") && said.contains("in by LMTP"), "{said}");
    let elsewhere = postfix.hand_in("ann@example.com", mail);
    assert!(elsewhere.contains("Relay access denied"), "no open relay: {elsewhere}");
}
