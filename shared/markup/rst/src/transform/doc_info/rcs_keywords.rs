//! Keywords of revision control systems in bibliographic fields (reStructuredText specification, "RCS Keywords").

use super::super::Work;
use crate::doctree::{Kind, NodeId};

impl Work<'_, '_> {
    /// Replaces `$Keyword: value $` of old revision control systems by the value.
    pub(super) fn clean_keywords(&mut self, paragraph: NodeId) {
        let Some(text) = self.doc.first_child(paragraph) else { return };
        if self.doc.kind(text) != Kind::Text || self.doc.next_sibling(text).is_some() {
            return;
        }
        if let Some(clean) = without_keyword(self.doc.text(text)) {
            self.doc.set_text(text, &clean);
        }
    }
}

/// The text with its first keyword replaced by its value; dates lose their time.
fn without_keyword(text: &str) -> Option<String> {
    let start = text.find('$')?;
    let (keyword, rest) = text[start + 1..].split_once(": ")?;
    let end = rest.rfind(" $")?;
    if keyword.is_empty() || !keyword.bytes().all(|b| b.is_ascii_alphabetic()) || end == 0 {
        return None;
    }
    let value = &rest[..end];
    let date = |value: &str| {
        let digits = |range: std::ops::Range<usize>| value.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        let time = value.as_bytes().get(10).is_some_and(|b| matches!(b, b' ' | b'T'));
        Some(format!("{}-{}-{}", digits(0..4)?, digits(5..7)?, digits(8..10)?)).filter(|_| time)
    };
    let value = match keyword.to_ascii_lowercase().as_str() {
        "date" => date(value).unwrap_or_else(|| value.to_owned()),
        "rcsfile" => value.strip_suffix(",v").unwrap_or(value).to_owned(),
        _ => value.to_owned(),
    };
    Some(format!("{}{value}{}", &text[..start], &rest[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_give_way_to_their_values() {
        for (text, expected) in [
            ("$Date: 2002/08/13 01:51:28 $", Some("2002-08-13")),
            ("$RCSfile: a.txt,v $", Some("a.txt")),
            ("$Revision: 1.2 $", Some("1.2")),
            ("$5 and 5$", None),
        ] {
            assert_eq!(without_keyword(text).as_deref(), expected, "{text}");
        }
    }
}
