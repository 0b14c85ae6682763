//! The figures: a table for people, lines of JSON for programs, a page of the manual.

use std::fmt::Write;
use std::time::Duration;

/// How much of everything.
#[derive(Clone, Copy)]
pub struct Scale {
    /// One of so many parts: 1 is the whole.
    pub part: u64,
}

impl Scale {
    pub fn of(self, whole: u64) -> u64 {
        (whole / self.part).max(1)
    }
}

/// One figure. What was not measured is absent.
#[derive(Clone, Default)]
pub struct Figure {
    pub name: String,
    /// What the rate counts, in the plural.
    pub unit: &'static str,
    pub count: u64,
    /// Units a second.
    pub rate: Option<f64>,
    pub p50: Option<Duration>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    /// The latency that 95 of 100 do not exceed while nobody else asks.
    pub alone: Option<Duration>,
    /// CPU time of the hub for one unit.
    pub cpu: Option<Duration>,
    /// What else is to be said: the ceiling beside it, sizes.
    pub note: String,
    /// What `docs` promise, as they say it.
    pub target: &'static str,
}

impl Figure {
    /// So many units in this time, with that much CPU time.
    pub fn of(count: u64, unit: &'static str, wall: Duration, spent: Duration) -> Self {
        Self {
            count,
            unit,
            rate: Some(count as f64 / wall.as_secs_f64()),
            cpu: Some(spent.div_f64(count as f64)),
            ..Self::default()
        }
    }
}

/// A figure of the hub beside that of a tool that does the same work, one after the other in the same run.
#[derive(Default)]
pub struct Beside {
    pub what: String,
    pub tool: String,
    pub hub: Option<Figure>,
    /// Absent where the tool could not be measured; `said` says why.
    pub theirs: Option<Figure>,
    pub said: String,
}

#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
    beside: Vec<Beside>,
}

fn milliseconds(time: Option<Duration>) -> String {
    time.map(|time| format!("{:.2}", time.as_secs_f64() * 1000.0)).unwrap_or_default()
}

fn rate(figure: &Figure) -> String {
    let Some(rate) = figure.rate else { return String::new() };
    if rate < 10.0 { format!("{rate:.1} {}/s", figure.unit) } else { format!("{rate:.0} {}/s", figure.unit) }
}

/// All of a figure in one cell.
fn cell(figure: Option<&Figure>) -> String {
    let Some(figure) = figure else { return "not measured".into() };
    let mut said = vec![];
    said.extend(figure.rate.map(|_| rate(figure)));
    said.extend(figure.p50.map(|_| format!("p50 {}, p99 {} ms", milliseconds(figure.p50), milliseconds(figure.p99))));
    said.extend(figure.cpu.map(|_| format!("**{} ms CPU**", milliseconds(figure.cpu))));
    said.join("; ")
}

impl Beside {
    /// How many times less CPU time the hub takes.
    fn less_cpu(&self) -> Option<f64> {
        times(self.theirs.as_ref()?.cpu?, self.hub.as_ref()?.cpu?)
    }

    /// How many times faster it is, by the rate where there is one, else by the time of one.
    fn faster(&self) -> Option<f64> {
        let (hub, theirs) = (self.hub.as_ref()?, self.theirs.as_ref()?);
        match (hub.rate, theirs.rate) {
            (Some(hub), Some(theirs)) => Some(hub / theirs),
            _ => times(theirs.p50?, hub.p50?),
        }
    }

    fn line(&self) -> String {
        let count = |times: Option<f64>| match times {
            Some(times) if times < 10.0 => format!("{times:.1}"),
            Some(times) => format!("{times:.0}"),
            None => String::new(),
        };
        let (what, tool, said) = (&self.what, &self.tool, &self.said);
        let (hub, theirs) = (cell(self.hub.as_ref()), cell(self.theirs.as_ref()));
        format!(
            "| {what} | {hub} | {tool}: {theirs} | {} | {} | {said} |",
            count(self.less_cpu()),
            count(self.faster())
        )
    }
}

fn times(theirs: Duration, hub: Duration) -> Option<f64> {
    (!hub.is_zero()).then(|| theirs.as_secs_f64() / hub.as_secs_f64())
}

impl Report {
    pub fn set_beside(&mut self, beside: Beside) {
        eprintln!("  {}", beside.line());
        self.beside.push(beside);
    }

    /// The hub beside the tools, a table in Markdown; empty where none was measured.
    pub fn table_of_tools(&self) -> String {
        let mut out = String::new();
        if !self.beside.is_empty() {
            out.push_str(
                "| what | the hub | the tool | times less CPU | times faster | |\n|---|---|---|---|---|---|\n",
            );
        }
        for beside in &self.beside {
            let _ = writeln!(out, "{}", beside.line());
        }
        out
    }

    pub fn add(&mut self, figure: Figure) {
        eprintln!(
            "  {}: {}, p50 {} ms, p99 {} ms, alone p95 {} ms, CPU {} ms; {}",
            figure.name,
            rate(&figure),
            milliseconds(figure.p50),
            milliseconds(figure.p99),
            milliseconds(figure.alone),
            milliseconds(figure.cpu),
            figure.note
        );
        self.figures.push(figure);
    }

    /// A table in Markdown; empty where nothing was measured.
    pub fn table(&self) -> String {
        if self.figures.is_empty() {
            return String::new();
        }
        let mut out = String::from(
            "| what | rate | p50 ms | p99 ms | alone p95 ms | CPU ms each | beside it | target |\n|---|---|---|---|---|---|---|---|\n",
        );
        for figure in &self.figures {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                figure.name,
                rate(figure),
                milliseconds(figure.p50),
                milliseconds(figure.p99),
                milliseconds(figure.alone),
                milliseconds(figure.cpu),
                figure.note,
                figure.target
            );
        }
        out
    }

    pub fn json_lines(&self) -> String {
        let beside = self.beside.iter().map(|beside| {
            serde_json::json!({
                "what": beside.what, "tool": beside.tool, "hub": beside.hub.as_ref().map(json),
                "theirs": beside.theirs.as_ref().map(json), "times_less_cpu": beside.less_cpu(),
                "times_faster": beside.faster(), "said": beside.said,
            })
        });
        self.figures.iter().map(json).chain(beside).map(|line| format!("{line}\n")).collect()
    }

    /// Replaces the tables of `docs/performance.md`, which stand between two marks; one that is empty stays as it was.
    pub fn write_page(&self) {
        let path = crate::harness::workspace().join("docs/performance.md");
        let mut page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (name, table) in [("figures", self.table()), ("tools", self.table_of_tools())] {
            if !table.is_empty() {
                let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
                let (before, rest) = page.split_once(&begin).expect("the mark of a table");
                let (_, after) = rest.split_once(&end).expect("the mark of its end");
                page = format!("{before}{begin}\n{table}\n{end}{after}");
            }
        }
        std::fs::write(&path, page).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

fn json(figure: &Figure) -> serde_json::Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    serde_json::json!({
        "name": figure.name, "unit": figure.unit, "count": figure.count, "rate": figure.rate,
        "p50": seconds(figure.p50), "p95": seconds(figure.p95), "p99": seconds(figure.p99), "alone_p95": seconds(figure.alone), "cpu": seconds(figure.cpu),
        "note": figure.note, "target": figure.target,
    })
}
