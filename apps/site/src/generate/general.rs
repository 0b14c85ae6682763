//! The general index: every word that pages put into it, by its first letter (Sphinx: `genindex`).

use std::collections::BTreeMap;

use super::files::address;
use super::index::Index;

/// The words below a letter, with where they stand and the words below them.
#[derive(Default)]
struct Word {
    places: Vec<String>,
    /// "see", "see also".
    see: Vec<(&'static str, String)>,
    below: BTreeMap<String, Word>,
}

/// The body of the page.
pub fn html(index: &Index<'_>) -> String {
    let mut letters: BTreeMap<String, BTreeMap<String, Word>> = BTreeMap::new();
    for (source, facts) in &index.pages {
        for entry in &facts.index {
            let url = index.link(super::index::GENERAL, &address(source), &entry.id);
            for (kind, path) in ways(&entry.kind, &entry.words) {
                let Some((first, rest)) = path.split_first() else { continue };
                let letter =
                    first.chars().find(|c| c.is_alphanumeric()).map_or("#".into(), |c| c.to_uppercase().to_string());
                let mut word = letters.entry(letter).or_default().entry((*first).to_owned()).or_default();
                match kind {
                    Some(kind) => word.see.push((kind, rest.join(" "))),
                    None => {
                        for part in rest {
                            word = word.below.entry((*part).to_owned()).or_default();
                        }
                        word.places.push(url.clone());
                    }
                }
            }
        }
    }
    let jump: Vec<String> =
        letters.keys().map(|letter| format!("<a href=\"#{0}\">{0}</a>", markup::escape(letter))).collect();
    let mut out = format!("<p class=\"letters\">{}</p>\n", jump.join(" "));
    for (letter, words) in &letters {
        let letter = markup::escape(letter);
        out.push_str(&format!("<section id=\"{letter}\">\n<h2>{letter}</h2>\n"));
        list(words, &mut out);
        out.push_str("</section>\n");
    }
    out
}

/// The paths of words that an entry stands at: `pair: a; b` is `a` below `b` and `b` below `a`.
fn ways<'t>(kind: &str, words: &'t str) -> Vec<(Option<&'static str>, Vec<&'t str>)> {
    let parts: Vec<&str> = words.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    match (kind, parts.as_slice()) {
        ("pair" | "double", [a, b]) => vec![(None, vec![*a, *b]), (None, vec![*b, *a])],
        ("triple", [a, b, c]) => vec![(None, vec![*a, *b, *c]), (None, vec![*b, *c, *a]), (None, vec![*c, *a, *b])],
        ("see", [a, b]) => vec![(Some("see"), vec![*a, *b])],
        ("seealso", [a, b]) => vec![(Some("see also"), vec![*a, *b])],
        _ => vec![(None, parts)],
    }
}

fn list(words: &BTreeMap<String, Word>, out: &mut String) {
    out.push_str("<ul class=\"general\">\n");
    for (name, word) in words {
        let name = markup::escape(name);
        out.push_str("<li>");
        match word.places.split_first() {
            Some((first, more)) => {
                out.push_str(&format!("<a href=\"{}\">{name}</a>", markup::escape(first)));
                for (number, url) in more.iter().enumerate() {
                    out.push_str(&format!(", <a href=\"{}\">[{}]</a>", markup::escape(url), number + 2));
                }
            }
            None => out.push_str(&name),
        }
        for (kind, target) in &word.see {
            out.push_str(&format!(", <em>{kind}</em> {}", markup::escape(target)));
        }
        if !word.below.is_empty() {
            list(&word.below, out);
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}
