//! SASL PLAIN (RFC 4616) and EXTERNAL (RFC 4422 appendix A) over IRC (IRCv3 sasl-3.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The lines that say who the bot is by its password.
pub fn plain(user: &str, password: &str) -> Vec<String> {
    lines(&format!("\0{user}\0{password}"))
}

/// The lines that say who the bot is when its certificate proves it; without a user the certificate says that too.
pub fn external(user: &str) -> Vec<String> {
    lines(user)
}

/// The `AUTHENTICATE` lines of a message: pieces of 400, and `+` after a last one that is full, or for nothing at all.
fn lines(message: &str) -> Vec<String> {
    let encoded = STANDARD.encode(message);
    let mut lines: Vec<String> = encoded
        .as_bytes()
        .chunks(400)
        .map(|piece| format!("AUTHENTICATE {}", String::from_utf8_lossy(piece)))
        .collect();
    if encoded.len().is_multiple_of(400) {
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
    fn a_certificate_needs_no_words() {
        assert_eq!(external(""), ["AUTHENTICATE +"]);
        assert_eq!(external("jilles"), ["AUTHENTICATE amlsbGVz"]);
    }

    #[test]
    fn a_full_piece_is_followed_by_a_plus() {
        let lines = plain("u", &"p".repeat(297));
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].len(), lines[1].as_str()), ("AUTHENTICATE ".len() + 400, "AUTHENTICATE +"));
    }
}
