//! The commands of SMTP (RFC 5321 section 4.1) and LMTP (RFC 2033), read from one line.

use crate::dsn::{OfMail, OfRcpt};

/// The longest path that is taken (RFC 5321 section 4.5.3.1.3 asks for 256).
const PATH: usize = 320;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// HELO, EHLO or LHLO with the client's name.
    Hello(Hello, String),
    Mail {
        from: String,
        size: Option<usize>,
        utf8: bool,
        dsn: OfMail,
    },
    Rcpt {
        to: String,
        dsn: OfRcpt,
    },
    Data,
    Rset,
    Noop,
    Quit,
    StartTls,
    Vrfy,
    Help,
    /// Known, and not offered.
    Unoffered(&'static str),
}

/// Which greeting the client used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hello {
    Helo,
    Ehlo,
    Lhlo,
}

/// Why a line is no command: the code, the enhanced code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub u16, pub &'static str, pub String);

fn syntax(text: &str) -> Fault {
    Fault(501, "5.5.4", text.to_owned())
}

/// Reads a command from a line without its CRLF.
pub(super) fn parse(line: &[u8]) -> Result<Command, Fault> {
    let garbled = || Fault(500, "5.5.2", "The command is not readable: it must be printable text.".into());
    let line = std::str::from_utf8(line).map_err(|_| garbled())?;
    if line.contains(|c: char| c.is_control() && c != '\t') {
        return Err(garbled());
    }
    let line = line.trim_end();
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let hello = |kind| match rest.is_empty() || rest.len() > 255 || rest.contains(['(', ')', '<', '>']) {
        true => Err(syntax("Say your own host name behind the greeting.")),
        false => Ok(Command::Hello(kind, rest.split_whitespace().next().unwrap_or_default().to_owned())),
    };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => hello(Hello::Ehlo),
        "HELO" => hello(Hello::Helo),
        "LHLO" => hello(Hello::Lhlo),
        "MAIL" => mail(after_colon(rest, "FROM", "Write MAIL FROM:<address>.")?),
        "RCPT" => rcpt(after_colon(rest, "TO", "Write RCPT TO:<address>.")?),
        "DATA" if rest.is_empty() => Ok(Command::Data),
        "STARTTLS" if rest.is_empty() => Ok(Command::StartTls),
        "RSET" if rest.is_empty() => Ok(Command::Rset),
        "QUIT" if rest.is_empty() => Ok(Command::Quit),
        "DATA" | "STARTTLS" | "RSET" | "QUIT" => Err(syntax("This command stands alone on its line.")),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "EXPN" => Ok(Command::Unoffered("EXPN")),
        "AUTH" => Ok(Command::Unoffered("AUTH")),
        "BDAT" => Ok(Command::Unoffered("BDAT")),
        "ETRN" => Ok(Command::Unoffered("ETRN")),
        "TURN" => Ok(Command::Unoffered("TURN")),
        _ => Err(Fault(500, "5.5.1", "This is no command of this protocol.".into())),
    }
}

/// Which of MAIL and RCPT a line is and the address in it, as far as it can be read: of a command that was refused.
pub(super) fn path_of(line: &[u8]) -> Option<(&'static str, String)> {
    let line = String::from_utf8_lossy(line);
    let verb = ["MAIL", "RCPT"].into_iter().find(|verb| {
        line.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(verb))
            && !line[4..].starts_with(char::is_alphanumeric)
    })?;
    let rest = line.split_once(':').map_or("", |(_, rest)| rest.trim());
    let address = rest.strip_prefix('<').map_or(rest, |rest| rest.split('>').next().unwrap_or_default());
    Some((verb, address.chars().take(PATH).collect()))
}

fn after_colon<'a>(rest: &'a str, word: &str, usage: &str) -> Result<&'a str, Fault> {
    let (found, path) = rest.split_once(':').ok_or_else(|| syntax(usage))?;
    if found.trim().eq_ignore_ascii_case(word) { Ok(path.trim_start()) } else { Err(syntax(usage)) }
}

fn mail(rest: &str) -> Result<Command, Fault> {
    let (from, parameters) = path(rest)?;
    let (mut size, mut utf8, mut dsn) = (None, false, OfMail::default());
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", digits) => {
                size = Some(digits.parse().map_err(|_| syntax("SIZE must be a number of bytes."))?);
            }
            ("BODY", "7BIT" | "8BITMIME") => {}
            ("SMTPUTF8", "") => utf8 = true,
            (name, _) => wish(dsn.take(name, value), parameter)?,
        }
    }
    if !utf8 && !from.is_ascii() {
        return Err(needs_utf8());
    }
    Ok(Command::Mail { from, size, utf8, dsn })
}

/// RFC 6531 section 3.5.
pub(super) fn needs_utf8() -> Fault {
    Fault(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8 behind MAIL FROM.".into())
}

fn rcpt(rest: &str) -> Result<Command, Fault> {
    let (to, parameters) = path(rest)?;
    let mut dsn = OfRcpt::default();
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        wish(dsn.take(&name.to_ascii_uppercase(), value), parameter)?;
    }
    if to.is_empty() {
        return Err(Fault(501, "5.1.3", "The recipient is empty.".into()));
    }
    Ok(Command::Rcpt { to, dsn })
}

/// Whether a parameter was a wish for reports, and a good one.
fn wish(taken: Option<bool>, parameter: &str) -> Result<(), Fault> {
    match taken {
        Some(true) => Ok(()),
        Some(false) => Err(syntax(&format!("{parameter} is not written as RFC 3461 says, or is there twice."))),
        None => Err(Fault(555, "5.5.4", format!("The parameter {parameter} is not known here."))),
    }
}

/// A path in angle brackets without its source route, and the parameters behind it (RFC 5321 section 4.1.2).
fn path(text: &str) -> Result<(String, &str), Fault> {
    let bad = || Fault(501, "5.1.3", "Put the address in angle brackets: <name@domain>.".into());
    let inner = text.strip_prefix('<').ok_or_else(bad)?;
    let mut quoted = false;
    let mut escaped = false;
    let mut end = None;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => {
                end = Some(at);
                break;
            }
            '<' if !quoted => return Err(bad()),
            _ => {}
        }
    }
    let end = end.ok_or_else(bad)?;
    let (path, rest) = (&inner[..end], &inner[end + 1..]);
    if !rest.is_empty() && !rest.starts_with(' ') {
        return Err(bad());
    }
    let path = match path.strip_prefix('@') {
        Some(route) => route.split_once(':').ok_or_else(bad)?.1,
        None => path,
    };
    if path.contains(char::is_control) {
        return Err(bad());
    }
    if path.len() > PATH {
        return Err(Fault(501, "5.1.3", "The address is too long.".into()));
    }
    Ok((path.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(address: &str) -> Command {
        Command::Mail { from: address.into(), size: None, utf8: false, dsn: OfMail::default() }
    }

    #[test]
    fn the_address_of_a_refused_command_is_read_as_far_as_it_goes() {
        for (line, read) in [
            ("MAIL FROM:<a@b> SIZE=x", Some(("MAIL", "a@b"))),
            ("rcpt to: a@b", Some(("RCPT", "a@b"))),
            ("MAIL FROM:<\u{e4}@b", Some(("MAIL", "\u{e4}@b"))),
            ("MAIL", Some(("MAIL", ""))),
            ("MAILBOX a", None),
            ("DATA", None),
            ("M\u{e4}IL", None),
        ] {
            assert_eq!(path_of(line.as_bytes()), read.map(|(verb, address)| (verb, address.to_owned())), "{line}");
        }
    }

    #[test]
    fn commands_are_read_in_any_case() {
        assert_eq!(parse(b"ehlo x.org "), Ok(Command::Hello(Hello::Ehlo, "x.org".into())));
        assert_eq!(parse(b"LHLO [127.0.0.1]"), Ok(Command::Hello(Hello::Lhlo, "[127.0.0.1]".into())));
        assert_eq!(parse(b"mail from:<a@b.c>"), Ok(from("a@b.c")));
        assert_eq!(parse(b"MAIL FROM: <>"), Ok(from("")));
        assert_eq!(parse(b"MAIL FROM:<@x,@y:a@b.c>"), Ok(from("a@b.c")));
        assert_eq!(parse(b"MAIL FROM:<\"a>b\"@c>"), Ok(from("\"a>b\"@c")));
        let sized = Command::Mail { from: "a@b".into(), size: Some(10), utf8: true, dsn: OfMail::default() };
        assert_eq!(parse(b"MAIL FROM:<a@b> SIZE=10 BODY=8BITMIME SMTPUTF8"), Ok(sized));
        assert_eq!(
            parse(b"RCPT TO:<Postmaster>"),
            Ok(Command::Rcpt { to: "Postmaster".into(), dsn: OfRcpt::default() })
        );
        assert_eq!(parse(b"QUIT"), Ok(Command::Quit));
    }

    #[test]
    fn faults_have_the_right_code() {
        for (line, code) in [
            ("", 500),
            ("FOO", 500),
            ("EHLO", 501),
            ("MAIL FROM:a@b", 501),
            ("MAIL TO:<a@b>", 501),
            ("MAIL", 501),
            ("MAIL FROM:<a@b", 501),
            ("MAIL FROM:<a@b>x", 501),
            ("MAIL FROM:<a@b> SIZE=x", 501),
            ("MAIL FROM:<a@b> RET=SOME", 501),
            ("MAIL FROM:<a@b> AUTH=<>", 555),
            ("MAIL FROM:<a@b> ENVID=1 ENVID=2", 501),
            ("RCPT TO:<>", 501),
            ("RCPT TO:<a@b> NOTIFY=NEVER,SUCCESS", 501),
            ("RCPT TO:<a@b> ENVID=1", 555),
            ("DATA now", 501),
            ("MAIL FROM:<ä@b>", 553),
            ("RCPT TO:<a@b\u{7}>", 500),
            ("MAIL FROM:<\"a\tb\"@c>", 501),
        ] {
            assert_eq!(parse(line.as_bytes()).unwrap_err().0, code, "{line}");
        }
        assert_eq!(parse(b"EHLO \xff").unwrap_err().0, 500);
    }

    proptest! {
        #[test]
        fn no_line_upsets_the_reader(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&line);
        }

        #[test]
        fn no_path_upsets_the_reader(line in "(MAIL FROM|RCPT TO):[<>@:,\"\\\\a-c ä=]{0,30}") {
            let _ = parse(line.as_bytes());
        }
    }
}
