//! What hooks spool and forges post.

pub fn run(data: &[u8]) {
    commits::fuzz::hook(data);
}
