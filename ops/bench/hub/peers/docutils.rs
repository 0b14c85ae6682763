//! docutils, which reads and writes reST: what `ops/bench/rst` measures, on a sample of its real documents.

use std::process::Command;
use std::time::Duration;

use super::{done, shelf};
use crate::harness::workspace;
use crate::report::{Beside, Figure, Report, Scale};

pub const TITLE: &str = "docutils";

/// Every document but so many is left out, since docutils needs minutes for all.
const EVERY: u64 = 20;

pub fn measure(scale: &Scale, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, every) = (folder.path().join("rows"), EVERY * scale.part.min(5));
    done(
        Command::new(workspace().join("ops/bench/rst"))
            .args(["--every", &every.to_string(), "--rounds", "3", "--json"])
            .arg(&file)
            .env("CARGO_TARGET_DIR", shelf().parent().expect("the folder of the build"))
            .current_dir(workspace()),
    );
    let rows = std::fs::read_to_string(&file).expect("the rows of ops/bench/rst");
    for row in rows.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a row")) {
        let number = |name: &str| row.get(name).and_then(serde_json::Value::as_f64);
        let (Some(files), Some(ours), Some(theirs)) = (number("files"), number("cpu_s"), number("docutils_cpu_s"))
        else {
            continue;
        };
        let figure = |seconds: f64| Figure {
            unit: "documents",
            rate: Some(files / seconds),
            cpu: Some(Duration::from_secs_f64(seconds / files)),
            ..Figure::default()
        };
        let what =
            if row.get("bench").is_some_and(|name| name == "rst parse") { "reST read" } else { "reST written as HTML" };
        report.set_beside(Beside {
            what: format!("{what}, {files} real documents, {:.1} MB", number("bytes").unwrap_or_default() / 1e6),
            tool: TITLE.into(),
            hub: Some(figure(ours)),
            theirs: Some(figure(theirs)),
            said: "rates by the CPU time of one core".into(),
        });
    }
}
