//! The only binary: arguments, configuration, command.

mod backup;
mod cli;
mod clock;
mod config;
mod demo;
mod doctor;
mod http;
mod modules;
mod network;
mod node;
mod open;
mod probe;
mod sample;
mod serve;
mod settings;
mod web;

#[cfg(test)]
#[path = "../tests/container/mod.rs"]
mod container;
#[cfg(test)]
#[path = "../tests/guard/mod.rs"]
mod guard;
#[cfg(test)]
#[path = "../tests/letters/mod.rs"]
mod letters;
#[cfg(test)]
#[path = "../tests/package/mod.rs"]
mod package;
#[cfg(test)]
#[path = "../tests/plans/mod.rs"]
mod plans;
#[cfg(test)]
#[path = "../tests/steps/mod.rs"]
mod steps;

use std::process::ExitCode;

/// Pages are made of many small values, which this one takes and gives back in less time than that of the C library. It is
/// built without huge pages (`no_thp`), which would keep another 15 MB in memory while nobody asks for anything.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lets a command end quietly when nobody reads what it prints any more, as `guildhall lists list | head -1` does.
fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to stdout") && said.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

fn main() -> ExitCode {
    end_with_the_reader();
    // A hook stands between a person and their shell: it spools and returns before anything else is set up.
    if let Some(done) = cli::hook::answer(std::env::args_os()) {
        return done;
    }
    let matches = cli::matches();
    cli::log::start(&matches);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return cli::failed_at(&matches, &anyhow::anyhow!("The system gives no threads: {error}."));
        }
    };
    let done = runtime.block_on(cli::run(&matches));
    // A stop does not wait for work on a thread of its own, such as a build: the next start takes it up.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => cli::failed_at(&matches, &error),
    }
}
