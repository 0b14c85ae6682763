//! What git, svn and hg answer: logs, diffs, messages.

pub fn run(data: &[u8]) {
    commits::fuzz::answer(data);
}
