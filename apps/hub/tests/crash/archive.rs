//! Archives that are imported beside a hub, by a command that may be killed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Child;

use crate::harness::Hub;
use crate::look::Look;
use crate::rig::silent;

/// The list that they go to.
pub const LIST: &str = "old@hub.test";

/// An archive of so many mails, which goes to [`LIST`].
#[derive(Clone, Debug)]
pub struct Archive {
    path: PathBuf,
    number: u64,
    mails: u64,
}

impl Archive {
    /// Writes it beside the data of the hub.
    pub fn write(hub: &Hub, number: u64, mails: u64) -> Self {
        let path = hub.data().join(format!("import-{number}.mbox"));
        let mail = |n: u64| {
            format!(
                "From ann@example.org Sat Nov 21 12:00:00 2026\nFrom: ann@example.org\nSubject: Old {number} {n}\n\
                 Message-ID: <old{number}.{n}@test>\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n\nOld message {n}\n\n"
            )
        };
        std::fs::write(&path, (0..mails).map(mail).collect::<String>()).expect("an archive");
        Self { path, number, mails }
    }

    /// The import of it, running.
    pub fn begin(&self, hub: &Hub) -> Child {
        silent(hub.command(&["lists", "import", LIST, &self.path.display().to_string()]))
    }

    /// The import of it, to its end.
    pub fn import(&self, hub: &Hub) {
        hub.cli(&["lists", "import", LIST, &self.path.display().to_string()]);
    }

    fn subjects(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.mails).map(|n| format!("Old {} {n}", self.number))
    }

    /// How many of its mails are there, and those that are there more often than once.
    fn kept(&self, posts: &HashMap<String, i64>) -> (u64, Vec<String>) {
        let counts = self.subjects().filter_map(|subject| posts.get(&subject).map(|count| (subject, *count)));
        let (mut there, mut faults) = (0, vec![]);
        for (subject, count) in counts {
            there += 1;
            faults.extend((count > 1).then(|| format!("{subject} is there {count} times")));
        }
        (there, faults)
    }

    /// Mails that are not there exactly once.
    pub fn faults(&self, look: &Look) -> Vec<String> {
        let posts = posts(look);
        let wrong = self.subjects().filter(|subject| posts.get(subject) != Some(&1));
        wrong.map(|subject| format!("{subject} is there {} times", posts.get(&subject).unwrap_or(&0))).collect()
    }
}

fn posts(look: &Look) -> HashMap<String, i64> {
    look.counts("SELECT subject, count(*) FROM list_post GROUP BY subject")
}

/// Imports every archive to its end, whatever became of the import that was killed: then each mail is there once, and
/// none was there twice before. How many had come in half.
pub fn finish(archives: &[Archive], hub: &Hub, look: &Look) -> usize {
    let before = posts(look);
    let (mut halves, mut faults) = (0, vec![]);
    for archive in archives {
        let (there, twice) = archive.kept(&before);
        halves += usize::from(there > 0 && there < archive.mails);
        faults.extend(twice);
        archive.import(hub);
        faults.extend(archive.faults(look));
    }
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(20)]);
    halves
}
