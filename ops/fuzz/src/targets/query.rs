//! Query strings of lists, and the words of a search.

pub fn run(data: &[u8]) {
    tracker::fuzz::query(data);
    search::fuzz::query(data);
}
