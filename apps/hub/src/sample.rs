//! A sample of `guildhall.toml`: every key with what it does and its default, written from the code.

use serde_json::Value;

use crate::settings::{SOURCES, defaults, documented};

const HEAD: &str = "\
# The configuration of Guildhall: every key with its default. Take the mark off a line to change it.
# Written by `guildhall check --sample`. The manual has more: docs/admin/configuration.md
";
/// Keys without a default, and what one could write.
const EXAMPLES: [(&str, &str); 2] =
    [("hub.url", "https://hub.example.org"), ("mail.smarthost", "smtp://user:password@mail.example.org")];
/// Keys that are tables themselves: which struct describes them, in which source, and one as it could be.
const TABLES: [(&str, &str, &str, &str); 2] = [
    (
        "chat.network",
        "Network",
        include_str!("../../chat/src/config.rs"),
        "name = \"libera\"\nserver = \"irc.libera.chat:6697\"\nnick = \"guildhall\"\nchannels = [\"#project\"]\n",
    ),
    (
        "accounts.gate",
        "Gate",
        include_str!("../../accounts/src/gate.rs"),
        "path = \"/private/\"\nhost = \"www.example.org\"\ngroups = [\"members\"]\npublic = false\n",
    ),
];
/// Columns of the text.
const WIDTH: usize = 100;

/// The sample.
pub fn sample() -> String {
    let mut out = HEAD.to_owned();
    let defaults = defaults();
    for ((name, of, source), values) in SOURCES.iter().zip(&defaults) {
        let (about, fields) = documented(source, of);
        out.push_str(&format!("\n\n# {about}\n[{name}]\n"));
        let module = !matches!(*name, "hub" | "mail");
        if module {
            out.push_str("# Whether the module is on.\n# enabled = true\n");
        }
        for (field, about) in fields.iter().filter(|(field, _)| field != "enabled") {
            let key = format!("{name}.{field}");
            out.push('\n');
            match TABLES.iter().find(|(table, ..)| *table == key) {
                Some((_, of, source, example)) => tables(&mut out, &key, about, &documented(source, of).1, example),
                None => {
                    comment(&mut out, about);
                    out.push_str(&format!("# {field} = {}\n", written(&key, values.get(field))));
                }
            }
        }
    }
    out
}

fn tables(out: &mut String, key: &str, about: &str, fields: &[(String, String)], example: &str) {
    comment(out, about);
    for (field, about) in fields.iter().filter(|(_, about)| !about.is_empty()) {
        comment(out, &format!("`{field}`: {about}"));
    }
    out.push_str(&format!("# [[{key}]]\n"));
    for line in example.lines() {
        out.push_str(&format!("# {line}\n"));
    }
}

/// A sentence in lines that begin with two marks, so that taking one off a key's line is enough.
fn comment(out: &mut String, text: &str) {
    let mut line = String::from("##");
    for word in text.split_whitespace() {
        if line.len() + word.len() + 1 > WIDTH && line.len() > 2 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("##");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

fn written(key: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => {
            let example = EXAMPLES.iter().find(|(known, _)| *known == key).map_or("", |(_, example)| example);
            toml::Value::from(example).to_string()
        }
        Some(value) => toml::Value::try_from(value).map(|value| value.to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Fault};

    /// The configuration that the sample describes when every mark is taken off.
    fn opened(sample: &str) -> Result<Config, Vec<Fault>> {
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with("[[") => rest.to_owned(),
            _ => line.to_owned(),
        };
        let text: String = sample.lines().map(|text| line(text) + "\n").collect();
        crate::config::read("sample", &text, &Default::default())
    }

    #[test]
    fn the_sample_in_ops_is_the_one_that_the_code_writes() {
        let kept = include_str!("../../../ops/guildhall.example.toml");
        assert!(kept == sample(), "write it anew: guildhall check --sample > ops/guildhall.example.toml");
    }

    #[test]
    fn the_sample_is_sound_with_its_marks_and_without() {
        let closed = crate::config::read("sample", &sample(), &Default::default()).expect("the sample is sound");
        assert!(closed.origins.is_empty(), "nothing is set by it: {:?}", closed.origins);
        let open = opened(&sample()).unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(open.hub.url(), "https://hub.example.org");
        let chat = open.chat.expect("the chat is on");
        assert_eq!(chat.network[0].channels, ["#project"]);
        assert_eq!(open.accounts.expect("accounts are on").gates.len(), 1);
    }

    #[test]
    fn every_key_without_a_default_has_an_example() {
        for ((name, of, source), values) in SOURCES.iter().zip(defaults()) {
            for (field, _) in documented(source, of).1 {
                let key = format!("{name}.{field}");
                let known = EXAMPLES.iter().any(|(example, _)| *example == key);
                assert_eq!(values.get(&field).is_none_or(Value::is_null), known, "{key}");
            }
        }
    }

    #[test]
    fn the_manual_names_every_key_and_no_other() {
        let manual = include_str!("../../../docs/admin/configuration.md");
        let mut table = String::new();
        let mut named: Vec<String> = vec![];
        for line in manual.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                table = title.trim().trim_matches(['`', '[', ']']).to_owned();
            } else if let Some(cell) = line.strip_prefix("| `").and_then(|rest| rest.split(" |").next()) {
                named.extend(
                    cell.split('`').step_by(2).filter(|key| !key.is_empty()).map(|key| format!("{table}.{key}")),
                );
            }
        }
        for (name, of, source) in SOURCES {
            for (field, _) in documented(source, of).1 {
                let key = format!("{name}.{field}");
                let is_table = TABLES.iter().any(|(table, ..)| *table == key);
                assert!(
                    is_table
                        || field == "enabled"
                        || named.iter().any(|known| *known == key || known.starts_with(&format!("{key}."))),
                    "docs/admin/configuration.md lacks {key}"
                );
            }
        }
        let tables: Vec<&str> = SOURCES.iter().map(|(name, ..)| *name).collect();
        // `compat.subject_updates_title` is a key of the key `compat`.
        for key in named.iter().filter(|key| tables.contains(&key.split('.').next().unwrap_or_default())) {
            let (name, field) = key.split_once('.').expect("a table and a key");
            let field = field.split('.').next().unwrap_or_default();
            let fields = SOURCES
                .iter()
                .filter(|(table, ..)| *table == name)
                .flat_map(|(_, of, source)| documented(source, of).1);
            let nested = TABLES
                .iter()
                .filter(|(table, ..)| table.starts_with(name))
                .flat_map(|(_, of, source, _)| documented(source, of).1);
            assert!(
                fields.chain(nested).any(|(known, _)| known == field),
                "docs/admin/configuration.md names {key}, which is no key"
            );
        }
    }
}
