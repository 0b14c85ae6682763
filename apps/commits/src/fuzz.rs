//! What must hold whatever bytes come: the targets of `ops/fuzz`.

use chrono::DateTime;

use crate::diff;
use crate::learn::{forge, from_git};
use crate::record::Record;
use crate::references;
use crate::vcs::{git_log, hg, svn_look};

/// What hooks and forges send: read, or refused; whatever was read can be kept.
pub fn hook(data: &[u8]) {
    for name in ["github", "gitea", "gitlab", "bitbucket"] {
        if let Ok(told) = forge::read(name, data, DateTime::UNIX_EPOCH) {
            assert!(told.refs.iter().all(|told| told.commits.len() as u64 <= told.total), "{told:?}");
        }
    }
    from_git::updates(data);
    if let Ok(record) = serde_json::from_slice::<Record>(data) {
        let written = serde_json::to_vec(&record).unwrap_or_default();
        assert!(serde_json::from_slice::<Record>(&written).is_ok(), "a record that was read is read again");
    }
}

/// What git, svn and hg answer: logs, diffs, messages.
pub fn answer(data: &[u8]) {
    git_log::read(data);
    hg::read(data);
    let half = data.len() / 2;
    svn_look::read(1, &data[..half], &data[half..]);
    let files = diff::parse(data);
    diff::show(files);
    let text = String::from_utf8_lossy(data);
    assert!(references::find(&text).len() <= 1 + text.len());
}
