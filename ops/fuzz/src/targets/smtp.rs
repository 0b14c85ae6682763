//! Sessions of SMTP and LMTP: lines, commands, and mails up to their dots.

pub fn run(data: &[u8]) {
    mail::fuzz::session(data);
}
