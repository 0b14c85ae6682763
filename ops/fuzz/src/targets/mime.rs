//! Mails: their parts, bounces and reports, commands to lists, headers without foreign fields.

pub fn run(data: &[u8]) {
    mail::fuzz::message(data);
    lists::fuzz::mail(data);
}
