//! Sender addresses that carry a recipient (VERP).

pub fn run(data: &[u8]) {
    mail::fuzz::verp(data);
}
