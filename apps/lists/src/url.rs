//! Where things of this app stand. These addresses never change: mails and other sites carry them.

/// Characters of a Message-ID that stand in a path as they are, besides letters and digits.
const BARE: &[u8] = b"-._~@+=$";

/// A Message-ID as one part of a path.
pub fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || BARE.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    // A part of dots alone would be taken for a way up.
    if out.bytes().all(|byte| byte == b'.') { out.replace('.', "%2E") } else { out }
}

/// `/lists/NAME/`
pub fn list(name: &str) -> String {
    format!("/lists/{name}/")
}

/// `/lists/NAME/WHAT`
pub fn of_list(name: &str, what: &str) -> String {
    format!("/lists/{name}/{what}")
}

/// `/lists/NAME/MESSAGE-ID/`, with `?copy=` for another mail of the same Message-ID.
pub fn message(name: &str, message_id: &str, copy: i64) -> String {
    let copy = if copy == 0 { String::new() } else { format!("?copy={copy}") };
    format!("/lists/{name}/{}/{copy}", part(message_id))
}

/// `/lists/NAME/MESSAGE-ID/WHAT`
pub fn of_message(name: &str, message_id: &str, copy: i64, what: &str) -> String {
    let copy = if copy == 0 { String::new() } else { format!("?copy={copy}") };
    format!("/lists/{name}/{}/{what}{copy}", part(message_id))
}

/// The page of the whole thread, at one of its messages.
pub fn thread(name: &str, message_id: &str) -> String {
    format!("/lists/{name}/{}/t/", part(message_id))
}

/// `/lists/NAME/month/2026-11/`
pub fn month(name: &str, month: &str) -> String {
    format!("/lists/{name}/month/{month}/")
}

/// Where a member's secret ends the membership.
pub fn unsubscribe(token: &str) -> String {
    format!("/lists/unsubscribe/{token}")
}

/// Where a secret that came by mail is confirmed.
pub fn confirm(secret: &str) -> String {
    format!("/lists/confirm/{secret}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_of_all_kinds_are_one_part() {
        assert_eq!(message("dev", "a.b+c=$1@x.org", 0), "/lists/dev/a.b+c=$1@x.org/");
        assert_eq!(message("dev", "a/b?c#d%e é@x", 2), "/lists/dev/a%2Fb%3Fc%23d%25e%20%C3%A9@x/?copy=2");
        assert_eq!(of_message("dev", "..", 0, "raw"), "/lists/dev/%2E%2E/raw");
    }
}
