//! What a mail to the tracker asks for.

pub fn run(data: &[u8]) {
    tracker::fuzz::mail(data);
}
