//! `guildhall hook git|svn|hg ...`: called by a repository's hook; spools and returns.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Arg, Command};

pub fn command() -> Command {
    Command::new("hook")
        .about("Take what a repository's hook tells; called by the scripts that `commits hook install` writes")
        .arg(Arg::new("vcs").required(true).value_parser(["git", "svn", "hg"]))
        .arg(Arg::new("repository").long("repository").value_name("NAME").help("The registered name"))
        .arg(Arg::new("arguments").num_args(0..).help("What the version control system gives its hook"))
        .after_help("Example: guildhall hook git --data /var/lib/guildhall --repository hub < refs")
}

/// Answers a hook without a runtime or a database; `None` when the command is another one.
pub fn answer(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let word = arguments.nth(1)?;
    let words: Vec<OsString> = arguments.collect();
    let asks_help = words.iter().any(|word| word == "--help" || word == "-h");
    if word != "hook" || asks_help {
        return None;
    }
    commits::hook::run(words);
    Some(ExitCode::SUCCESS)
}
