//! What the log says while a test runs.

use std::sync::{Arc, LazyLock, Mutex};

use tracing::dispatcher::Dispatch;
use tracing::subscriber::DefaultGuard;

/// A listener beside that of a test. While there is only one, `tracing` asks the thread that comes by first whether it
/// listens, and remembers that for all: a test on another thread would switch the lines off.
static BESIDE: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish()));

/// What the log says on this thread, from now on and until the guard goes.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Begins to listen.
    pub fn keep() -> (Self, DefaultGuard) {
        LazyLock::force(&BESIDE);
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(lines))
    }

    /// All that was said.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The only line with these words.
    #[track_caller]
    pub fn line(&self, words: &[&str]) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().filter(|line| words.iter().all(|word| line.contains(word))).collect();
        assert_eq!(lines.len(), 1, "{words:?} in\n{text}");
        lines[0].to_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
