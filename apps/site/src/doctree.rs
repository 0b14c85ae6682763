//! `guildhall site doctree`: the document tree of reST as docutils' pseudo-XML, for a person who looks what a text means,
//! and for the conformance suite (`ops/conformance/rst`).

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use kernel::Clock;
use plug::clap::{self, Arg, ArgAction, ArgMatches, value_parser};

use crate::generate::rst_now;

pub(crate) fn command() -> clap::Command {
    clap::Command::new("doctree")
        .about("Print the document tree of reST as docutils' pseudo-XML")
        .arg(Arg::new("FILE").value_parser(value_parser!(PathBuf)).help("By default standard input"))
        .arg(
            Arg::new("batch")
                .long("batch")
                .action(ArgAction::SetTrue)
                .help("Answer JSON lines, for the conformance suite"),
        )
        .after_help("Example: guildhall site doctree README.rst")
}

pub(crate) fn print(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let now = rst_now(Clock::machine().now());
    if matches.get_flag("batch") {
        return batch(std::io::stdin().lock(), &mut out, now);
    }
    let (name, text) = match matches.get_one::<PathBuf>("FILE") {
        Some(path) => (path.display().to_string(), std::fs::read_to_string(path)?),
        None => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text)?;
            ("<stdin>".to_owned(), text)
        }
    };
    let options = rst::Options { files: &Disk, now: Some(now), ..rst::Options::new(&name) };
    write!(out, "{}", rst::pseudo_xml(&rst::parse(&text, &options)))?;
    Ok(out.flush()?)
}

/// Answers each line at once, so that whoever asks may wait for it.
fn batch(input: impl BufRead, out: &mut impl Write, now: rst::Now) -> anyhow::Result<()> {
    for line in input.lines() {
        writeln!(out, "{}", rst::batch::answer_line(&line?, &Disk, Some(now)))?;
        out.flush()?;
    }
    Ok(())
}

/// Files as they lie on the disk, for a person who runs the command on files of their own. Standard files of docutils
/// (`<isonum.txt>`) are those of the folder that the variable `RST_STANDARD_FILES` names.
struct Disk;

impl rst::Files for Disk {
    fn read(&self, path: &str, from: &str, encoding: Option<&str>) -> Result<rst::File, String> {
        let place = match path.strip_prefix('<').and_then(|path| path.strip_suffix('>')) {
            Some(standard) => Path::new(&std::env::var("RST_STANDARD_FILES").unwrap_or_default()).join(standard),
            None => Path::new(from).parent().unwrap_or(Path::new("")).join(path),
        };
        let shown = clean(&place);
        // The words are docutils', whose tests compare them.
        let bytes = std::fs::read(&place).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("InputError: [Errno 2] No such file or directory: '{shown}'."),
            _ => format!("{error}: {shown}"),
        })?;
        rst::File::decoded(&shown, &bytes, encoding)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(cases: &str) -> Vec<String> {
        let now = rst::Now { year: 2026, month: 11, day: 21, hour: 20, minute: 20, second: 0 };
        let mut out = Vec::new();
        batch(cases.as_bytes(), &mut out, now).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_case_is_answered_in_its_line() {
        let cases = "{\"id\": 1, \"kind\": \"parse\", \"input\": \"*a*\"}\nno JSON\n\
                     {\"id\": 2, \"kind\": \"parse\", \"input\": \".. |d| date::\\n\"}\n";
        let answers = answers(cases);
        assert!(answers[0].contains("<emphasis>\\n            a\\n"), "{}", answers[0]);
        assert!(answers[1].contains("\"error\""), "{}", answers[1]);
        assert!(answers[2].contains("2026-11-21"), "{}", answers[2]);
    }

    #[test]
    fn files_are_read_beside_the_source_in_their_encoding() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("words.txt"), b"caf\xe9\n").unwrap();
        let source = folder.path().join("x/../a.rst").display().to_string();
        let read = |path: &str, encoding| rst::Files::read(&Disk, path, &source, encoding);
        std::fs::create_dir(folder.path().join("x")).unwrap();
        let file = read("words.txt", Some("latin-1")).unwrap();
        assert_eq!(file.text, "caf\u{e9}\n");
        assert_eq!(file.path, folder.path().join("words.txt").display().to_string());
        assert!(read("words.txt", None).unwrap_err().contains("encoding"));
        assert!(read("nothing.txt", None).unwrap_err().contains("No such file"));
    }
}
