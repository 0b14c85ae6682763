//! The bytes of a session: commands, and mails between them.

use std::io::Cursor;

use chrono::DateTime;

use super::command::{self, Command};
use super::trace::{self, Hop};
use super::wire::{Body, Bounds, Line, Wire};

/// The largest mail of these sessions, bytes.
const LIMIT: usize = 4_000;

thread_local! {
    static RUNTIME: Option<tokio::runtime::Runtime> =
        tokio::runtime::Builder::new_current_thread().enable_time().build().ok();
}

/// A session that sends these bytes: each line is a command or is told off, each mail ends where its dot stands.
pub fn session(data: &[u8]) {
    RUNTIME.with(|runtime| {
        if let Some(runtime) = runtime {
            runtime.block_on(talk(data));
        }
    });
}

async fn talk(data: &[u8]) {
    let mut wire = Wire::new(tokio::io::join(Cursor::new(data), tokio::io::sink()), Bounds::default());
    loop {
        let line = match wire.line().await {
            Ok(Line::Text(line)) => line,
            Ok(Line::Bare) => continue,
            Ok(Line::TooLong | Line::End) | Err(_) => return,
        };
        assert!(!line.contains(&b'\n') && !line.contains(&b'\r'), "{line:?}");
        match command::parse(&line) {
            Ok(Command::Data) => match wire.body(LIMIT).await {
                Ok(Body::Whole(mail)) => judge(&mail),
                Ok(Body::BareDot) | Err(_) => return,
                Ok(Body::TooLarge | Body::TooMuch | Body::LongLine) => {}
            },
            Ok(Command::Rcpt { to, .. }) => assert!(!to.contains(|c: char| c.is_control()), "{to:?}"),
            Ok(Command::Mail { from, .. }) => assert!(!from.contains(|c: char| c.is_control()), "{from:?}"),
            Ok(_) => {}
            Err(fault) => assert!((500..=599).contains(&fault.0), "{fault:?}"),
        }
    }
}

/// A mail that was taken is within its bounds, and has no line that another server would take for its end.
fn judge(mail: &[u8]) {
    assert!(mail.len() <= LIMIT, "{} bytes", mail.len());
    for line in mail.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 999, "a line of {} bytes", line.len());
    }
}

/// A mail that is stamped: the field stands on top, nothing of the body changes, and nobody else speaks for the hub.
pub fn trace(data: &[u8]) {
    let hop = Hop {
        hello: "x.org",
        peer: [127, 0, 0, 1].into(),
        domain: "hub.test",
        with: "ESMTP",
        only: None,
        now: DateTime::UNIX_EPOCH,
    };
    let (stamped, fields) = (trace::stamp(&hop, data), trace::fields(data));
    assert!(stamped.starts_with(b"Received: from x.org ([127.0.0.1])\r\n\tby hub.test (Guildhall) with ESMTP id "));
    let header: usize = fields.iter().map(|field| field.len()).sum();
    assert!(stamped.ends_with(&data[header..]), "the body is as it was");
    let now = trace::fields(&stamped);
    let kept: Vec<&[u8]> =
        fields.iter().copied().filter(|field| !trace::claims_to_be_ours(field, hop.domain)).collect();
    // A first line that is folded belongs to the field above it now.
    let folds = data.starts_with(b" ") || data.starts_with(b"\t");
    assert!(folds || now.get(1..) == Some(&kept[..]), "{now:?} instead of {kept:?}");
    assert!(!now.iter().any(|field| trace::claims_to_be_ours(field, hop.domain)), "{now:?}");
    assert!(trace::circles(&stamped) || !trace::circles(data), "a hop more is no way out of a circle");
}
