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
#[derive(Default)]
pub struct Figure {
    pub name: String,
    /// What the rate counts, in the plural.
    pub unit: &'static str,
    pub count: u64,
    /// Units a second.
    pub rate: Option<f64>,
    pub p50: Option<Duration>,
    pub p99: Option<Duration>,
    /// CPU time of the hub for one unit.
    pub cpu: Option<Duration>,
    /// What else is to be said: the ceiling beside it, sizes.
    pub note: String,
    /// What `docs` promise, as they say it.
    pub target: &'static str,
}

#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
}

fn milliseconds(time: Option<Duration>) -> String {
    time.map(|time| format!("{:.2}", time.as_secs_f64() * 1000.0)).unwrap_or_default()
}

fn rate(figure: &Figure) -> String {
    let Some(rate) = figure.rate else { return String::new() };
    if rate < 10.0 { format!("{rate:.1} {}/s", figure.unit) } else { format!("{rate:.0} {}/s", figure.unit) }
}

impl Report {
    pub fn add(&mut self, figure: Figure) {
        eprintln!(
            "  {}: {}, p50 {} ms, p99 {} ms, CPU {} ms; {}",
            figure.name,
            rate(&figure),
            milliseconds(figure.p50),
            milliseconds(figure.p99),
            milliseconds(figure.cpu),
            figure.note
        );
        self.figures.push(figure);
    }

    /// A table in Markdown.
    pub fn table(&self) -> String {
        let mut out = String::from(
            "| what | rate | p50 ms | p99 ms | CPU ms each | beside it | target |\n|---|---|---|---|---|---|---|\n",
        );
        for figure in &self.figures {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                figure.name,
                rate(figure),
                milliseconds(figure.p50),
                milliseconds(figure.p99),
                milliseconds(figure.cpu),
                figure.note,
                figure.target
            );
        }
        out
    }

    pub fn json_lines(&self) -> String {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        let line = |figure: &Figure| {
            serde_json::json!({
                "name": figure.name, "unit": figure.unit, "count": figure.count, "rate": figure.rate,
                "p50": seconds(figure.p50), "p99": seconds(figure.p99), "cpu": seconds(figure.cpu),
                "note": figure.note, "target": figure.target,
            })
        };
        self.figures.iter().map(|figure| format!("{}\n", line(figure))).collect()
    }

    /// Replaces the table of `docs/performance.md`, which stands between two marks.
    pub fn write_page(&self) {
        const MARKS: (&str, &str) = ("<!-- figures -->\n", "<!-- end -->");
        let path = crate::harness::workspace().join("docs/performance.md");
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (before, rest) = page.split_once(MARKS.0).expect("the mark of the figures");
        let (_, after) = rest.split_once(MARKS.1).expect("the mark of their end");
        let page = format!("{before}{}\n{}\n{}{after}", MARKS.0, self.table(), MARKS.1);
        std::fs::write(&path, page).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
