//! Running a program and reading its answer, bounded in size and time.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why a program did not answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("`{program}` cannot be started: {source}. Install it on this machine.")]
    Absent { program: String, source: std::io::Error },
    #[error("`{program}` answered: {said}")]
    Said { program: String, said: String },
    #[error("`{0}` did not answer within two minutes.")]
    Slow(String),
    #[error("The answer of `{program}` cannot be read: {what}.")]
    Odd { program: String, what: String },
    #[error("The connection to `{program}` broke: {source}.")]
    Broke { program: String, source: std::io::Error },
}

/// What a program wrote.
#[derive(Debug)]
pub struct Answer {
    pub bytes: Vec<u8>,
    /// Whether it had more to say than was wanted.
    pub cut: bool,
}

/// A program with an environment in which it asks nobody and reads no settings of ours.
pub fn program(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(name);
    command.env_clear().current_dir(directory);
    for keep in ["PATH", "TMPDIR", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(keep) {
            command.env(keep, value);
        }
    }
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("HOME", "/nonexistent");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The first `most` bytes of what a program answers to `input`. A failure after an answer that was cut is none.
pub async fn ask(mut command: Command, input: Option<Vec<u8>>, most: usize) -> Result<Answer, AskError> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().map_err(|source| AskError::Absent { program: name.clone(), source })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A program that stops reading early says why on its own.
            let _ = stdin.write_all(&input).await;
        }
    };
    let work = async {
        let (_, answer, said) = tokio::join!(feed, take(stdout, most), take(stderr, 4_000));
        let (answer, said) = (answer?, said?);
        if answer.cut {
            child.start_kill()?;
        }
        Ok::<_, std::io::Error>((answer, said, child.wait().await?))
    };
    let done = tokio::time::timeout(PATIENCE, work).await.map_err(|_| AskError::Slow(name.clone()))?;
    let (answer, said, status) = done.map_err(|source| AskError::Broke { program: name.clone(), source })?;
    if status.success() || answer.cut {
        return Ok(answer);
    }
    let said = super::text(&said.bytes);
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join(" ");
    Err(AskError::Said { program: name, said: if said.is_empty() { status.to_string() } else { said } })
}

async fn take(from: Option<impl AsyncRead + Unpin>, most: usize) -> Result<Answer, std::io::Error> {
    let mut bytes = Vec::new();
    let Some(mut from) = from else { return Ok(Answer { bytes, cut: false }) };
    (&mut from).take(most as u64).read_to_end(&mut bytes).await?;
    let cut = bytes.len() == most && from.read(&mut [0]).await? > 0;
    Ok(Answer { bytes, cut })
}
