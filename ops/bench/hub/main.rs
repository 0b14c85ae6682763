//! How fast the hub is: the running binary under load, beside a ceiling of the machine in the same run (`ops/bench/run`).

#![allow(clippy::expect_used, reason = "a measurement that cannot go on stops")]

mod bare;
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
mod hubs;
mod lists;
mod pages;
mod peers;
mod pushes;
mod report;
mod words;

use clients::Served;
use harness::{Hub, Sink};
use report::{Report, Scale};

/// Issues, posts, lines, people and commits.
const MASS: u64 = 100_000;

/// What can be measured: its name, and how.
type Group = (&'static str, fn(&Scale, &mut Report));

const GROUPS: &[Group] = &[
    ("house", house::measure),
    ("pages", |scale, report| with_data(scale.of(MASS), |at| pages::measure(scale, report, at))),
    ("forms", |scale, report| with_data(scale.of(MASS), |at| forms::measure(scale, report, at))),
    ("lists", lists::measure),
    ("pushes", pushes::measure),
    ("chat", |scale, report| with_data(scale.of(MASS), |at| chat::measure(scale, report, at))),
    ("hubs", hubs::measure),
];

const USAGE: &str = "usage: ops/bench/run [--quick] [--peers] [--json FILE] [--write] [GROUP...]\n\
    --quick      a tenth of the data and of the operations\n\
    --peers      also the tools that the hub replaces, on the same work; what is not there is installed\n\
    --json FILE  also one line of JSON for each figure\n\
    --write      put the tables into docs/performance.md\n\
    groups:      house pages forms lists pushes chat hubs (all, unless some are named)\n\
    tools:       roundup mailman mlmmj multimail fossil docutils (all with --peers, unless some are named)";

fn main() {
    let (mut scale, mut json, mut write, mut tools, mut wanted) = (Scale { part: 1 }, None, false, false, vec![]);
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        let known = GROUPS.iter().any(|(group, _)| *group == arg) || peers::TOOLS.iter().any(|tool| tool.name == arg);
        match arg.as_str() {
            "--quick" => scale.part = 10,
            "--peers" => tools = true,
            "--json" => json = args.next(),
            "--write" => write = true,
            _ if known => wanted.push(arg),
            _ => {
                eprintln!("{USAGE}");
                std::process::exit(if arg == "--help" { 0 } else { 2 });
            }
        }
    }
    let is_wanted = |name: &str| wanted.iter().any(|group| group == name);
    let mut report = Report::default();
    for (name, measure) in GROUPS.iter().filter(|(name, _)| wanted.is_empty() || is_wanted(name)) {
        eprintln!("{name} ...");
        measure(&scale, &mut report);
    }
    let all = tools && !wanted.iter().any(|name| peers::TOOLS.iter().any(|tool| tool.name == name));
    for tool in peers::TOOLS.iter().filter(|tool| all || is_wanted(tool.name)) {
        eprintln!("{} ...", tool.name);
        peers::measure(tool, &scale, &mut report);
    }
    println!("{}\n{}", report.table(), report.table_of_tools());
    if let Some(file) = json {
        std::fs::write(&file, report.json_lines()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    if write {
        report.write_page();
    }
}

/// Runs something against a hub with a sink and so many of everything.
fn with_data(count: u64, measure: impl FnOnce(&Served<'_>)) {
    let sink = Sink::start();
    let mut hub = Hub::start(Some(&sink), "");
    let visitor = hub.person("ann", true);
    let cookie = visitor.cookie();
    hub.stop();
    data::fill(hub.data(), count);
    hub.run();
    measure(&Served { hub: &hub, cookie, visitor: &visitor });
}
