//! What a repository's hook calls: keep one record on the disk and return.
//!
//! `guildhall hook git|svn|hg` runs in the terminal of whoever pushes, so this file opens no database, reads no
//! configuration and waits for nobody. A push is never refused here: every failure is one line on stderr.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::record::{Bytes, Hooked, Origin, Record};

/// Where records wait, below the data directory.
pub const FOLDER: &str = "spool/hooks";
/// Where the hub listens for the word that there is a record, below the data directory.
pub const BELL: &str = "spool/hooks.sock";

/// The longest input of a hook that is kept, bytes: 500,000 refs.
const LONGEST: u64 = 64 << 20;

/// Variables that may tell who pushed or what was changed; nothing else of the environment is kept.
const KEPT: [&str; 14] = [
    "GUILDHALL_PUSHER",
    "GL_USERNAME",
    "GL_USER",
    "GITOLITE_USER",
    "GITEA_PUSHER_NAME",
    "REMOTE_USER",
    "USER",
    "LOGNAME",
    "HG_NODE",
    "HG_NODE_LAST",
    "HG_SOURCE",
    "HG_URL",
    "HG_HOOKNAME",
    "HG_HOOKTYPE",
];

/// What became of a record that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The hub runs and was told.
    Told,
    /// The hub does not run; it will find the record when it starts.
    Waits,
}

/// The whole of `guildhall hook`: `words` are those after `hook`. Prints at most one line, and never fails.
pub fn run(words: Vec<OsString>) {
    let notice = match Call::read(words) {
        Ok(call) => match call.keep() {
            Ok(Kept::Told) => return,
            Ok(Kept::Waits) => {
                "the hub is not running; this push is kept and will be announced when it is back.".to_owned()
            }
            Err(error) => format!(
                "this push will not be announced, since it cannot be kept in {}: {error}. The push itself is complete.",
                call.data.join(FOLDER).display()
            ),
        },
        Err(sentence) => sentence,
    };
    let _ = writeln!(std::io::stderr(), "guildhall: {notice}");
}

/// One call of `guildhall hook`, read.
struct Call {
    vcs: String,
    data: PathBuf,
    repository: String,
    args: Vec<OsString>,
}

impl Call {
    fn read(words: Vec<OsString>) -> Result<Self, String> {
        let mut words = words.into_iter();
        let mut data = std::env::var_os("GUILDHALL_HUB_DATA").map(PathBuf::from);
        let (mut repository, mut vcs, mut args) = (String::new(), String::new(), Vec::new());
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--data") => data = words.next().map(PathBuf::from),
                Some("--repository") => repository = words.next().unwrap_or_default().to_string_lossy().into_owned(),
                Some("--config") => drop(words.next()),
                Some("--") => args.extend(words.by_ref()),
                Some(name @ ("git" | "svn" | "hg")) if vcs.is_empty() => vcs = name.to_owned(),
                _ => args.push(word),
            }
        }
        if vcs.is_empty() {
            return Err("the hook does not say which of git, svn and hg calls it; install it anew with \
                        `guildhall commits hook install NAME`."
                .into());
        }
        let data = data.unwrap_or_else(|| PathBuf::from("guildhall-data"));
        Ok(Self { vcs, data, repository, args })
    }

    fn keep(&self) -> std::io::Result<Kept> {
        let mut input = Vec::new();
        // Only git says on the input what was pushed; another hook's input may stay open for ever.
        if self.vcs == "git" {
            std::io::stdin().lock().take(LONGEST).read_to_end(&mut input)?;
        }
        spool(&self.data, &self.repository, &self.vcs, &self.args, input)
    }
}

/// Keeps a record of a hook of `repository` (empty: the one that `args` or the working directory name) that was called
/// with `args` and `input`, and tells the hub.
pub fn spool(data: &Path, repository: &str, vcs: &str, args: &[OsString], input: Vec<u8>) -> std::io::Result<Kept> {
    if vcs == "git" && input.is_empty() {
        return Ok(Kept::Told);
    }
    let (key, millis) = stamp();
    let environment = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var_os(name)?.to_string_lossy().into_owned())))
        .collect();
    let record = Record {
        key: key.clone(),
        repository: repository.to_owned(),
        at: millis,
        origin: Origin::Hook(Hooked {
            vcs: vcs.to_owned(),
            directory: directory(vcs, args).to_string_lossy().into_owned(),
            arguments: args.iter().map(|word| Bytes(word.as_bytes().to_vec())).collect(),
            input: Bytes(input),
            environment,
        }),
    };
    write(data, &key, &record)?;
    Ok(tell(data))
}

/// Writes a record so that it is either whole and on the disk, or absent. Records are read in the order of their stamps.
/// The group of the folder may read it, whatever the pusher's umask takes away: it is the hub's.
pub fn write(data: &Path, stamp: &str, record: &Record) -> std::io::Result<()> {
    let folder = data.join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let name = format!("{stamp}.json");
    let temporary = folder.join(format!(".{name}"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&temporary)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o640))?;
    file.write_all(&serde_json::to_vec(record)?)?;
    file.sync_all()?;
    std::fs::rename(&temporary, folder.join(name))?;
    std::fs::File::open(&folder)?.sync_all()
}

/// Tells a hub that runs on this machine to look.
pub(crate) fn tell(data: &Path) -> Kept {
    match UnixStream::connect(data.join(BELL)) {
        Ok(mut stream) => {
            let _ = stream.set_nonblocking(true);
            let _ = stream.write(b"\n");
            Kept::Told
        }
        // A full queue of callers is a hub that runs and will look anyway.
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Kept::Told,
        Err(_) => Kept::Waits,
    }
}

/// A key that sorts by time and is never given twice, and the time in milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "the hook is a process of its own; there is no clock to be handed")]
pub(crate) fn stamp() -> (String, i64) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let key = format!("{:020}-{}-{:08x}", since.as_nanos(), std::process::id(), rand::random::<u32>());
    (key, i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The repository whose hook this is, as an absolute path.
fn directory(vcs: &str, args: &[OsString]) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let named = match vcs {
        "git" => std::env::var_os("GIT_DIR"),
        "svn" => args.iter().find(|word| word.as_bytes().first() == Some(&b'/')).cloned(),
        _ => None,
    };
    let path = here.join(PathBuf::from(named.unwrap_or_else(|| OsString::from_vec(Vec::new()))));
    path.canonicalize().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_on_the_disk_and_says_all_that_the_hook_knew() {
        let data = tempfile::tempdir().unwrap();
        let line = b"0000 1111 refs/heads/m\xe9\n".to_vec();
        assert_eq!(spool(data.path(), "", "git", &[], line.clone()).unwrap(), Kept::Waits);
        let files: Vec<_> = std::fs::read_dir(data.path().join(FOLDER)).unwrap().collect();
        assert_eq!(files.len(), 1);
        let bytes = std::fs::read(files[0].as_ref().unwrap().path()).unwrap();
        let record: Record = serde_json::from_slice(&bytes).unwrap();
        let Origin::Hook(hooked) = record.origin else { panic!("a hook's record") };
        assert_eq!((hooked.vcs.as_str(), hooked.input.0), ("git", line));
    }

    #[test]
    fn a_push_of_nothing_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(spool(data.path(), "", "git", &[], vec![]).unwrap(), Kept::Told);
        assert!(!data.path().join(FOLDER).exists());
    }

    #[test]
    fn the_words_of_a_hook_are_read_in_any_order() {
        let words = ["--data", "/d", "svn", "--repository", "pypy", "post-commit", "/srv/svn", "12", "12-x"];
        let call = Call::read(words.iter().map(OsString::from).collect()).unwrap();
        assert_eq!(
            (call.vcs.as_str(), call.repository.as_str(), call.data.as_path()),
            ("svn", "pypy", Path::new("/d"))
        );
        assert_eq!(call.args, ["post-commit", "/srv/svn", "12", "12-x"]);
        assert!(Call::read(vec![]).is_err());
    }
}
