//! Mail addresses: fields of them, recipients, and what is written back.

pub fn run(data: &[u8]) {
    mail::fuzz::address(data);
}
