//! What browsers and other web servers send: forms, files, cookies, pages that are filled again, paths, passwords.

pub fn run(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    match choice {
        b'f' => web::fuzz::form(rest),
        b'm' => web::fuzz::multipart(rest),
        b'c' => web::fuzz::cookies(rest),
        b'p' => accounts::fuzz::gate(rest),
        b'b' => accounts::fuzz::basic(rest),
        // A page, and behind a line of `=` what was typed.
        _ => {
            let text = String::from_utf8_lossy(rest);
            let (page, typed) = text.split_once("\n====\n").unwrap_or((&text, "name=value"));
            web::fuzz::refill(page, typed);
        }
    }
}
