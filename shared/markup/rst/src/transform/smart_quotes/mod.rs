//! Typographic quotes, dashes and ellipses ("Docutils Transforms", universal.SmartQuotes; the rules are those of
//! SmartyPants, <https://daringfireball.net/projects/smartypants/>).

mod languages;

use super::Work;
use crate::doctree::{Kind, Level, NodeId};
use languages::find_quotes;

/// One character of a text block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Plain(char),
    /// Escaped in the source: it stays as it is.
    Escaped(char),
    /// White space that a backslash took away.
    Gone,
}

impl Item {
    /// The character as the one before it sees it.
    fn as_next(self) -> char {
        match self {
            Item::Plain(c) => c,
            Item::Escaped(_) => '&',
            Item::Gone => '\0',
        }
    }

    /// The character as the one after it sees it.
    fn as_previous(self) -> char {
        match self {
            Item::Plain(c) => c,
            Item::Escaped(_) => ';',
            Item::Gone => ' ',
        }
    }
}

fn is_punctuation(c: char) -> bool {
    c == ' ' || (c.is_ascii_punctuation() && c != '&')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn opens(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '-' | '–' | '—')
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200c}')
}

impl Work<'_, '_> {
    pub(super) fn smart_quotes(&mut self) {
        if !self.options.smart_quotes {
            return;
        }
        let mut unknown: Vec<String> = Vec::new();
        for block in self.doc.descendants(self.doc.root()).collect::<Vec<_>>() {
            let kind = self.doc.kind(block);
            let inner = self.doc.parent(block).is_some_and(|p| self.doc.kind(p).is_text_element());
            let skipped = kind.is_fixed_text() || matches!(kind, Kind::Target | Kind::SubstitutionDefinition);
            if !kind.is_text_element() || inner || skipped || !self.doc.has_children(block) {
                continue;
            }
            let language = self.language_of(block);
            let quotes = find_quotes(&language);
            if quotes.is_none() && !unknown.contains(&language) {
                let text = format!("No smart quotes defined for language \"{language}\".");
                self.doc.report_at(Level::Warning, &text, block);
                unknown.push(language.clone());
            }
            let quotes = quotes.unwrap_or(["\"", "\"", "'", "'"]);
            self.educate_block(block, &quotes, language.starts_with("en"));
        }
    }

    fn language_of(&self, node: NodeId) -> String {
        let around = std::iter::once(node).chain(self.doc.ancestors(node));
        let class = around.flat_map(|n| self.doc.classes(n)).find_map(|class| class.strip_prefix("language-"));
        class.unwrap_or(self.options.language).to_owned()
    }

    fn educate_block(&mut self, block: NodeId, quotes: &[&str; 4], english: bool) {
        let texts: Vec<NodeId> = self.doc.descendants(block).filter(|&n| self.doc.kind(n) == Kind::Text).collect();
        let mut context = ' ';
        for text in texts {
            if self.is_literal(text) {
                context = self.doc.text(text).chars().next_back().unwrap_or(context);
                continue;
            }
            if self.doc.parent(text).is_some_and(|p| self.doc.kind(p) == Kind::OptionString) {
                continue;
            }
            let items = self.items(text);
            let before = if matches!(context, '"' | '\'') { ';' } else { context };
            let new = educate(&items, before, quotes, english);
            context = items.last().map_or(context, |last| last.as_previous());
            if new != self.doc.text(text) {
                self.doc.set_text(text, &new);
            }
        }
    }

    fn is_literal(&self, text: NodeId) -> bool {
        let literal = |n: NodeId| {
            let kind = self.doc.kind(n);
            let inline = [Kind::Literal, Kind::Math, Kind::Problematic, Kind::Image, Kind::LiteralStrong];
            kind.is_fixed_text() || inline.contains(&kind)
        };
        self.doc.ancestors(text).take(2).any(literal)
    }

    fn items(&self, text: NodeId) -> Vec<Item> {
        let escapes = self.doc.escapes_in(text);
        let mut next = escapes.iter().peekable();
        let mut items = Vec::new();
        for (at, c) in self.doc.text(text).char_indices() {
            let mut item = Item::Plain(c);
            while let Some((_, gone)) = next.next_if(|(e, _)| *e == at) {
                match gone {
                    true => items.push(Item::Gone),
                    false => item = Item::Escaped(c),
                }
            }
            items.push(item);
        }
        items
    }
}

/// The text with dashes, ellipses and quotes replaced; `context` stands before it.
fn educate(items: &[Item], context: char, quotes: &[&str; 4], english: bool) -> String {
    let items = join_dashes(items);
    let [open, close, open_second, close_second] = *quotes;
    let mut out = String::new();
    let at = |i: usize| items.get(i).copied().map(Item::as_next);
    for (i, item) in items.iter().enumerate() {
        let quote = match *item {
            Item::Plain(c @ ('"' | '\'')) => c,
            Item::Plain(c) | Item::Escaped(c) => {
                out.push(c);
                continue;
            }
            Item::Gone => continue,
        };
        let before = i.checked_sub(1).map_or(context, |i| items[i].as_previous());
        let (next, after) = (at(i + 1), at(i + 2));
        let word_next = next.is_some_and(is_word);
        let other = if quote == '"' { '\'' } else { '"' };
        let adjacent = (next == Some(other) && after.is_some_and(is_word)) || (before == other && word_next);
        let spaced = next == Some(' ') || (next.is_some_and(is_punctuation) && after == Some(' '));
        let opening = (separates(before) || opens(before)) && (word_next || next.is_some_and(is_punctuation));
        let is_open = if adjacent {
            true
        } else if opens(before) && spaced {
            false
        } else {
            opening || (before.is_whitespace() && !(quote == '"' && next.is_some_and(char::is_whitespace)))
        };
        let digits = |i| at(i).is_some_and(|c| c.is_ascii_digit());
        let decade = english && digits(i + 1) && digits(i + 2) && at(i + 3) == Some('s');
        let apostrophe = (decade && !adjacent) || (!is_open && is_word(before) && word_next && close_second != "'");
        out.push_str(match (quote, is_open) {
            ('\'', _) if apostrophe => "\u{2019}",
            ('\'', true) => open_second,
            ('\'', false) => close_second,
            (_, true) => open,
            (_, false) => close,
        });
    }
    out
}

/// Replaces runs of hyphens and of dots.
fn join_dashes(items: &[Item]) -> Vec<Item> {
    const SIGNS: [(&str, char); 4] = [("---", '—'), ("--", '–'), ("...", '…'), (". . .", '…')];
    let mut out = Vec::with_capacity(items.len());
    let mut i = 0;
    while i < items.len() {
        let stands = |sign: &str| sign.chars().enumerate().all(|(k, c)| items.get(i + k) == Some(&Item::Plain(c)));
        match SIGNS.iter().find(|(sign, _)| stands(sign)) {
            Some((sign, c)) => {
                out.push(Item::Plain(*c));
                i += sign.len();
            }
            None => {
                out.push(items[i]);
                i += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(text: &str) -> String {
        let items: Vec<Item> = text.chars().map(Item::Plain).collect();
        educate(&items, ' ', &find_quotes("en").unwrap_or_default(), true)
    }

    #[test]
    fn quotes_turn_the_right_way() {
        for (text, expected) in [
            ("\"Isn't this fun?\"", "“Isn’t this fun?”"),
            ("'nested \"quotes\"'", "‘nested “quotes”’"),
            ("the '80s -- 1440-80's", "the ’80s – 1440-80’s"),
            ("(\"a\") --- b...", "(“a”) — b…"),
        ] {
            assert_eq!(english(text), expected);
        }
    }
}
