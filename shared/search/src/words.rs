//! What people type into a search box, made safe for the databases' own query languages.

/// One part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// A word, or the words of a phrase.
    pub text: String,
    pub phrase: bool,
    /// `-word`: must not occur.
    pub without: bool,
}

/// The terms of a query and the filters among them (`in:lists`, `by:ann`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub terms: Vec<Term>,
    pub filters: Vec<(String, String)>,
}

/// Reads a query: words, "phrases", `-without`, `in:MODULE`, `by:NAME`. Any text is a query; at most 20 terms count.
pub(crate) fn read(query: &str) -> Words {
    let mut words = Words::default();
    let mut rest = query.trim_start();
    while !rest.is_empty() && words.terms.len() < 20 {
        let without = rest.starts_with('-') && rest.len() > 1;
        let start = if without { &rest[1..] } else { rest };
        let (text, phrase, after) = match start.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some((text, after)) => (text, true, after),
                None => (quoted, true, ""),
            },
            None => {
                let end = start.find(char::is_whitespace).unwrap_or(start.len());
                (&start[..end], false, &start[end..])
            }
        };
        match text.split_once(':') {
            Some((name @ ("in" | "by"), value)) if !phrase && !value.is_empty() => {
                words.filters.push((name.to_owned(), value.to_lowercase()));
            }
            _ if text.chars().any(char::is_alphanumeric) => {
                words.terms.push(Term { text: text.chars().take(100).collect(), phrase, without });
            }
            _ => {}
        }
        rest = after.trim_start();
    }
    words
}

impl Term {
    /// Whether it finds longer words too: those of three letters and more do, which the index is made for.
    pub fn is_prefix(&self) -> bool {
        !self.phrase && self.text.chars().count() >= 3
    }
}

/// A text as a phrase of FTS5's language.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

impl Words {
    /// Whether there is a word to look for.
    pub fn ask(&self) -> bool {
        self.terms.iter().any(|term| !term.without)
    }

    /// The query in FTS5's language, each term quoted; empty when there is nothing to look for.
    pub fn fts5(&self) -> String {
        let quoted = |term: &Term| {
            let star = if term.is_prefix() { "*" } else { "" };
            format!("{}{star}", quoted(&term.text))
        };
        let wanted: Vec<String> = self.terms.iter().filter(|term| !term.without).map(quoted).collect();
        let without: Vec<String> = self.terms.iter().filter(|term| term.without).map(quoted).collect();
        if wanted.is_empty() {
            return String::new();
        }
        let mut query = format!("({})", wanted.join(" AND "));
        for term in without {
            query.push_str(&format!(" NOT {term}"));
        }
        query
    }

    /// The query for `to_tsquery`, each term quoted; what could end the quotes separates words anyway.
    pub fn tsquery(&self) -> String {
        let term = |term: &Term| {
            let (not, star) = (if term.without { "!" } else { "" }, if term.is_prefix() { ":*" } else { "" });
            format!("{not}'{}'{star}", term.text.replace(['\'', '"', '\\'], " "))
        };
        self.terms.iter().map(term).collect::<Vec<_>>().join(" & ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_exclusions_and_filters_are_told_apart() {
        let words = read("crash \"on start\" -windows in:lists by:Ann");
        assert_eq!(words.fts5(), "(\"crash\"* AND \"on start\") NOT \"windows\"*");
        assert_eq!(words.tsquery(), "'crash':* & 'on start' & !'windows':*");
        assert_eq!(words.filters, [("in".into(), "lists".into()), ("by".into(), "ann".into())]);
    }

    #[test]
    fn no_text_can_leave_its_quotes() {
        for text in ["\"", "a\"b OR c", "-", "NEAR(", "* ^ :", "", "\"open", "don't", "a\\", "x':*|'y"] {
            let query = read(text).fts5();
            assert_eq!(query.matches('"').count() % 2, 0, "{text} became {query}");
            let query = read(text).tsquery();
            assert_eq!(query.matches('\'').count(), 2 * read(text).terms.len(), "{text} became {query}");
            assert!(!query.contains('\\'), "{text} became {query}");
        }
    }
}
