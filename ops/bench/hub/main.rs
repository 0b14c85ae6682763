//! How fast the hub is: the running binary under load, beside a ceiling of the machine in the same run (`ops/bench/run`).

#![allow(clippy::expect_used, reason = "a measurement that cannot go on stops")]

mod chat;
mod clients;
mod data;
#[path = "../../../apps/hub/tests/plans/fill.rs"]
mod fill;
mod forms;
#[path = "../../../apps/hub/tests/flows/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the flows use all of it")]
mod harness;
mod house;
mod lists;
mod pages;
mod pushes;
mod report;
mod words;

use clients::Served;
use harness::{Hub, Sink};
use report::{Report, Scale};

/// What can be measured: its name, and how.
type Group = (&'static str, fn(&Scale, &mut Report));

const GROUPS: &[Group] = &[
    ("house", house::measure),
    ("pages", |scale, report| with_data(scale, report, pages::measure)),
    ("forms", |scale, report| with_data(scale, report, forms::measure)),
    ("lists", lists::measure),
    ("pushes", pushes::measure),
    ("chat", |scale, report| with_data(scale, report, chat::measure)),
];

const USAGE: &str = "usage: ops/bench/run [--quick] [--json FILE] [--write] [GROUP...]\n\
    --quick      a tenth of the data and of the operations\n\
    --json FILE  also one line of JSON for each figure\n\
    --write      put the table into docs/performance.md\n\
    groups:      house pages forms lists pushes chat (all, unless some are named)";

fn main() {
    let (mut scale, mut json, mut write, mut wanted) = (Scale { part: 1 }, None, false, vec![]);
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => scale.part = 10,
            "--json" => json = args.next(),
            "--write" => write = true,
            name if GROUPS.iter().any(|(group, _)| *group == name) => wanted.push(name.to_owned()),
            _ => {
                eprintln!("{USAGE}");
                std::process::exit(if arg == "--help" { 0 } else { 2 });
            }
        }
    }
    let mut report = Report::default();
    for (name, measure) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|group| group == name) {
            eprintln!("{name} ...");
            measure(&scale, &mut report);
        }
    }
    print!("{}", report.table());
    if let Some(file) = json {
        std::fs::write(&file, report.json_lines()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    if write {
        report.write_page();
    }
}

/// Runs something against a hub with a sink and 100,000 of everything.
fn with_data(scale: &Scale, report: &mut Report, measure: fn(&Scale, &mut Report, &Served<'_>)) {
    let sink = Sink::start();
    let mut hub = Hub::start(Some(&sink), "");
    let visitor = hub.person("ann", true);
    let cookie = visitor.cookie();
    hub.stop();
    data::fill(hub.data(), scale.of(100_000));
    hub.run();
    measure(scale, report, &Served { hub: &hub, cookie, visitor: &visitor });
}
