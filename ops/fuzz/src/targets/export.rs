//! The files of an export of Roundup.

pub fn run(data: &[u8]) {
    tracker::fuzz::export(data);
}
