//! mlmmj, the small list server: one process a mail that receives, processes and sends (`mlmmj-receive(1)`,
//! `mlmmj-send(1)`, its README for the folders and files of a list).

use std::fmt::Write as _;
use std::fs::{create_dir, create_dir_all, write};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use super::{give, install, place, plain};
use crate::clients::cpu_of_children;
use crate::lists::{self, Counter};
use crate::report::{Beside, Figure, Report, Scale};

pub const TITLE: &str = "mlmmj";

pub fn measure(scale: &Scale, report: &mut Report) {
    install("mlmmj");
    let sink = Counter::start();
    let hub = sink.hub("");
    let (many, few) = (scale.of(10_000), scale.of(1000));
    let figure = lists::spread(many, &hub, &sink);
    report.set_beside(Beside {
        what: format!("fan-out, each recipient with its own return path; the hub to {many}, mlmmj to {few}"),
        tool: TITLE.into(),
        hub: Some(figure),
        theirs: Some(spread(few, &sink)),
        said: "mlmmj sends each text in small pieces, and waits some 40 ms each time for them to be acknowledged (RFC 896)".into(),
    });
}

/// A list in a folder, whose mails go to the sink.
fn list(folder: &Path, members: u64, port: u16) {
    for name in [
        "incoming",
        "queue/discarded",
        "archive",
        "text",
        "subconf",
        "unsubconf",
        "bounce",
        "control",
        "moderation",
        "digesters.d",
        "requeue",
        "nomailsubs.d",
    ] {
        create_dir_all(folder.join(name)).expect("a folder of the list");
    }
    create_dir(folder.join("subscribers.d")).expect("a folder of the list");
    // The addresses of one first letter are in one file.
    let many = (1..members).fold(String::new(), |mut many, n| {
        let _ = writeln!(many, "member{n}@example.net");
        many
    });
    write(folder.join("subscribers.d/a"), "ann@example.org\n").expect("members");
    write(folder.join("subscribers.d/m"), many).expect("members");
    for (name, value) in [
        ("listaddress", "many@hub.test"),
        ("owner", "postmaster@hub.test"),
        ("relayhost", "127.0.0.1"),
        ("smtpport", &port.to_string()),
    ] {
        write(folder.join("control").join(name), format!("{value}\n")).expect("the control files");
    }
}

fn spread(members: u64, sink: &Counter) -> Figure {
    let folder = place();
    let home = folder.path().join("many");
    create_dir(&home).expect("a folder of the list");
    list(&home, members, sink.port);
    let mail = folder.path().join("mail");
    write(&mail, lists::mail("many@hub.test", "fan", 2000).replace("\r\n", "\n")).expect("a mail");
    give(folder.path());
    let (before, spent, begun) = (sink.taken(), cpu_of_children(), Instant::now());
    let sent = plain("/usr/bin/mlmmj-receive")
        .args(["-F", "-s", "ann@example.org", "-e", "many", "-L"])
        .arg(&home)
        .stdin(std::fs::File::open(&mail).expect("a mail"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("mlmmj-receive runs");
    assert!(sent.success(), "mlmmj-receive takes the mail");
    sink.wait(before + members);
    let wall = begun.elapsed();
    let spent = cpu_of_children().saturating_sub(spent);
    Figure::of(members, "recipients", wall, spent)
}
