//! Archives, as they are imported and exported.

pub fn run(data: &[u8]) {
    lists::fuzz::archive(data);
}
