//! Prints the pseudo-XML of reStructuredText on standard input; with `--batch`, answers the cases of the suite.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use guildhall_rst::{Dialect, File, Files, Now, Options, batch, parse_only, pseudo_xml};

/// Files relative to the source, as docutils' own tests expect them.
struct Tree;

impl Files for Tree {
    fn read(&self, path: &str, from: &str) -> Result<File, String> {
        let base = Path::new(from).parent().unwrap_or(Path::new(""));
        let path = base.join(path);
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|fault| format!("{fault}: {shown}"))?;
        Ok(File { path: shown, text })
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if std::env::args().any(|arg| arg == "--batch") {
        let now = Some(Now { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 });
        for line in std::io::stdin().lock().lines() {
            writeln!(out, "{}", batch::answer_line(&line?, &Tree, now))?;
            out.flush()?;
        }
        return Ok(());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let options = Options { dialect: Dialect::Docutils, raw: true, files: &Tree, ..Options::new("<stdin>") };
    out.write_all(pseudo_xml(&parse_only(&text, &options)).as_bytes())
}
