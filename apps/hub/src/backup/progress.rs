//! Progress on a terminal; quiet in a pipe.

use std::io::{IsTerminal, Write};

/// One line that is written over.
pub struct Progress {
    shown: bool,
    last: u64,
}

impl Progress {
    pub fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), last: 0 }
    }

    /// Says how far `what` is; most calls say nothing.
    pub fn at(&mut self, what: &str, done: u64, of: u64) {
        let step = (of / 100).max(1);
        if self.shown && (done == of || done == 0 || done.abs_diff(self.last) >= step) {
            self.last = done;
            eprint!("\r\x1b[K{what}: {done} of {of}");
            let _ = std::io::stderr().flush();
        }
    }

    /// Takes the line away.
    pub fn end(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
