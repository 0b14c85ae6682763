//! The mbox format, read and written as a stream: mboxrd (`>From ` with any number of `>`), mboxo, and mboxcl2 (which
//! trusts Content-Length).
//!
//! What [`write`] writes, [`Reader`] reads back byte for byte, when the mail ends with a line end.

mod read;
#[cfg(test)]
mod tests;

#[cfg(test)]
use read::Mail;
pub use read::Reader;

use chrono::{DateTime, Utc};

/// Writes one mail as mboxrd: its separator, its lines with `>` before every `From ` that has none but `>` before it,
/// an empty line.
pub fn write(out: &mut Vec<u8>, raw: &[u8], at: DateTime<Utc>) {
    out.extend_from_slice(format!("From mboxrd@z {}\n", at.format("%a %b %e %H:%M:%S %Y")).as_bytes());
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if unquoted(line).starts_with(b"From ") {
            out.push(b'>');
        }
        out.extend_from_slice(line);
    }
    if !raw.ends_with(b"\n") {
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// A line without the `>` before it.
fn unquoted(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    &line[marks..]
}
