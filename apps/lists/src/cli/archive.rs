//! `guildhall lists import` and `guildhall lists export`.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::time::Instant;

use anyhow::Context;
use clap::{Arg, ArgMatches, Command as Clap};
use flate2::read::MultiGzDecoder;
use kernel::Hub;
use store::blobs;

use super::{list_arg, named, word};
use crate::import::{self, Fate};
use crate::query::{self, Slice};
use crate::{PostId, mbox};

/// Bytes that are read at a time.
const BUFFER: usize = 256 * 1024;

/// `guildhall lists import LIST FILE`.
pub fn import_clap() -> Clap {
    Clap::new("import")
        .about("Bring an mbox into the archive of a list")
        .after_help(
            "Nobody gets mail of it. Doing it again adds nothing, so an import that broke off is started again.\n\n\
             Example:\n  guildhall lists import dev dev.mbox.gz --report dev-import.tsv",
        )
        .arg(list_arg())
        .arg(Arg::new("file").required(true).value_name("FILE").help("FILE.mbox or FILE.mbox.gz; - is the standard input"))
        .arg(
            Arg::new("report")
                .long("report")
                .value_name("FILE")
                .help("Write a line for each mail: line in the mbox, fate, Message-ID, address on the web, subject, what is wrong with it"),
        )
}

/// Imports; what is odd about a mail is told on the way.
pub async fn import(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let list = named(&hub, &matches).await?;
    let file = word(&matches, "file");
    let from = open(&file)?;
    let report = word(&matches, "report");
    let mut report = match report.is_empty() {
        true => None,
        false => {
            Some(BufWriter::new(File::create(&report).with_context(|| format!("{report} could not be written."))?))
        }
    };
    let shows_progress = std::io::stderr().is_terminal();
    let (start, mut count, mut failed) = (Instant::now(), 0_u64, None);
    let totals = import::run(&hub, &list, from, |fate| {
        count += 1;
        if let Some(report) = &mut report
            && let Err(error) = writeln!(report, "{}", line(fate))
        {
            failed = Some(error);
        }
        if shows_progress && count.is_multiple_of(250) {
            eprint!("\r{count} mails");
        }
        if fate.is_new && fate.copy > 0 {
            println!(
                "line {}: <{}> is here with other bytes too; this one stands at {}",
                fate.line, fate.message_id, fate.url
            );
        }
    })
    .await?;
    if let Some(mut report) = report {
        report.flush()?;
    }
    if let Some(error) = failed {
        return Err(error).context("Every mail is kept, but the report could not be written.");
    }
    let seconds = start.elapsed().as_secs_f64();
    if shows_progress {
        eprintln!("\r{count} mails in {seconds:.1} s, {:.0} a second", count as f64 / seconds.max(0.001));
    }
    println!(
        "{} mails read ({} bytes): {} added, {} were here already, {} share their Message-ID with another.",
        totals.read, totals.bytes, totals.added, totals.known, totals.copies
    );
    Ok(())
}

fn line(fate: &Fate) -> String {
    let what = match (fate.is_new, fate.copy) {
        (false, _) => "known",
        (true, 0) => "added",
        (true, _) => "copy",
    };
    let plain = |text: &str| text.replace(['\t', '\r', '\n'], " ");
    let (id, subject) = (plain(&fate.message_id), plain(&fate.subject));
    format!("{}\t{what}\t{id}\t{}\t{subject}\t{}", fate.line, fate.url, fate.defects.join(" "))
}

/// Opens a file or the standard input; gzip is known by its first bytes.
fn open(file: &str) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let mut plain: Box<dyn BufRead + Send> = if file == "-" {
        Box::new(BufReader::with_capacity(BUFFER, std::io::stdin()))
    } else {
        let opened = File::open(file).with_context(|| format!("{file} could not be opened."))?;
        Box::new(BufReader::with_capacity(BUFFER, opened))
    };
    let is_gzip = plain.fill_buf().with_context(|| format!("{file} could not be read."))?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip { Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain))) } else { plain })
}

/// `guildhall lists export LIST`.
pub fn export_clap() -> Clap {
    Clap::new("export")
        .about("Write the archive of a list as an mbox to the standard output")
        .after_help("The mails are byte for byte as they came (mboxrd).\n\nExample:\n  guildhall lists export dev | gzip > dev.mbox.gz")
        .arg(list_arg())
}

/// Exports.
pub async fn export(hub: Hub, matches: ArgMatches) -> anyhow::Result<()> {
    let list = named(&hub, &matches).await?;
    let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout());
    write(&hub, &list, &mut out).await?;
    out.flush()?;
    Ok(())
}

/// Writes an archive, oldest arrival first.
pub(crate) async fn write(hub: &Hub, list: &crate::list::List, out: &mut (impl Write + Send)) -> anyhow::Result<()> {
    let conn = hub.store.read();
    let mut after = PostId(0);
    loop {
        let rows = query::slice(&conn, &Slice::List(list.id), after, 100).await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (_, blob, at) in &rows {
            let raw = blobs::get(&hub.store, &conn, blob).await?;
            let mut text = Vec::with_capacity(raw.len() + 100);
            mbox::write(&mut text, &raw, *at);
            out.write_all(&text)?;
        }
    }
}
