//! SASL PLAIN over IRC (RFC 4616, IRCv3 sasl-3.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The `AUTHENTICATE` lines that say who the bot is: pieces of 400, and `+` after a last one that is full.
pub fn plain(user: &str, password: &str) -> Vec<String> {
    let encoded = STANDARD.encode(format!("\0{user}\0{password}"));
    let mut lines: Vec<String> = encoded
        .as_bytes()
        .chunks(400)
        .map(|piece| format!("AUTHENTICATE {}", String::from_utf8_lossy(piece)))
        .collect();
    if encoded.len() % 400 == 0 {
        lines.push("AUTHENTICATE +".into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_and_its_password_are_one_word() {
        assert_eq!(plain("jilles", "sesame"), ["AUTHENTICATE AGppbGxlcwBzZXNhbWU="]);
    }

    #[test]
    fn a_full_piece_is_followed_by_a_plus() {
        let lines = plain("u", &"p".repeat(297));
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].len(), lines[1].as_str()), ("AUTHENTICATE ".len() + 400, "AUTHENTICATE +"));
    }
}
