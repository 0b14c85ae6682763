//! The hub behind the real nginx and the real Postfix, set up with the lines of `docs/admin/`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use testkit::SelfSigned;

use crate::harness::{Hub, PASSWORD, Sink, Visitor, free_port, wait_for, workspace};

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
                let line = line.replace("/usr/share/guildhall", &folder.path().display().to_string());
                match (line.split_whitespace().next().unwrap_or_default(), shown) {
                    (key @ "ssl_certificate", Some(shown)) => Some(format!("{key} {};\n", shown.certificate.display())),
                    (key @ "ssl_certificate_key", Some(shown)) => Some(format!("{key} {};\n", shown.key.display())),
                    (key, None) if key.starts_with("ssl_") => None,
                    _ => Some(line.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", hub.http)) + "\n"),
                }
            })
            .collect();
        Self::running(folder, port, &server)
    }

    /// The lines of the manual that let the hub say who may, before a program at another port.
    fn guarding(hub: &Hub, program: u16) -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let lines = block("accounts.md", "auth_request");
        let lines = lines.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", hub.http));
        let lines = lines.replace("127.0.0.1:9000", &format!("127.0.0.1:{program}"));
        Self::running(folder, port, &format!("server {{\nlisten 127.0.0.1:{port};\n{lines}}}\n"))
    }

    fn running(folder: TempDir, port: u16, server: &str) -> Self {
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

#[test]
fn a_page_says_that_the_hub_comes_back_while_it_is_away() {
    let mut hub = Hub::start(None, "");
    let nginx = Nginx::before(&hub);
    let visitor = Visitor::new(format!("http://127.0.0.1:{}", nginx.port));
    assert!(visitor.get("/issues/").expect(200).text.contains("Issues"));
    hub.stop();
    for path in ["/", "/issues/", "/static/nowhere.css"] {
        let away = visitor.get(path).expect(502);
        assert_eq!(away.select("h1"), ["Back in a minute"], "{path}");
    }
    let form = visitor.post("/issues/new", &[("title", "Meanwhile")]).expect(502);
    assert_eq!(form.select("h1"), ["Back in a minute"]);
    hub.run();
    visitor.get("/issues/").expect(200);
    // Nobody asks for it by its name.
    assert_ne!(visitor.get("/maintenance.html").status, 200);
}

/// A program behind nginx that answers with what it was asked, until nobody asks any more.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
            let mut reader = BufReader::new(&stream);
            let mut asked = String::new();
            while reader.read_line(&mut asked).is_ok_and(|size| size > 2) {}
            let length =
                asked.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            let _ = reader.read_exact(&mut body);
            asked += &String::from_utf8_lossy(&body);
            let _ = write!(
                &stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{asked}",
                asked.len()
            );
        }
    });
    port
}

/// A request to nginx with these fields: the status, and all that was answered.
fn asked(nginx: &Nginx, request: &str, fields: &[String], body: &str) -> (u16, String) {
    let stream = TcpStream::connect(("127.0.0.1", nginx.port)).expect("nginx answers");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let length = body.len();
    write!(&stream, "{request} HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\nContent-Length: {length}\r\n{fields}\r\n{body}")
        .expect("a request");
    let mut text = String::new();
    (&stream).read_to_string(&mut text).expect("an answer");
    let status =
        text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no status: {text}"));
    (status, text)
}

#[test]
fn the_lines_for_another_program_let_in_whom_the_hub_knows() {
    let mut hub = Hub::start(None, &format!("\n{}", block("accounts.md", "[[accounts.gate]]")));
    let nginx = Nginx::guarding(&hub, echo());
    let (ann, bob) = (hub.person("ann", true), hub.person("bob", false));
    ann.submit("/admin/groups", "/admin/groups", &[("name", "core"), ("description", "The core")]).expect(200);
    ann.submit("/admin/groups/core", "/admin/groups/core/members", &[("name", "ann")]).expect(200);
    let cookie = |visitor: &Visitor| format!("Cookie: {}", visitor.cookie());
    let basic = |password: &str| {
        let login = format!("ann:{password}");
        format!("Authorization: Basic {}", STANDARD.encode(login))
    };
    // What a client says of itself counts for nothing.
    let forged = "X-Auth-User: root".to_owned();

    let (status, text) = asked(&nginx, "GET /private/plans", std::slice::from_ref(&forged), "");
    assert!(status == 401 && text.to_lowercase().contains("www-authenticate: basic realm="), "{text}");
    for proof in [cookie(&ann), basic(PASSWORD)] {
        let (status, text) = asked(&nginx, "GET /private/plans?x=1", &[proof.clone(), forged.clone()], "");
        assert!(
            status == 200 && text.contains("GET /private/plans?x=1 HTTP/1.") && text.contains("X-Auth-User: ann\r\n"),
            "{text}"
        );
        assert!(!text.contains("root"), "{text}");
    }
    // The body goes to the program, and not to the hub.
    let (status, text) = asked(&nginx, "POST /private/plans", &[cookie(&ann)], "what=this");
    assert!(status == 200 && text.ends_with("what=this"), "{text}");
    for (proof, wanted) in [(cookie(&bob), 403), (basic("a wrong but long enough password"), 401)] {
        assert_eq!(asked(&nginx, "GET /private/plans", &[proof], "").0, wanted);
    }
    // Without signing in, nobody is named.
    let (status, text) = asked(&nginx, "GET /private/press/1", std::slice::from_ref(&forged), "");
    assert!(status == 200 && !text.to_lowercase().contains("x-auth-user"), "{text}");
    for path in ["/private/press/../plans", "/private/press/%2e%2e/plans", "//private/./plans", "/%70rivate/plans"] {
        assert_eq!(asked(&nginx, &format!("GET {path}"), &[], "").0, 401, "{path}");
    }
    // The question itself is asked by nobody from outside, and a hub that is away lets nobody in.
    assert_eq!(asked(&nginx, "GET /auth", &[cookie(&ann)], "").0, 404);
    hub.stop();
    let (status, text) = asked(&nginx, "GET /private/plans", &[cookie(&ann)], "");
    assert!(status == 500 && !text.contains("X-Auth-User"), "{text}");
}

/// A Postfix of its own, with its directories in a folder.
struct Postfix {
    folder: TempDir,
    port: u16,
}

impl Postfix {
    /// The lines of the manual that hand on over LMTP, but for the ports. `None` where this user may not run one.
    fn before(hub: &Hub) -> Option<Self> {
        let lines = block("mail.md", "lmtp:inet").replace("127.0.0.1:8024", &format!("127.0.0.1:{}", hub.lmtp));
        Self::started(&lines, "")
    }

    /// The lines of the manual that hand each mail to a command, but for its places and its user.
    fn with_command(hub: &Hub) -> Option<Self> {
        // A pipe runs as nobody in particular, who is given what the user of the hub has.
        let data = hub.data().display().to_string();
        run_program("chmod", &["-R", "a+rwX", &data]);
        let service = block("mail.md", "argv=")
            .replace("/usr/bin/guildhall", env!("CARGO_BIN_EXE_guildhall"))
            .replace("/etc/guildhall/guildhall.toml", &format!("{data}/guildhall.toml"))
            .replace("/var/lib/guildhall", &data)
            .replace("user=guildhall", "user=nobody");
        Self::started(&block("mail.md", "guildhall_destination_recipient_limit"), &service)
    }

    /// With these lines in `main.cf` and `master.cf`.
    fn started(lines: &str, service: &str) -> Option<Self> {
        if !run_as_root() {
            // Not `eprintln`, which nobody sees of a test that passes.
            let told =
                "NOT TRIED: a Postfix of its own needs root; run the tests as root to try what stands before it\n";
            std::io::stderr().write_all(told.as_bytes()).expect("a word");
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
        let lines = lines.replace("hub.example.org", "hub.test");
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
        let services = format!("127.0.0.1:{port} inet n - n - - smtpd\n{services}\n{service}\n");
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

    /// The line of its log on the last step for this recipient, once it is there.
    fn said_of(&self, to: &str, words: &str) -> String {
        let (to, mut found) = (format!("to=<{to}>"), None);
        wait_for(words, || {
            found = self.log().lines().rfind(|line| line.contains(&to) && line.contains(words)).map(str::to_owned);
            found.clone()
        })
    }

    /// The last reply to a mail from outside, as far as it comes.
    fn hand_in(&self, to: &str, mail: &str) -> String {
        self.hand_in_for("ann@example.org", &[to], mail)
    }

    fn hand_in_for(&self, from: &str, to: &[&str], mail: &str) -> String {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("Postfix answers");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
        let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
        let mut reply = || lines.by_ref().map_while(Result::ok).find(|line| line.as_bytes().get(3) != Some(&b'-'));
        let mut last = reply().expect("a greeting");
        let mail = format!("{}\r\n.", mail.replace('\n', "\r\n"));
        let to = to.iter().map(|to| format!("RCPT TO:<{to}>"));
        let envelope = ["EHLO elsewhere.test".to_owned(), format!("MAIL FROM:<{from}>")].into_iter().chain(to);
        for line in envelope.chain(["DATA".to_owned(), mail]) {
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

#[test]
fn the_lines_for_a_command_hand_mail_on_and_bounce_what_is_refused() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    assert!(hub.try_cli(&["lists", "members", "sync", "dev@hub.test", "-"], b"ann@example.org\n").status.success());
    let Some(postfix) = Postfix::with_command(&hub) else { return };
    let mail = |id: &str| {
        format!(
            "From: Ann <ann@example.org>\nTo: dev@hub.test\nSubject: By a command {id}\nMessage-ID: <{id}@test>\n\
             Date: Sat, 21 Nov 2026 12:00:00 +0000\n\nIt works."
        )
    };
    // Two addresses of the hub and one that is none, in one mail: each has its own fate.
    let all = ["dev@hub.test", "postmaster@hub.test", "nobody@hub.test"];
    let taken = postfix.hand_in_for("ann@example.org", &all, &mail("m1"));
    assert!(taken.starts_with("250"), "{taken}");
    for (to, fate) in [("dev@hub.test", "fate=\"received\""), ("postmaster@hub.test", "fate=\"kept\"")] {
        let said = postfix.said_of(to, "status=sent (delivered via guildhall service");
        assert!(said.contains("dsn=2.0.0"), "{said}");
        // What the command tells of a mail stands in the log of the server that ran it.
        assert!(said.contains(fate) && said.contains("m1@test"), "{said}");
    }
    let refused = postfix.said_of("nobody@hub.test", "status=bounced");
    assert!(refused.contains("dsn=5.1.1") && refused.contains("user unknown"), "{refused}");
    assert!(refused.contains("There is no mailbox nobody@hub.test here."), "{refused}");
    wait_for("the copy", || {
        sink.mails().iter().any(|mail| mail.header("subject").contains("By a command m1")).then_some(())
    });
    // The null sender stays one.
    assert!(postfix.hand_in_for("", &["postmaster@hub.test"], &mail("m2")).starts_with("250"));
    let said = wait_for("the null sender", || {
        postfix.log().lines().find(|line| line.contains("m2@test") && line.contains("status=sent")).map(str::to_owned)
    });
    assert!(said.contains("from=\"\""), "{said}");
    // A hub that cannot take it now gets it later.
    hub.reconfigure(|config| config.replacen("[hub]", "[hub]\nno_such_key = 1", 1));
    assert!(postfix.hand_in("dev@hub.test", &mail("m3")).starts_with("250"));
    let later = postfix.said_of("dev@hub.test", "status=deferred");
    assert!(later.contains("dsn=4.3.0") && later.contains("no_such_key"), "{later}");
}

#[test]
fn the_status_of_the_command_tells_a_mail_server_what_to_do() {
    let hub = Hub::start(None, "max_size = \"20 KB\"");
    hub.cli(&["lists", "new", "dev@hub.test"]);
    let mail = "From: Ann <ann@example.org>\nSubject: Hello\nMessage-ID: <m1@test>\n\nHello\n";
    let to_dev = "From: ann@example.org\nTo: dev@hub.test\nCc: postmaster@hub.test\n\nHello\n";
    let (large, from) = ("x".repeat(30_000), ["--from", "ann@example.org"]);
    let refused = |to: &str, why: &str| {
        format!(
            "fate=\"refused\" way=\"in\" id=\"m1@test\" from=\"ann@example.org\" to=\"{to}\" number=0 about=\"\" reply=\"{why}\""
        )
    };
    let unknown = refused("nobody@hub.test", "There is no mailbox nobody@hub.test here.");
    let closed = refused("issues+99@hub.test", "There is no issue 99 in issues.");
    for (words, input, status, told) in [
        (&["--to", "dev@hub.test"][..], mail, 0, "fate=\"received\""),
        (&["--to", "dev@hub.test", "postmaster@hub.test"], mail, 0, "fate=\"kept\""),
        (&["--to", "dev@hub.test", "--to", "postmaster@hub.test"], mail, 0, "fate=\"kept\""),
        (&[], to_dev, 0, "fate=\"kept\""),
        // One status stands for all: what some take is taken, and the hub tells the sender of the others.
        (&["--to", "dev@hub.test", "nobody@hub.test"], mail, 0, &unknown),
        (&["--to", "nobody@hub.test"], mail, 67, "guildhall: There is no mailbox nobody@hub.test here."),
        (&["--to", "nobody@hub.test", "nobody2@hub.test"], mail, 67, &unknown),
        (&["--to", "issues+99@hub.test"], mail, 69, &closed),
        (&["--to", "nobody@hub.test", "issues+99@hub.test"], mail, 69, &closed),
        (&["--to", "nobody"], mail, 67, "guildhall: nobody is not a mail address."),
        (&["--to", "dev@hub.test"], "", 65, "guildhall: The message is empty or larger than 20 KB."),
        (&["--to", "dev@hub.test"], &large, 65, "fate=\"refused\""),
        (&[], mail, 64, "guildhall: The message names nobody in To or Cc; say --to ADDR."),
        (&["--too", "dev@hub.test"], mail, 64, "unexpected argument"),
        (&["--config", "/nonexistent.toml", "--to", "dev@hub.test"], mail, 75, "/nonexistent.toml"),
    ] {
        let words: Vec<&str> = ["mail", "deliver"].iter().chain(&from).chain(words).copied().collect();
        let output = hub.try_cli(&words, input.as_bytes());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words:?}: {said}");
        assert!(said.contains(told), "{words:?}: {said}");
        // What a mail server shows to the sender comes first.
        assert!(matches!(status, 0 | 64) || said.starts_with("guildhall: "), "{words:?}: {said}");
    }
    let queue = hub.cli(&["mail", "queue", "--json"]);
    let reports = queue.matches("mail/report").count();
    assert_eq!(reports, 1, "a report on whom others left behind, and none else: {queue}");
    assert!(hub.cli(&["mail", "deliver", "--help"]).contains("75 try again later"));
    // Where there is no hub, nothing was refused for ever.
    let empty = tempfile::tempdir().expect("a folder");
    let mut nowhere = Command::new(env!("CARGO_BIN_EXE_guildhall"));
    nowhere.args(["mail", "deliver", "--data"]).arg(empty.path()).stdin(Stdio::null()).stderr(Stdio::null());
    assert_eq!(nowhere.status().expect("it runs").code(), Some(75));
}
