//! The log: lines for people on a terminal, `GUILDHALL_LOG_FORMAT=json` for programs.

use std::io::IsTerminal;

use clap::ArgMatches;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. `RUST_LOG` overrides what `-v` says.
pub fn start(matches: &ArgMatches) {
    let serves = matches.subcommand_name() == Some("serve");
    let verbose = matches.subcommand().map_or(0, |(_, inner)| inner.get_count("verbose"));
    let level = match (verbose, serves) {
        // The demo writes the mails of a year.
        (0, false) if matches.subcommand_name() == Some("demo") => "error",
        // What became of a mail is told wherever it is decided, also by `guildhall mail deliver`.
        (0, false) => "error,guildhall::mail=info",
        (0, true) => "info,sqlx=warn,sea_orm=warn",
        (1, _) => "debug,sqlx=warn,sea_orm=warn,hyper=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if std::env::var("GUILDHALL_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}
