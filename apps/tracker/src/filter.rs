//! What a list of issues is asked for, as it stands in a URL or in the search box. Pure.
//!
//! `q=crash status:open`, `status=1,2`, `priority=bug`, `keyword=-1` (without any), `assignedto=!ann` (anybody else),
//! `activity=-2w..`, `sort=-activity,priority`, `group=status`, `columns=id,title`, `page=2`, `size=100`. Roundup's names
//! (`@sort`, `:sort`, `@startwith`, `@search_text`) are read too.

/// The most values of one property, and the most terms.
const MOST: usize = 200;

/// What a list of issues is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words to look for in titles and messages.
    pub text: String,
    pub terms: Vec<Term>,
    /// Property and whether it descends; at most three.
    pub sort: Vec<Order>,
    pub group: Option<Order>,
    /// Empty for the tracker's own choice.
    pub columns: Vec<String>,
    /// From 1.
    pub page: u64,
    /// Rows a page; 0 for the tracker's own choice.
    pub size: u64,
    /// Words of the search box that name a property which there is not: `colour:red`. They are looked for as words.
    pub unknown: Vec<String>,
}

/// A property by which a list is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub property: String,
    pub descends: bool,
}

/// What one property must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub property: String,
    /// Whether it must not be.
    pub negated: bool,
    /// Any of these, as they were typed; `-1` stands for no value.
    pub values: Vec<String>,
}

impl Order {
    /// Reads `-activity`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (descends, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        is_name(name).then(|| Self { property: name.to_owned(), descends })
    }

    /// Writes `-activity`.
    pub fn written(&self) -> String {
        format!("{}{}", if self.descends { "-" } else { "" }, self.property)
    }
}

impl Filter {
    /// Reads the pairs of a query string; `knows` tells whether a name is a property, other names are left alone.
    pub fn read(pairs: &[(String, String)], knows: impl Fn(&str) -> bool) -> Self {
        let mut filter = Self { page: 1, ..Self::default() };
        let mut start = None;
        for (name, value) in pairs {
            let bare = name.trim_start_matches(['@', ':']);
            match bare {
                "q" | "search_text" => filter.read_text(value, &knows),
                "sort" => filter.sort = value.split(',').filter_map(Order::read).take(3).collect(),
                "group" => filter.group = value.split(',').find_map(Order::read),
                "columns" => {
                    filter.columns = value.split(',').filter(|c| is_name(c)).take(40).map(str::to_owned).collect();
                }
                "page" => filter.page = value.parse().unwrap_or(1),
                "size" | "pagesize" => filter.size = value.parse().unwrap_or(0),
                "startwith" => start = value.parse::<u64>().ok(),
                _ if bare == name && knows(name) => filter.read_term(name, value),
                _ => {}
            }
        }
        filter.size = filter.size.min(500);
        if let Some(start) = start {
            filter.page = (start / if filter.size == 0 { 50 } else { filter.size }).saturating_add(1);
        }
        filter.page = filter.page.clamp(1, 1_000_000);
        filter
    }

    /// The terms that name this property.
    pub fn of<'a>(&'a self, property: &'a str) -> impl Iterator<Item = &'a Term> {
        self.terms.iter().filter(move |term| term.property == property)
    }

    fn read_term(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() || self.terms.len() >= MOST {
            return;
        }
        let (negated, value) = match value.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        // A title or another text may hold commas; links and ranges never do.
        let parts: Vec<&str> = if name == "title" { vec![value] } else { value.split(',').collect() };
        let values: Vec<String> =
            parts.into_iter().map(str::trim).filter(|v| !v.is_empty()).take(MOST).map(str::to_owned).collect();
        // A name that comes twice means any of its values, as forms with several choices send them.
        match self.terms.iter_mut().find(|term| term.property == name && term.negated == negated) {
            Some(term) => term.values.extend(values),
            None => self.terms.push(Term { property: name.to_owned(), negated, values }),
        }
    }

    /// Takes `status:open` and `status:"need eg"` out of what was typed; the rest is looked for.
    fn read_text(&mut self, typed: &str, knows: &impl Fn(&str) -> bool) {
        let mut words: Vec<&str> = Vec::new();
        for word in split_quoted(typed) {
            match word.split_once(':') {
                Some((name, value)) if knows(name) && !value.is_empty() => {
                    self.read_term(name, &value.replace('"', ""));
                }
                _ => match word.strip_prefix('-').and_then(|word| word.split_once(':')) {
                    Some((name, value)) if knows(name) && !value.is_empty() => {
                        self.read_term(name, &format!("!{}", value.replace('"', "")));
                    }
                    _ => {
                        if names_a_property(word) && self.unknown.len() < MOST {
                            self.unknown.push(word.chars().take(80).collect());
                        }
                        words.push(word);
                    }
                },
            }
        }
        self.text = words.join(" ").chars().take(500).collect();
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 60 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a word looks like `colour:red`, and not like an address, a path or `std::vec`.
fn names_a_property(word: &str) -> bool {
    let Some((name, value)) = word.strip_prefix('-').unwrap_or(word).split_once(':') else { return false };
    name.len() > 1
        && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        && value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '@' | '-' | '!'))
}

/// Words at blanks, but not within double quotes.
fn split_quoted(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                words.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// A range `from..to`, `from to` in Roundup's words (`from -2w to -1d`), or one value that stands for itself.
pub fn range(text: &str) -> (Option<&str>, Option<&str>) {
    let text = text.trim();
    let some = |text: &'_ str| -> bool { !text.trim().is_empty() };
    if let Some((from, to)) = text.split_once("..").or_else(|| text.split_once(';')) {
        return (Some(from.trim()).filter(|t| some(t)), Some(to.trim()).filter(|t| some(t)));
    }
    if let Some(rest) = text.strip_prefix("from ") {
        return match rest.split_once(" to ") {
            Some((from, to)) => (Some(from.trim()), Some(to.trim())),
            None => (Some(rest.trim()), None),
        };
    }
    if let Some(rest) = text.strip_prefix("to ") {
        return (None, Some(rest.trim()));
    }
    (Some(text), Some(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(query: &[(&str, &str)]) -> Filter {
        let pairs: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Filter::read(&pairs, |name| ["status", "priority", "assignedto", "title", "keyword"].contains(&name))
    }

    fn term(property: &str, negated: bool, values: &[&str]) -> Term {
        Term { property: property.into(), negated, values: values.iter().map(|v| (*v).to_owned()).collect() }
    }

    #[test]
    fn urls_say_what_is_wanted() {
        let filter = read(&[
            ("status", "1,2"),
            ("status", "unread"),
            ("keyword", "!gc"),
            ("sort", "-activity,title"),
            ("page", "3"),
        ]);
        assert_eq!(filter.terms, [term("status", false, &["1", "2", "unread"]), term("keyword", true, &["gc"])]);
        assert_eq!(filter.sort.iter().map(Order::written).collect::<Vec<_>>(), ["-activity", "title"]);
        assert_eq!(filter.page, 3);
        assert_eq!(read(&[("title", "a, b"), ("csrf", "x"), ("status", "")]).terms, [term("title", false, &["a, b"])]);
    }

    #[test]
    fn roundups_urls_are_read() {
        let filter = read(&[
            ("@columns", "title,id"),
            ("@sort", "activity"),
            ("@group", "priority"),
            ("@filter", "status"),
            ("status", "-1,1,2"),
            ("@pagesize", "20"),
            ("@startwith", "40"),
            (":search_text", "crash"),
        ]);
        assert_eq!((filter.page, filter.size, filter.text.as_str()), (3, 20, "crash"));
        assert_eq!(filter.columns, ["title", "id"]);
        assert_eq!(filter.group.map(|order| order.property).as_deref(), Some("priority"));
        assert_eq!(filter.terms, [term("status", false, &["-1", "1", "2"])]);
    }

    #[test]
    fn the_search_box_takes_terms_among_words() {
        let filter = read(&[("q", "crash status:\"need eg\",open -priority:wish http://x \"on start\"")]);
        assert_eq!(filter.text, "crash http://x \"on start\"");
        assert_eq!(filter.terms, [term("status", false, &["need eg", "open"]), term("priority", true, &["wish"])]);
        assert!(filter.unknown.is_empty(), "{:?}", filter.unknown);
        let filter = read(&[("q", "colour:red std::vec TypeError:x mailto: -owner:ann a:b http://x 12:30")]);
        assert_eq!(filter.unknown, ["colour:red", "-owner:ann"]);
        assert!(filter.text.contains("colour:red"), "it is looked for all the same: {}", filter.text);
    }

    #[test]
    fn ranges_have_two_ends() {
        for (text, ends) in [
            ("-2w..", (Some("-2w"), None)),
            ("..2026-01-01", (None, Some("2026-01-01"))),
            ("from -2w to -1d", (Some("-2w"), Some("-1d"))),
            ("2026-01-01;2026-02-01", (Some("2026-01-01"), Some("2026-02-01"))),
            ("2026-01", (Some("2026-01"), Some("2026-01"))),
        ] {
            assert_eq!(range(text), ends);
        }
    }

    proptest! {
        #[test]
        fn no_query_upsets_the_reader(name in "[@:a-z]{0,8}", value in "\\PC{0,60}") {
            for name in [name.as_str(), "q", "status", "sort", "@startwith"] {
                let filter = read(&[(name, &value)]);
                prop_assert!(filter.page >= 1 && filter.size <= 500);
            }
            range(&value);
        }
    }
}
