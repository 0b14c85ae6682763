//! What the forms of accounts share.

use std::collections::BTreeMap;

use web::Fields;

use crate::Refusal;

/// Field name to sentence; the name `""` is the whole form.
pub type Errors = BTreeMap<&'static str, String>;

/// A password as it was typed: unlike other fields it keeps its blanks.
pub fn password<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.0.iter().rev().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

/// A name as one short line: without control characters, at most 100 characters.
pub fn line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// A refusal beside the field that it is about; what is no fault of the form goes on as an error.
pub fn explain(refusal: Refusal) -> web::Result<Errors> {
    use people::Refusal::{AddressTaken, BadAddress, BadName, NameTaken, NoSuchGroup, NoSuchPerson, PrimaryAddress};
    let field = match &refusal {
        Refusal::People(NameTaken(_) | BadName(_) | NoSuchPerson(_) | NoSuchGroup(_)) => "name",
        Refusal::People(BadAddress(_) | AddressTaken(_) | PrimaryAddress(_)) => "address",
        Refusal::WeakPassword(_) => "password",
        Refusal::NoTimeZone(_) => "timezone",
        Refusal::LongAbout(_) => "about",
        Refusal::WrongCurrent => "current",
        Refusal::Bad(_) | Refusal::WrongPassword | Refusal::Waiting => "",
        _ => return Err(refusal.into()),
    };
    Ok(Errors::from([(field, refusal.to_string())]))
}

/// A path of this hub to go on to; anything else is the front page.
pub fn next(text: &str) -> &str {
    let is_ours = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    if is_ours && !text.chars().any(char::is_control) { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn going_on_never_leaves_the_hub() {
        for ours in ["/", "/issues/12?page=2", "/people/ann"] {
            assert_eq!(next(ours), ours);
        }
        for foreign in ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nb"] {
            assert_eq!(next(foreign), "/");
        }
    }
}
