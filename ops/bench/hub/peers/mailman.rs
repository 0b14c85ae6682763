//! Mailman 3, the list server: its core with all runners on SQLite, mail in by LMTP, mail out into the same sink
//! (Mailman's "Configuring" and "MTA" manuals).

use std::path::Path;
use std::time::Instant;

use tempfile::TempDir;

use super::{Server, done, give, install, place, plain, script};
use crate::clients::{Lmtp, cpu_of_tree, load};
use crate::harness::free_port;
use crate::lists::{self, Counter};
use crate::report::{Beside, Figure, Report, Scale};

pub const TITLE: &str = "Mailman 3.3";

/// It does not take mail out of its queue.
const NO_WORK: &str = "[runner.in]\nstart: no\n";
/// Each member has a return path of its own, as in the hub.
const OWN_PATH: &str = "verp_delivery_interval: 1\n";
/// As many recipients in a transaction as mail servers like.
const TOGETHER: &str = "max_recipients: 50\n";

pub fn measure(scale: &Scale, report: &mut Report) {
    let programs = install("mailman");
    let sink = Counter::start();
    let hub = sink.hub("");
    accept(scale, report, &programs, &hub, &sink);
    let (many, few) = (scale.of(10_000), scale.of(1000));
    let figure = lists::spread(many, &hub, &sink);
    let theirs = Core::start(&programs, &sink, few, OWN_PATH, "").spread(few, few, &sink);
    report.set_beside(Beside {
        what: format!("fan-out, each recipient with its own return path; the hub to {many}, Mailman to {few}"),
        tool: TITLE.into(),
        hub: Some(figure),
        theirs: Some(theirs),
        said: "the hub also gives each its own one-click token".into(),
    });
    // Ann, at example.org, has a mail of her own: Mailman puts those of one top-level domain together.
    let mails = (many - 1).div_ceil(50) + 1;
    let theirs = Core::start(&programs, &sink, many, TOGETHER, "").spread(many, mails, &sink);
    report.set_beside(Beside {
        what: format!("fan-out to {many}, 50 recipients a mail"),
        tool: TITLE.into(),
        hub: Some(lists::spread_together(many, &hub, &sink)),
        theirs: Some(theirs),
        said: String::new(),
    });
}

fn accept(scale: &Scale, report: &mut Report, programs: &Path, hub: &crate::harness::Hub, sink: &Counter) {
    let core = Core::start(programs, sink, 2, "", NO_WORK);
    for (connections, counts) in [(1, (2000, 400)), (20, (20_000, 2000))] {
        let text = lists::mail("many@hub.test", "accept", 2000);
        let theirs = load(
            "",
            (connections, scale.of(counts.1)),
            core.server.pid(),
            || Lmtp::to(core.lmtp),
            |lmtp, _| lmtp.send("ann@example.org", "many@hub.test", &text),
        );
        report.set_beside(Beside {
            what: format!("LMTP accept, 2 kB, {connections} connections"),
            tool: TITLE.into(),
            hub: Some(lists::taken(hub, connections, 2000, scale.of(counts.0))),
            theirs: Some(Figure { unit: "mails", ..theirs }),
            said: "taken into its queue and left there".into(),
        });
    }
}

/// A running core with a list `many@hub.test`.
struct Core {
    server: Server,
    lmtp: u16,
    _folder: TempDir,
}

impl Core {
    fn start(programs: &Path, sink: &Counter, members: u64, mta: &str, more: &str) -> Self {
        let (folder, lmtp, rest) = (place(), free_port(), free_port());
        let (config, home) = (folder.path().join("mailman.cfg"), folder.path().display());
        let said = format!(
            "[mailman]\nsite_owner: postmaster@hub.test\nlayout: bench\n[paths.bench]\nvar_dir: {home}/var\nbin_dir: {}\n\
             [webservice]\nport: {rest}\n[mta]\nincoming: mailman.mta.null.NullMTA\noutgoing: mailman.mta.deliver.deliver\n\
             lmtp_host: 127.0.0.1\nlmtp_port: {lmtp}\nsmtp_host: 127.0.0.1\nsmtp_port: {}\n{mta}{more}",
            programs.display(),
            sink.port
        );
        std::fs::write(&config, said).expect("a configuration");
        give(folder.path());
        let database = folder.path().join("var/data/mailman.db");
        done(
            plain(programs.join("python"))
                .arg(script("mailman_fill.py"))
                .args([&config, &database])
                .args(["many@hub.test", &members.to_string()]),
        );
        let server = Server::start(plain(programs.join("master")).arg("-C").arg(&config), lmtp);
        Self { server, lmtp, _folder: folder }
    }

    /// Sends one post to all members, who get so many mails of it.
    fn spread(&self, members: u64, mails: u64, sink: &Counter) -> Figure {
        // All runners are there when nothing moves for a while.
        self.server.settle();
        let (before, spent, begun) = (sink.taken(), cpu_of_tree(self.server.pid()), Instant::now());
        let text = lists::mail("many@hub.test", "fan", 2000);
        Lmtp::to(self.lmtp).send("ann@example.org", "many@hub.test", &text);
        sink.wait(before + mails);
        let wall = begun.elapsed();
        let spent = cpu_of_tree(self.server.pid()).saturating_sub(spent);
        Figure::of(members, "recipients", wall, spent)
    }
}
