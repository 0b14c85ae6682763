//! Every finding says what to do, and can: those that no running hub shows easily are made here by hand.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::overlay;
use mail::outbound::Signer;
use testkit::SelfSigned;
use tokio::net::TcpListener;

use super::{Finding, Notes, State, mail as post, place, work};
use crate::backup::Note;
use crate::cli;
use crate::config::Config;

/// Of which state, and what its text says.
type Wanted = (State, &'static str);

const GOOD: State = State::Good;
const WARNING: State = State::Warning;
const FAULT: State = State::Fault;

/// The findings are these, in this order, and each that is not good has a mend that can be followed.
#[track_caller]
fn holds(found: &[Finding], wanted: &[Wanted]) {
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (finding, (state, part)) in found.iter().zip(wanted) {
        assert!(finding.state == *state && finding.text.contains(part), "{part}: {finding:#?}");
        sound(finding);
    }
}

#[track_caller]
fn sound(finding: &Finding) {
    let Finding { state, text, mend, page, .. } = finding;
    assert!(page.is_empty() || page.starts_with("/admin"), "{finding:#?}");
    if *state == GOOD {
        assert!(mend.is_empty() && !text.ends_with('.'), "{finding:#?}");
        return;
    }
    assert!(text.ends_with('.') && !mend.is_empty() && !text.contains(mend.as_str()), "{finding:#?}");
    for command in mend.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix("guildhall ")) {
        let mut at = cli::command();
        for word in command.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase())) {
            let next = at.get_subcommands().find(|sub| sub.get_name() == word).cloned();
            match next {
                Some(next) => at = next,
                None => assert!(!at.has_subcommands(), "there is no `{word}` in `guildhall {command}`"),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = mend.split(|c: char| !(c.is_alphanumeric() || "/.-_".contains(c)));
    for page in pages.map(|page| page.trim_end_matches('.')).filter(|page| page.starts_with("docs/")) {
        assert!(root.join(page).exists(), "{page}, named by {finding:#?}");
    }
}

fn noted(note: impl FnOnce(&mut Notes)) -> Vec<Finding> {
    let mut notes = Notes::of("test");
    note(&mut notes);
    notes.found
}

/// The defaults with these lines.
fn config(text: &str) -> Config {
    crate::config::read("test", text, &Default::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().expect("a time")
}

#[test]
fn the_disk_is_told_by_the_room_on_it() {
    for (free, wanted) in [
        (None, (WARNING, "How much room /var/lib/guildhall has cannot be told.")),
        (Some(0), (FAULT, "has only 0 MB left")),
        (Some(499 << 20), (FAULT, "has only 499 MB left")),
        (Some(500 << 20), (WARNING, "has 500 MB left.")),
        (Some(5 << 30), (GOOD, "has 5 GB left")),
    ] {
        holds(&place::left("/var/lib/guildhall", free), &[wanted]);
    }
}

#[test]
fn what_waits_for_somebody_is_counted() {
    let good = [(GOOD, "No mail has failed, 3 waits"), (GOOD, "No job has failed"), (GOOD, "No entry")];
    holds(&work::undone(0, 3, 0, 0), &good);
    let bad = [
        (WARNING, "7 recipients of outgoing mail have failed."),
        (WARNING, "2 jobs have failed."),
        (FAULT, "4 entries of the journal could not be answered."),
    ];
    let found = work::undone(7, 0, 2, 4);
    holds(&found, &bad);
    let pages = found.iter().map(|finding| finding.page);
    assert_eq!(pages.collect::<Vec<_>>(), ["/admin/mail?state=failed", "/admin/jobs", "/admin/journal"]);
}

#[test]
fn a_backup_is_told_by_its_age() {
    let of = |days| Some(Note { made_at: now() - TimeDelta::days(days), file: "/var/backups/x.tar.gz".into() });
    holds(&place::age(None, now()), &[(WARNING, "No backup was made")]);
    holds(&place::age(of(1), now()), &[(GOOD, "The last backup is of 2026-11-20")]);
    holds(&place::age(of(3), now()), &[(WARNING, "The last backup is of 2026-11-18")]);
}

#[test]
fn a_theme_is_told_by_what_its_files_were_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let (place, page) = (folder.path(), folder.path().join("error.html"));
    assert!(place::overlaid(&place.join("absent")).is_empty());
    overlay::begin(place, "error.html").expect("a copy");
    holds(&place::overlaid(place), &[(GOOD, "The 1 files of the project's own theme are in step")]);
    let text = std::fs::read_to_string(&page).expect("the copy");
    let (before, rest) = text.split_once("guildhall ").expect("what it was made from");
    let (made_from, rest) = rest.split_once(' ').expect("the hash");
    let older = format!("{before}guildhall {} {rest}", "0".repeat(made_from.len()));
    std::fs::write(&page, older).expect("an older copy");
    holds(&place::overlaid(place), &[(WARNING, "The theme file error.html was made from 0000")]);
    std::fs::write(&page, "<p>ours</p>").expect("one without a mark");
    holds(&place::overlaid(place), &[(WARNING, "does not say which built-in file it was made from.")]);
}

#[test]
fn a_hook_is_told_by_where_it_stands_and_where_it_writes() {
    let told = |hook: anyhow::Result<bool>, closed: Option<&str>| {
        noted(|notes| work::hooked(notes, "hall", hook, || closed.map(PathBuf::from)))
    };
    holds(&told(Ok(true), None), &[(GOOD, "hall has its hook")]);
    let closed = told(Ok(true), Some("/var/lib/guildhall/spool/hooks"));
    holds(&closed, &[(WARNING, "its owner may not write into /var/lib/guildhall/spool/hooks.")]);
    holds(&told(Ok(false), None), &[(FAULT, "hall has no hook of this hub")]);
    let unreadable = Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
    holds(&told(unreadable, None), &[(FAULT, "hall: permission denied.")]);
}

#[tokio::test]
async fn a_network_of_irc_is_told_by_whether_it_answers() {
    let there = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (open, closed) = (there.local_addr().expect("it"), gone.local_addr().expect("it"));
    drop(gone);
    let network = |name: &str, at| format!("[[chat.network]]\nname = \"{name}\"\nserver = \"{at}\"\n");
    let config = config(&(network("libera", open.to_string()) + &network("oftc", closed.to_string())));
    holds(&work::irc(&config).await, &[(GOOD, "libera answers at"), (FAULT, "oftc does not answer at 127.0.0.1:")]);
}

#[test]
fn the_records_of_the_mail_domain_are_told_by_their_number() {
    let told = |answer: Result<Vec<String>, String>| {
        noted(|notes| post::record(notes, "hub.test", "SPF", "Add hub.test. TXT \"v=spf1 a mx ~all\".", answer))
    };
    let spf = || "v=spf1 a mx ~all".to_owned();
    holds(&told(Ok(vec![spf()])), &[(GOOD, "SPF: v=spf1 a mx ~all")]);
    holds(&told(Ok(vec![])), &[(WARNING, "hub.test has no SPF record")]);
    holds(&told(Ok(vec![spf(), spf()])), &[(FAULT, "hub.test has 2 SPF records; none of them counts.")]);
    holds(&told(Err("127.0.0.1:53 does not answer".into())), &[(WARNING, "could not be asked for hub.test")]);
}

#[test]
fn the_published_key_is_held_against_the_one_that_signs() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dkim.pem").display().to_string();
    let made = std::process::Command::new("openssl").args(["genpkey", "-algorithm", "ED25519", "-out", &file]).output();
    assert!(made.expect("openssl runs").status.success());
    let config = config(&format!("[mail]\ndomain = \"hub.test\"\ndkim_key = \"{file}\"\n"));
    let signer = Signer::of(&config.mail).expect("it is sound").expect("it signs");
    let name = "guildhall._domainkey.hub.test";
    let told = |answer| noted(|notes| post::compare(notes, &file, name, &signer, answer));
    holds(&told(Ok(vec![signer.record()])), &[(GOOD, "has the public half of")]);
    let missing = told(Ok(vec![]));
    holds(&missing, &[(FAULT, "guildhall._domainkey.hub.test has no DKIM key")]);
    assert!(missing[0].mend.contains(&signer.record()), "{missing:#?}");
    holds(&told(Ok(vec!["v=DKIM1; k=ed25519; p=AAAA".into()])), &[(FAULT, "is not that of")]);
    holds(&told(Err("127.0.0.1:53 does not answer".into())), &[(WARNING, "could not be asked for")]);
}

#[test]
fn what_the_configuration_says_of_mail_has_its_mend() {
    holds(&post::configured(&config("")), &[(FAULT, "The mail domain is localhost"), (FAULT, "No smarthost is named")]);
    let named = "[mail]\ndomain = \"hub.test\"\nsmarthost = \"smtp://127.0.0.1\"\n";
    holds(&post::configured(&config(named)), &[(WARNING, "Outgoing mail is not signed (DKIM)")]);
    for (url, wanted) in [
        ("http://127.0.0.1:8080", (WARNING, "which only this machine or network reaches.")),
        ("http://hub.example.org", (WARNING, "is not HTTPS")),
        ("https://hub.example.org", (GOOD, "People come over HTTPS")),
    ] {
        holds(&place::address(&config(&format!("[hub]\nurl = \"{url}\"\n"))), &[wanted]);
    }
}

#[test]
fn the_certificate_of_the_mail_is_judged_as_that_of_the_web_server() {
    let told = |shown: &SelfSigned| {
        let mut config = config("[mail]\ndomain = \"hub.test\"\n");
        config.mail.tls_cert = shown.certificate.display().to_string();
        post::shown(&config, now())
    };
    assert!(post::shown(&config(""), now()).is_empty(), "there is none");
    let unknown = (WARNING, "is of no authority that mail servers know");
    holds(&told(&SelfSigned::of(&["hub.test"])), &[unknown]);
    holds(&told(&SelfSigned::expired("hub.test")), &[(FAULT, ") has expired on 2001-01-01.")]);
    let ending = told(&SelfSigned::until("hub.test", 2026, 11, 28));
    holds(&ending, &[unknown, (WARNING, "expires on 2026-11-28.")]);
    assert!(ending[1].mend.contains("restart the hub"), "{ending:#?}");
    let foreign = (WARNING, "is for another name: mail servers that compare it stay away.");
    holds(&told(&SelfSigned::of(&["elsewhere.test"])), &[foreign, unknown]);
    let mut gone = config("");
    gone.mail.tls_cert = "/nowhere/cert.pem".into();
    holds(&post::shown(&gone, now()), &[(FAULT, "The certificate /nowhere/cert.pem cannot be read")]);
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing\n").expect("a file");
    gone.mail.tls_cert = empty.display().to_string();
    holds(&post::shown(&gone, now()), &[(FAULT, "cannot be read.")]);
}
