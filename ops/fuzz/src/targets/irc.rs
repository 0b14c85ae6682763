//! A connection of the bot: every line that a server may send.

pub fn run(data: &[u8]) {
    chat::fuzz::lines(data);
}
