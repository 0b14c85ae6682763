//! What is configured, for people: every key of `guildhall.toml`, what it does, its value, and where the value comes from.
//!
//! The sentences are the doc lines of the configuration structs, read from their source, so that they cannot differ.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::config::{Config, HubConfig};

/// One table of the configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub name: &'static str,
    pub about: String,
    /// Whether the module is on; absent for the tables that are no module.
    pub on: Option<bool>,
    /// Where it says that the module is on or off.
    pub switched: Option<String>,
    pub keys: Vec<Key>,
}

/// One key of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    pub name: String,
    pub about: String,
    pub value: String,
    /// The line of the file or the variable; absent: nobody set it.
    pub place: Option<String>,
}

/// A struct of the configuration: its table, its name, the source that it stands in.
pub type Source = (&'static str, &'static str, &'static str);

pub const SOURCES: [Source; 8] = [
    ("hub", "HubConfig", include_str!("config.rs")),
    ("mail", "Config", include_str!("../../../shared/mail/src/config.rs")),
    ("accounts", "Config", include_str!("../../accounts/src/config.rs")),
    ("tracker", "Config", include_str!("../../tracker/src/config.rs")),
    ("lists", "Config", include_str!("../../lists/src/config.rs")),
    ("commits", "Config", include_str!("../../commits/src/config.rs")),
    ("chat", "Config", include_str!("../../chat/src/config.rs")),
    ("site", "Config", include_str!("../../site/src/config.rs")),
];

/// Every table as it is configured. Passwords are hidden.
pub fn tables(config: &Config) -> Vec<Table> {
    let module = |value: Option<Value>, default: Value| (Some(value.is_some()), value.unwrap_or(default));
    let parts: [(Option<bool>, Value); 8] = [
        (None, json(&config.hub)),
        (None, json(&config.mail)),
        module(config.accounts.as_ref().map(json), json(&accounts::Config::default())),
        module(config.tracker.as_ref().map(json), json(&tracker::Config::default())),
        module(config.lists.as_ref().map(json), json(&lists::Config::default())),
        module(config.commits.as_ref().map(json), json(&commits::Config::default())),
        module(config.chat.as_ref().map(json), json(&chat::Config::default())),
        module(config.site.as_ref().map(json), json(&site::Config::default())),
    ];
    SOURCES.iter().zip(parts).map(|(source, (on, values))| table(source, on, &values, &config.origins)).collect()
}

/// The defaults of every table, in the order of [`SOURCES`].
pub fn defaults() -> [Value; 8] {
    [
        json(&HubConfig::default()),
        json(&mail::Config::default()),
        json(&accounts::Config::default()),
        json(&tracker::Config::default()),
        json(&lists::Config::default()),
        json(&commits::Config::default()),
        json(&chat::Config::default()),
        json(&site::Config::default()),
    ]
}

fn json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

fn table((name, of, source): &Source, on: Option<bool>, values: &Value, origins: &BTreeMap<String, String>) -> Table {
    let (about, fields) = documented(source, of);
    let key = |(field, about): (String, String)| Key {
        value: shown(&field, values.get(&field).unwrap_or(&Value::Null)),
        place: origins.get(&format!("{name}.{field}")).cloned(),
        name: field,
        about,
    };
    let keys = fields.into_iter().filter(|(field, _)| field != "enabled").map(key).collect();
    Table { name, about, on, switched: origins.get(&format!("{name}.enabled")).cloned(), keys }
}

/// The doc line of a struct and those of its fields, by the names that they have in the file.
pub fn documented(source: &str, of: &str) -> (String, Vec<(String, String)>) {
    let start = format!("pub struct {of} {{");
    let (mut doc, mut renamed, mut about, mut fields, mut inside) = (vec![], None, String::new(), vec![], false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if line.starts_with(&start) {
            about = std::mem::take(&mut doc).join(" ");
            inside = !line.ends_with("{}");
        } else if line.starts_with("#[") {
            renamed = line.split_once("rename = \"").and_then(|(_, rest)| rest.split('"').next()).or(renamed);
        } else if inside && line == "}" {
            break;
        } else {
            let field = line.strip_prefix("pub ").and_then(|rest| rest.split(':').next()).filter(|_| inside);
            if let Some(field) = field {
                fields.push((renamed.take().unwrap_or(field).to_owned(), doc.join(" ")));
            }
            doc.clear();
        }
    }
    (about, fields)
}

/// A value as the file would say it; what is secret is not shown.
fn shown(key: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(_) if is_secret(key) => "(hidden)".into(),
        Value::String(text) => without_password(text),
        Value::Array(items) => items.iter().map(|item| shown(key, item)).collect::<Vec<_>>().join("; "),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", shown(key, value));
            map.iter().map(pair).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn is_secret(key: &str) -> bool {
    let secret = ["password", "secret", "token"].iter().any(|word| key.contains(word));
    // The name of a file that holds a secret is none.
    secret && !key.ends_with("_file")
}

/// A URL with a password shows that there is one.
pub fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    match rest.rsplit_once('@') {
        Some((login, place)) if login.contains(':') => {
            format!("{scheme}://{}:(hidden)@{place}", login.split(':').next().unwrap_or_default())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Table> {
        let environment = [("GUILDHALL_HUB_TIMEZONE".to_owned(), "Europe/Oslo".to_owned())].into();
        tables(&crate::config::read("guildhall.toml", text, &environment).expect("a sound configuration"))
    }

    #[test]
    fn every_key_has_a_sentence_and_a_value() {
        let tables = read("");
        let known = json(&HubConfig::default());
        let keys: Vec<&str> = tables[0].keys.iter().map(|key| key.name.as_str()).collect();
        assert!(known.as_object().is_some_and(|known| known.len() == keys.len()), "{keys:?}");
        for table in &tables {
            assert!(!table.about.is_empty(), "[{}] says what it is", table.name);
            for key in &table.keys {
                assert!(!key.about.is_empty(), "{}.{} says what it does", table.name, key.name);
            }
        }
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_is_named_for_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path.display().to_string()
        };
        let (database, mail) =
            ("postgres://guildhall:s3cret@localhost/guildhall", "smtps://hub:s3cret@mail.example.org");
        let [at, token, out] = [
            file("database", &format!("{database}\n")),
            file("token", "s3cret"),
            file("smarthost", &format!("{mail}\r\n")),
        ];
        let text = format!(
            "[hub]\ndatabase_file = \"{at}\"\nmetrics_token_file = \"{token}\"\n[mail]\nsmarthost_file = \"{out}\"\n"
        );
        let read = |text: &str| crate::config::read("guildhall.toml", text, &Default::default());
        let config = read(&text).expect("a sound configuration");
        assert_eq!((config.hub.database.as_str(), config.hub.metrics_token.as_str()), (database, "s3cret"));
        assert_eq!(config.mail.smarthost.as_deref(), Some(mail));
        let shown = format!("{:?}", tables(&config));
        assert!(shown.contains(&at) && !shown.contains("s3cret"), "{shown}");
        for (key, said) in [
            (format!("database_file = \"{at}\"\ndatabase = \"sqlite\""), "[hub] database_file: `database` is set too."),
            ("database_file = \"/nowhere/x\"".into(), "[hub] database_file: /nowhere/x cannot be read"),
            (format!("database_file = \"{}\"", file("empty", "\n")), "is to hold one line"),
            (format!("database_file = \"{}\"", file("two", "a\nb\n")), "is to hold one line"),
            (format!("database_file = \"{}\"", file("odd", "mysql://ann:secret@x\n")), "is no database"),
        ] {
            let faults = read(&format!("[hub]\n{key}\n")).expect_err(said);
            assert!(faults.len() == 1 && faults[0].text.contains(said), "{faults:?}");
            assert!(faults[0].place.starts_with("guildhall.toml"), "{faults:?}");
            assert!(!faults[0].text.contains("secret"), "{faults:?}");
        }
    }

    #[test]
    fn a_value_says_where_it_comes_from_and_keeps_its_secret() {
        let tables = read(
            "[hub]\nname = \"Heron\"\ndatabase = \"postgres://hub:sesame@db/hub\"\n[chat]\nenabled = false\n\
             [mail]\ndomain = \"hub.test\"\nsmarthost = \"smtp://ann:sesame@mail.test\"\n",
        );
        let key = |table: &str, key: &str| {
            let table = tables.iter().find(|one| one.name == table).expect("a table");
            table.keys.iter().find(|one| one.name == key).cloned().expect("a key")
        };
        assert_eq!(key("hub", "name").place.as_deref(), Some("guildhall.toml:2"));
        assert_eq!(key("hub", "timezone").place.as_deref(), Some("GUILDHALL_HUB_TIMEZONE"));
        assert_eq!(key("hub", "listen").place, None);
        assert_eq!(key("mail", "smarthost").value, "smtp://ann:(hidden)@mail.test");
        assert!(!format!("{tables:?}").contains("sesame"), "no password is shown");
        let chat = tables.iter().find(|one| one.name == "chat").expect("a table");
        assert_eq!((chat.on, chat.switched.as_deref()), (Some(false), Some("guildhall.toml:5")));
    }
}
