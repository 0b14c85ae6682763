//! Prints the pseudo-XML of reStructuredText on standard input: `--sphinx` speaks the dialect of Sphinx, `--messages`
//! prints the faults instead, `--batch` answers the cases of the suite.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use guildhall_rst::{Dialect, File, Files, Now, Options, batch, parse, parse_only, pseudo_xml};

/// Files relative to the source, as docutils' own tests expect them.
struct Tree;

impl Files for Tree {
    fn read(&self, path: &str, from: &str, encoding: Option<&str>) -> Result<File, String> {
        let base = Path::new(from).parent().unwrap_or(Path::new("")).to_owned();
        let path = match path.strip_prefix('<').and_then(|path| path.strip_suffix('>')) {
            Some(standard) => Path::new(&std::env::var("RST_STANDARD_FILES").unwrap_or_default()).join(standard),
            None => base.join(path),
        };
        let shown = clean(&path);
        let bytes = std::fs::read(&path).map_err(|fault| match fault.kind() {
            std::io::ErrorKind::NotFound => format!("InputError: [Errno 2] No such file or directory: '{shown}'."),
            _ => format!("{fault}: {shown}"),
        })?;
        File::decoded(&shown, &bytes, encoding)
    }
}

/// A path without `.` and `x/..`.
fn clean(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let shown = path.display().to_string();
    for part in shown.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "")) => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The date and time of the machine, in UTC.
#[allow(clippy::disallowed_methods)]
fn now() -> Option<Now> {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let (days, rest) = (i64::try_from(seconds / 86_400).ok()?, seconds % 86_400);
    // Days to a date of the civil calendar, the year counted from March.
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(Now {
        year: i32::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).ok()?,
        hour: u8::try_from(rest / 3600).ok()?,
        minute: u8::try_from(rest / 60 % 60).ok()?,
        second: u8::try_from(rest % 60).ok()?,
    })
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if std::env::args().any(|arg| arg == "--batch") {
        let now = now();
        for line in std::io::stdin().lock().lines() {
            writeln!(out, "{}", batch::answer_line(&line?, &Tree, now))?;
            out.flush()?;
        }
        return Ok(());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let has = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    let dialect = if has("--sphinx") { Dialect::Sphinx } else { Dialect::Docutils };
    let options = Options { dialect, raw: true, files: &Tree, ..Options::new("<stdin>") };
    if has("--messages") {
        for message in &parse(&text, &options).messages {
            writeln!(out, "{message}")?;
        }
        return Ok(());
    }
    out.write_all(pseudo_xml(&parse_only(&text, &options)).as_bytes())
}
