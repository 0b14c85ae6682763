//! What the doctor is answered: by name servers, by web servers, and what the smarthost says to a mail.

use crate::dns::{Kind, Record, answers, question};
use crate::probe::Answer;

pub fn run(data: &[u8]) {
    for kind in [Kind::A, Kind::Aaaa, Kind::Mx, Kind::Txt] {
        let found = match answers(data, kind) {
            Ok(found) => found,
            Err(why) => {
                assert!(!why.is_empty() && !why.ends_with('.'), "{why}");
                continue;
            }
        };
        assert!(found.len() <= data.len() / 10, "{} records in {} bytes", found.len(), data.len());
        for record in found {
            match record {
                Record::Address(_) => assert!(matches!(kind, Kind::A | Kind::Aaaa)),
                // A byte that is no text becomes a letter of three.
                Record::Mx(_, name) => assert!(name.len() < 40_000 && !name.contains(char::is_control), "{name:?}"),
                Record::Text(text) => {
                    assert!(text.len() <= 3 * data.len() && !text.contains(char::is_control), "{text:?}")
                }
            }
        }
    }
    let name = String::from_utf8_lossy(data);
    if let Some(asked) = question(7, &name, Kind::Mx) {
        // A question is an answer without records, whatever name it carries.
        assert_eq!(answers(&asked, Kind::Mx), Ok(vec![]), "{name:?}");
    }
    if let Some(answer) = Answer::read(data) {
        for field in ["location", "server", "x-guildhall", ""] {
            assert!(answer.field(field).is_none_or(|value| !value.contains(char::is_control)), "{answer:?}");
        }
    }
    mail::fuzz::replies(data);
}
