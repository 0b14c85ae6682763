//! Roundup's CSV: `:` between fields, `"` around those that need it (doubled inside), `\n` at the end. Pure.

use std::borrow::Cow;

/// A row as it stands in its file, and its fields.
#[derive(Debug, PartialEq)]
pub struct Row<'t> {
    /// Without the line end.
    pub raw: &'t str,
    pub fields: Vec<Cow<'t, str>>,
}

/// The rows of a file; quoted fields may hold line ends and be of any length.
pub fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let mut fields = Vec::with_capacity(16);
        loop {
            let (field, next) = field(text, at);
            fields.push(field);
            match text.as_bytes().get(next) {
                Some(b':') => at = next + 1,
                _ => {
                    let raw = &text[start..next];
                    at = next + usize::from(text[next..].starts_with('\r'));
                    at += usize::from(text[at..].starts_with('\n'));
                    return Some(Row { raw, fields });
                }
            }
        }
    })
}

/// The field that begins at `at`, and where it ends: at a colon, a line end or the end.
fn field(text: &str, at: usize) -> (Cow<'_, str>, usize) {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        let end = text[at..].find([':', '\n', '\r']).map_or(text.len(), |end| at + end);
        return (Cow::Borrowed(&text[at..end]), end);
    }
    let mut end = at + 1;
    let mut doubled = false;
    while end < bytes.len() {
        if bytes[end] == b'"' {
            if bytes.get(end + 1) != Some(&b'"') {
                break;
            }
            doubled = true;
            end += 1;
        }
        end += 1;
    }
    let inner = &text[at + 1..end.min(text.len())];
    let value = if doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
    let after = (end + 1).min(text.len());
    // What follows a closing quote up to the next colon belongs to nothing.
    let next = text[after..].find([':', '\n', '\r']).map_or(text.len(), |end| after + end);
    (value, next)
}

/// A row as Python's `csv` writes it with minimal quoting, without its line end.
pub fn write(fields: &[impl AsRef<str>]) -> String {
    let mut out = String::new();
    for (at, field) in fields.iter().enumerate() {
        let field = field.as_ref();
        if at > 0 {
            out.push(':');
        }
        if field.contains([':', '"', '\n', '\r']) || (field.is_empty() && fields.len() == 1) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_are_told_apart() {
        let text = "a:b:is retired\n'1':\"'x: \"\"y\"\"\nz'\":False\n";
        let read: Vec<_> = rows(text).collect();
        assert_eq!(read[0].fields, ["a", "b", "is retired"]);
        assert_eq!(read[1].fields, ["'1'", "'x: \"y\"\nz'", "False"]);
        assert_eq!(read[1].raw, "'1':\"'x: \"\"y\"\"\nz'\":False");
        assert_eq!(read.len(), 2);
        assert_eq!(write(&read[1].fields), read[1].raw);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in proptest::collection::vec("[a:\"\n\r' é]{0,12}", 1..6)) {
            let text = write(&fields) + "\n";
            let read: Vec<_> = rows(&text).collect();
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(&read[0].fields, &fields);
        }

        #[test]
        fn no_file_upsets_the_reader(text in "\\PC{0,60}|[:\"\n]{0,20}") {
            let raw: usize = rows(&text).map(|row| row.raw.len()).sum();
            prop_assert!(raw <= text.len());
        }
    }
}
