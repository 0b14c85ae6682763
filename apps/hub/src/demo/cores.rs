//! What the issues of the demo are about: written one by one, and in families with a row for each case.

use serde::Deserialize;

/// One issue before anybody is chosen for it.
#[derive(Clone, Debug, Default)]
pub struct Core {
    /// How other texts call it; empty when none does.
    pub key: String,
    pub component: String,
    /// `bug`, `feature`, `documentation`, `task`.
    pub kind: &'static str,
    pub title: String,
    pub symptom: String,
    /// The chain of functions and the exception: `mime/parser.py a>b | IndexError: ...`.
    pub trace: String,
    pub cause: String,
    pub remarks: Vec<String>,
    /// Empty, `wontfix`, `invalid`, `answered`.
    pub outcome: String,
}

const WRITTEN: [(&str, &str); 14] = [
    ("parser", include_str!("text/issues/parser.txt")),
    ("headers", include_str!("text/issues/headers.txt")),
    ("charset", include_str!("text/issues/charset.txt")),
    ("compose", include_str!("text/issues/compose.txt")),
    ("address", include_str!("text/issues/address.txt")),
    ("imap", include_str!("text/issues/imap.txt")),
    ("smtp", include_str!("text/issues/smtp.txt")),
    ("store", include_str!("text/issues/store.txt")),
    ("index", include_str!("text/issues/index.txt")),
    ("dkim", include_str!("text/issues/dkim.txt")),
    ("cli", include_str!("text/issues/cli.txt")),
    ("docs", include_str!("text/issues/docs.txt")),
    ("build", include_str!("text/issues/build.txt")),
    ("corpus", include_str!("text/issues/corpus.txt")),
];

/// The parts of the project, as the tracker knows them.
pub fn components() -> impl Iterator<Item = &'static str> {
    WRITTEN.iter().map(|(name, _)| *name)
}

#[derive(Deserialize)]
struct Families {
    family: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    component: String,
    kind: String,
    title: String,
    symptom: String,
    cause: String,
    #[serde(default)]
    o: String,
    rows: Vec<std::collections::BTreeMap<String, String>>,
}

/// All issues there are words for.
pub fn all() -> anyhow::Result<Vec<Core>> {
    let mut cores: Vec<Core> = WRITTEN.iter().flat_map(|(component, text)| written(component, text)).collect();
    for text in
        [include_str!("text/families.toml"), include_str!("text/families2.toml"), include_str!("text/families3.toml")]
    {
        let families: Families = toml::from_str(text)?;
        cores.extend(families.family.iter().flat_map(Family::cores));
    }
    Ok(cores)
}

impl Family {
    fn cores(&self) -> impl Iterator<Item = Core> {
        self.rows.iter().map(|row| {
            let fill = |text: &str| {
                row.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
            };
            Core {
                component: self.component.clone(),
                kind: kind(&self.kind),
                title: upper(&fill(&self.title)),
                symptom: upper(&fill(&self.symptom)),
                cause: upper(&fill(&self.cause)),
                outcome: self.o.clone(),
                ..Core::default()
            }
        })
    }
}

fn written(component: &str, text: &str) -> Vec<Core> {
    let mut cores: Vec<Core> = vec![];
    for line in text.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        if let Some(word) = mark.strip_prefix('@') {
            let (component, title) = (component.to_owned(), rest.to_owned());
            cores.push(Core { component, title, kind: kind(word), ..Core::default() });
        }
        let Some(core) = cores.last_mut() else { continue };
        match mark {
            "k" => core.key = rest.to_owned(),
            "s" => core.symptom = rest.to_owned(),
            "t" => core.trace = rest.to_owned(),
            "c" => core.cause = rest.to_owned(),
            "d" => core.remarks.push(rest.to_owned()),
            "o" => core.outcome = rest.to_owned(),
            _ => {}
        }
    }
    cores
}

fn kind(word: &str) -> &'static str {
    match word {
        "f" | "feature" => "feature",
        "d" | "docs" => "documentation",
        "t" | "task" | "question" => "task",
        _ => "bug",
    }
}

/// The text with a capital at its begin, unless it begins with a name of the program: a function, a file, a command.
fn upper(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    if first == "moth" || first.contains(['_', '(', '/', '.', '-']) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_four_hundred_and_no_title_comes_twice() {
        let mut titles: Vec<String> = all().unwrap().into_iter().map(|core| core.title).collect();
        assert_eq!(titles.len(), 400);
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), 400);
    }
}
