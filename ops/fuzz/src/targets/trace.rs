//! What the hub writes above a mail that it takes, and the forms in which it signs one that leaves.

pub fn run(data: &[u8]) {
    mail::fuzz::trace(data);
    mail::fuzz::signing(data);
}
