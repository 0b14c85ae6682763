//! The doctor finds what is wrong, and says the mend; a name server of the test's own answers.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::Value;
use testkit::SelfSigned;

use crate::behind::Nginx;
use crate::harness::{Hub, Sink, Taken, Visitor, free_port, run, wait_for};

/// A name server that knows these names: name, number of the kind, data.
struct Names {
    address: SocketAddr,
}

type Known = (&'static str, u16, Vec<u8>);

impl Names {
    fn serve(known: Vec<Known>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(Duration::from_secs(120))).expect("a socket");
        let address = socket.local_addr().expect("its address");
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 1024];
            while let Ok((size, from)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(&reply(&buffer[..size], &known), from);
            }
        });
        Self { address }
    }
}

fn reply(question: &[u8], known: &[Known]) -> Vec<u8> {
    let mut at = 12;
    let mut labels = vec![];
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..at + 1 + length]).into_owned());
        at += 1 + length;
    }
    let (name, kind) = (labels.join("."), u16::from_be_bytes([question[at + 1], question[at + 2]]));
    let found: Vec<&Known> = known.iter().filter(|(of, number, _)| *of == name && *number == kind).collect();
    let mut out = question[..2].to_vec();
    out.extend([0x81, 0x80, 0, 1, 0, u8::try_from(found.len()).expect("few"), 0, 0, 0, 0]);
    out.extend(&question[12..at + 5]);
    for (_, kind, data) in found {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        out.extend(data);
    }
    out
}

fn text(content: &str) -> Vec<u8> {
    let mut data = vec![u8::try_from(content.len()).expect("short")];
    data.extend(content.as_bytes());
    data
}

/// The status, the findings, and the text for people.
fn examined(hub: &Hub, names: &Names) -> (bool, Vec<Value>, String) {
    examined_at("https://hub.test", hub, names)
}

/// The same where people come to this address.
fn examined_at(url: &str, hub: &Hub, names: &Names) -> (bool, Vec<Value>, String) {
    let ask = |words: &[&str]| {
        let server = names.address.to_string();
        let words = [&["doctor", "--resolver", &server], words].concat();
        hub.command(&words).env("GUILDHALL_HUB_URL", url).output().expect("the doctor runs")
    };
    let json = ask(&["--json"]);
    let found: Value = serde_json::from_slice(&json.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&json.stderr)));
    let told = String::from_utf8_lossy(&ask(&[]).stdout).into_owned();
    (json.status.success(), found.as_array().expect("a list").clone(), told)
}

#[track_caller]
fn holds(found: &[Value], state: &str, part: &str) {
    let said = |finding: &&Value| {
        finding["state"] == state && finding["text"].as_str().is_some_and(|text| text.contains(part))
    };
    assert!(found.iter().any(|finding| said(&finding)), "{state}: {part} is not among {found:#?}");
}

#[test]
fn a_hub_in_order_is_told_so() {
    let sink = Sink::start();
    let hub = Hub::start(Some(&sink), "");
    let folder = tempfile::tempdir().expect("a folder");
    hub.cli(&["backup", &folder.path().join("backup.tar.gz").display().to_string()]);
    // Port 25 of this address answers nobody: it is kept for documentation (RFC 5737).
    let names = Names::serve(vec![
        ("hub.test", 1, vec![192, 0, 2, 1]),
        ("hub.test", 15, b"\x00\x0a\x04mail\xc0\x0c".to_vec()),
        ("hub.test", 16, text("v=spf1 a mx ~all")),
        ("hub.test", 16, text("something-else=1")),
        ("_dmarc.hub.test", 16, text("v=DMARC1; p=none")),
    ]);
    let (sound, found, told) = examined(&hub, &names);
    holds(&found, "good", "hub.test is 192.0.2.1");
    holds(&found, "good", "SPF: v=spf1 a mx ~all");
    holds(&found, "good", "SMTP answers");
    holds(&found, "good", "LMTP answers");
    holds(&found, "good", &format!("127.0.0.1:{} answers: 220", sink.port));
    holds(&found, "good", "The last backup is of");
    holds(&found, "warning", "not signed (DKIM)");
    holds(&found, "fault", "The MX of hub.test is mail.hub.test, which has no address");
    assert!(!sound && told.contains("-> Add an A or AAAA record for mail.hub.test"), "{told}");
    assert!(told.contains("1 faults, "), "{told}");
}

#[test]
fn what_is_missing_is_told_with_its_mend() {
    let mut hub = Hub::start(None, "");
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "git", &["init", "-q", "--bare", "repo"]);
    hub.cli(&["commits", "add", "hall", &folder.path().join("repo").display().to_string(), "--vcs", "git"]);
    hub.stop();
    let names = Names::serve(vec![]);
    let (sound, found, told) = examined(&hub, &names);
    assert!(!sound);
    holds(&found, "fault", "The DNS has no address for hub.test");
    holds(&found, "fault", "hub.test has neither MX nor address");
    holds(&found, "warning", "has no SPF record");
    holds(&found, "fault", "No smarthost is named");
    holds(&found, "fault", "SMTP does not answer");
    holds(&found, "warning", "No backup was made");
    holds(&found, "fault", "hall has no hook of this hub");
    assert!(told.contains("-> `guildhall commits hook install hall`"), "{told}");
    let mends = found.iter().filter(|finding| finding["state"] != "good");
    assert!(
        mends.into_iter().all(|finding| finding["mend"].as_str().is_some_and(|mend| !mend.is_empty())),
        "{found:#?}"
    );
    hub.cli(&["commits", "hook", "install", "hall"]);
    holds(&examined(&hub, &names).1, "good", "hall has its hook");
}

#[test]
fn the_address_of_the_hub_is_tried_with_its_certificate() {
    let mut hub = Hub::start(None, "");
    let names = Names::serve(vec![("hub.test", 1, vec![127, 0, 0, 1])]);
    let found_at = |hub: &Hub, port: u16| examined_at(&format!("https://hub.test:{port}"), hub, &names).1;
    let of_it = SelfSigned::of(&["hub.test"]);
    let in_order = Nginx::over_tls(&hub, &of_it);
    let found = found_at(&hub, in_order.port);
    holds(&found, "good", &format!("https://hub.test:{} leads to this hub", in_order.port));
    holds(&found, "warning", "The certificate of hub.test is of no authority that browsers know");
    let faults = |found: &[Value]| {
        let faults = found.iter().filter(|finding| finding["area"] == "web" && finding["state"] == "fault");
        faults.map(|finding| finding["text"].to_string()).collect::<Vec<_>>()
    };
    assert!(faults(&found).is_empty(), "{found:#?}");

    let old = Nginx::over_tls(&hub, &SelfSigned::expired("hub.test"));
    holds(&found_at(&hub, old.port), "fault", "The certificate of hub.test has expired on 2001-01-01.");
    let day = kernel::Clock::machine().now() + TimeDelta::days(7);
    let ending = SelfSigned::until("hub.test", day.year(), day.month() as u8, day.day() as u8);
    let ending = Nginx::over_tls(&hub, &ending);
    let found = found_at(&hub, ending.port);
    holds(&found, "warning", &format!("The certificate of hub.test expires on {}.", day.date_naive()));
    assert!(faults(&found).is_empty(), "{found:#?}");
    let foreign = Nginx::over_tls(&hub, &SelfSigned::of(&["elsewhere.test"]));
    holds(
        &found_at(&hub, foreign.port),
        "fault",
        "The certificate of hub.test is for another name: browsers turn people away.",
    );

    let mut other = Hub::on_sqlite("");
    other.run();
    let astray = Nginx::over_tls(&other, &of_it);
    let found = found_at(&hub, astray.port);
    holds(&found, "fault", "leads to another Guildhall, on other data");
    // The hub's own port speaks no TLS, and at another there is nobody.
    holds(&found_at(&hub, hub.http), "fault", "does not speak TLS as it should");
    holds(&found_at(&hub, free_port()), "warning", "could not be reached from here");
    hub.stop();
    let found = found_at(&hub, in_order.port);
    holds(&found, "fault", "answers 502: it does not reach the hub");
    let mends = found.iter().filter(|finding| finding["state"] != "good");
    assert!(mends.into_iter().all(|finding| finding["mend"].as_str().is_some_and(|mend| !mend.is_empty())));
}

#[test]
fn a_mail_goes_around_or_its_way_is_told() {
    let (sink, names) = (Sink::start(), Names::serve(vec![]));
    let hub = Hub::start(Some(&sink), "");
    let found_by = |smarthost: &str, seconds: &str| {
        let (server, wait) = (names.address.to_string(), format!("--mail-loop={seconds}"));
        let mut command = hub.command(&["doctor", "--json", &wait, "--resolver", &server]);
        let output = command.env("GUILDHALL_MAIL_SMARTHOST", smarthost).output().expect("the doctor runs");
        let found: Value = serde_json::from_slice(&output.stdout).expect("its findings");
        found.as_array().expect("a list").clone()
    };
    // A smarthost that leads back to the hub; one that keeps the mail; one that is not there.
    let around = found_by(&format!("smtp://127.0.0.1:{}", hub.smtp), "60");
    holds(&around, "good", "A mail to the hub itself came around in ");
    let kept = found_by(&format!("smtp://127.0.0.1:{}", sink.port), "1");
    holds(&kept, "fault", "and was not back after ");
    let is_it = |mail: &&Taken| mail.header("subject") == "A mail that comes back";
    let mail = wait_for("the mail", || sink.mails().iter().find(is_it).cloned());
    assert!(mail.rcpts[0].starts_with("doctor+") && mail.header("auto-submitted") == "auto-generated");
    holds(
        &found_by(&format!("smtp://127.0.0.1:{}", free_port()), "60"),
        "fault",
        "A mail to the hub itself did not leave",
    );
    // Only the doctor can make such an address.
    let forged = format!("{}x@hub.test", mail.rcpts[0].split('@').next().expect("a local part"));
    for address in ["doctor@hub.test", "doctor+1-2@hub.test", &forged] {
        let replies = hub.lmtp("eve@evil.example", &[address], "From: eve@evil.example\nSubject: x\n\nx\n");
        assert!(replies[0].starts_with("550"), "{address}: {replies:?}");
    }
}

/// How the last mail around fared, as the administrator's mail page says it.
fn fared(ann: &Visitor) -> String {
    ann.get("/admin/mail").expect(200).select("main .tasks li").join(" ")
}

fn send_around(ann: &Visitor) -> String {
    ann.submit("/admin/mail", "/admin/mail/around", &[]).expect(200).select("[role=status]").join(" ")
}

#[test]
fn the_administrator_sends_a_mail_around_and_sees_whether_it_came_back() {
    let sink = Sink::start();
    let mut hub = Hub::on_sqlite(&format!("smarthost = \"smtp://127.0.0.1:{}\"", sink.port));
    let asked = kernel::Clock::machine().now();
    let standing = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
    hub.set_clock(&standing(asked));
    hub.run();
    let ann = hub.person("ann", true);
    assert_eq!(fared(&ann), "", "none was sent yet");
    assert!(send_around(&ann).contains("A mail is under way"));
    let is_it = |mail: &&Taken| mail.header("subject") == "A mail that comes back";
    let mail = wait_for("the mail", || sink.mails().iter().find(is_it).cloned());
    let told = wait_for("that it left", || Some(fared(&ann)).filter(|told| told.contains("the smarthost said \"250")));
    assert!(told.starts_with("under way"), "{told}");
    assert!(send_around(&ann).contains("One is under way already."));
    assert_eq!(sink.mails().iter().filter(is_it).count(), 1);
    // It is remembered by the hub that starts anew, and missed after a while, here and in what needs the administrator.
    hub.stop();
    hub.set_clock(&standing(asked + TimeDelta::minutes(5)));
    hub.run();
    let told = fared(&ann);
    assert!(told.starts_with("missing") && told.contains("was not back after 5 minutes"), "{told}");
    assert!(told.contains(&mail.rcpts[0]) && told.contains("the MX of hub.test"), "{told}");
    let tasks = ann.get("/admin").expect(200).select("main .tasks li").join(" ");
    assert!(tasks.contains("was not back after"), "{tasks}");
    // It comes late, by another way than it was looked for.
    let replies = hub.lmtp("postmaster@hub.test", &[&mail.rcpts[0]], &mail.text);
    assert!(replies[0].starts_with("250"), "{replies:?}");
    let told = wait_for("that it came", || Some(fared(&ann)).filter(|told| told.starts_with("back")));
    assert!(told.contains("came around in 5 minutes, in by LMTP"), "{told}");
    assert!(!ann.get("/admin").expect(200).text.contains("was not back after"));
    // A smarthost that is away: what happened, and what to do.
    hub.stop();
    hub.reconfigure(|config| config.replace(&format!(":{}\"", sink.port), &format!(":{}\"", free_port())));
    hub.run();
    send_around(&ann);
    let told = wait_for("that it did not leave", || Some(fared(&ann)).filter(|told| told.starts_with("not sent")));
    assert!(told.contains("did not leave") && told.contains("See what the smarthost asks"), "{told}");
    // A hub without a smarthost offers nothing, and refuses who asks all the same.
    hub.stop();
    hub.reconfigure(|config| {
        config.lines().filter(|line| !line.starts_with("smarthost")).map(|line| format!("{line}\n")).collect()
    });
    hub.run();
    assert!(!ann.get("/admin/mail").expect(200).text.contains("/admin/mail/around"));
    let refused = ann.submit("/admin", "/admin/mail/around", &[]).expect(200).text;
    assert!(refused.contains("No smarthost is named"), "{refused}");
}

#[test]
fn a_mail_around_comes_back_through_the_hub_itself_whichever_hub_is_asked() {
    // It leads back to the hub; on PostgreSQL another hub shows it.
    let hub = {
        let mut hub = Hub::configured(None, "");
        let own = format!("domain = \"hub.test\"\nsmarthost = \"smtp://127.0.0.1:{}\"", hub.smtp);
        hub.reconfigure(|config| config.replace("domain = \"hub.test\"", &own));
        hub.run();
        hub
    };
    let ann = hub.person("ann", true);
    let is_shared = std::env::var_os("GUILDHALL_TEST_DATABASE").is_some();
    let twin = is_shared.then(|| hub.twin());
    let there = twin.as_ref().map(|twin| ann.at(twin));
    send_around(&ann);
    for visitor in [Some(&ann), there.as_ref()].into_iter().flatten() {
        let told = wait_for("that it came back", || Some(fared(visitor)).filter(|told| told.starts_with("back")));
        assert!(told.contains("came around in ") && told.contains("in by SMTP"), "{told}");
    }
}
