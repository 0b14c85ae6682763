//! What people write to a list's `-request` address: one command a line.
//!
//! Pure. At most ten lines are read, up to `end`, a signature or a quote.

/// Lines that are read.
const LINES: usize = 10;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Join,
    Leave,
    Confirm(String),
    /// Where the list's pages are and what it is for.
    Info,
    /// A line that is none of these, as it was written.
    Unknown(String),
}

/// The commands of a mail: those of its subject, else those of its text.
pub fn read(subject: &str, text: &str) -> Vec<Command> {
    if let Some(command) = subject_command(subject) {
        return vec![command];
    }
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).take(LINES) {
        if line.starts_with("--") || line.starts_with('>') || is_end(line) {
            break;
        }
        found.push(line_command(line).unwrap_or_else(|| Command::Unknown(line.trim().chars().take(80).collect())));
    }
    found
}

/// The command in a subject, also behind `Re:`; a subject that is none says nothing.
fn subject_command(subject: &str) -> Option<Command> {
    let mut subject = subject.trim();
    while let Some((before, rest)) = subject.split_once(':').filter(|(before, _)| before.len() <= 5) {
        if before.contains(' ') {
            break;
        }
        subject = rest.trim_start();
    }
    line_command(subject)
}

fn is_end(line: &str) -> bool {
    let word = line.trim().to_ascii_lowercase();
    matches!(word.as_str(), "end" | "stop" | "quit" | "exit")
}

fn line_command(line: &str) -> Option<Command> {
    let mut words = line.split_whitespace();
    let word = words.next()?.to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    match (word.as_str(), rest.len()) {
        ("help", 0) => Some(Command::Help),
        // What stands behind names an address or a password elsewhere; here the sender is the one who is meant.
        ("subscribe" | "join", 0..=1) => Some(Command::Join),
        ("unsubscribe" | "leave" | "remove" | "signoff", 0..=1) => Some(Command::Leave),
        ("confirm", 1) => Some(Command::Confirm(rest[0].to_ascii_lowercase())),
        ("info", 0) => Some(Command::Info),
        _ => None,
    }
}

/// What a moderator answers to the notice of a held post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Accept,
    /// With what the author is told, which may be empty.
    Reject(String),
    Discard,
}

/// The decision in an answer: the first word of its first line, and for a rejection the lines after it.
pub fn decision(text: &str) -> Option<Decision> {
    let own: Vec<&str> =
        text.lines().map(str::trim).take_while(|line| !line.starts_with('>') && *line != "--").collect();
    let first = own.iter().position(|line| !line.is_empty())?;
    let (word, rest) = own[first].split_once(char::is_whitespace).unwrap_or((own[first], ""));
    let word = word.trim_end_matches(['.', ',', ':']).to_ascii_lowercase();
    match word.as_str() {
        "accept" | "approve" => Some(Decision::Accept),
        "discard" | "drop" => Some(Decision::Discard),
        "reject" => {
            let lines = std::iter::once(rest.trim()).chain(own[first + 1..].iter().copied());
            // A program introduces the quote with a line that ends in a colon.
            let lines: Vec<&str> = lines.take(LINES).filter(|line| !line.is_empty() && !line.ends_with(':')).collect();
            Some(Decision::Reject(lines.join(" ").chars().take(500).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_stand_in_the_subject_or_in_the_text() {
        let token = "0123456789abcdef0123456789abcdef";
        let table: [(&str, &str, Vec<Command>); 9] = [
            ("help", "", vec![Command::Help]),
            ("Re: Confirm 0123456789ABCDEF0123456789abcdef", "> quoted", vec![Command::Confirm(token.into())]),
            ("AW: Re: subscribe", "", vec![Command::Join]),
            ("Hello", "subscribe ann@x.org\nend\nleave", vec![Command::Join]),
            ("", "join\n-- \nAnn", vec![Command::Join]),
            ("", "\n\nunsubscribe\n\n> you wrote", vec![Command::Leave]),
            ("please", "please subscribe me\n", vec![Command::Unknown("please subscribe me".into())]),
            ("", "", vec![]),
            ("confirm", "info", vec![Command::Info]),
        ];
        for (subject, text, commands) in table {
            assert_eq!(read(subject, text), commands, "{subject:?} {text:?}");
        }
        assert_eq!(read("", &"x\n".repeat(50)).len(), LINES);
    }

    #[test]
    fn moderators_decide_with_one_word() {
        let reject = |text: &str| Some(Decision::Reject(text.into()));
        assert_eq!(decision("accept\n> Subject: x"), Some(Decision::Accept));
        assert_eq!(decision("\n Accept.\n"), Some(Decision::Accept));
        assert_eq!(decision("discard, it is spam"), Some(Decision::Discard));
        assert_eq!(decision("reject"), reject(""));
        assert_eq!(
            decision("Reject Write to users instead.\nThanks\n\nOn Monday hub wrote:\n> x"),
            reject("Write to users instead. Thanks")
        );
        assert_eq!(decision("> accept"), None);
        assert_eq!(decision("I am on holiday"), None);
        assert_eq!(decision(""), None);
    }

    proptest! {
        #[test]
        fn any_mail_is_read(subject in "\\PC{0,60}", text in "(?s).{0,300}") {
            prop_assert!(read(&subject, &text).len() <= LINES);
            decision(&text);
        }
    }
}
