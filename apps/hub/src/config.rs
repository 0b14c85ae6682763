//! `guildhall.toml`: one table for the hub, one an app; unknown keys are faults, and all faults are told at once.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::network::Network;

/// Everything the configuration says. A module that is off is absent.
#[derive(Clone, Debug)]
pub struct Config {
    pub hub: HubConfig,
    pub mail: mail::Config,
    pub accounts: Option<accounts::Config>,
    pub tracker: Option<tracker::Config>,
    pub lists: Option<lists::Config>,
    pub commits: Option<commits::Config>,
    pub chat: Option<chat::Config>,
    pub site: Option<site::Config>,
    /// Where each key was set that was set, by `table.key`: a line of the file, or a variable.
    pub origins: BTreeMap<String, String>,
    /// The file that was read.
    pub file: Option<PathBuf>,
}

/// The project, where people reach its hub, and where its data lies.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HubConfig {
    /// The project's name.
    pub name: String,
    /// One sentence on what the project is, for the front door.
    pub tagline: String,
    /// Where people reach the hub; absent: `http://` and the address it listens on.
    pub url: Option<String>,
    /// Where HTTP listens.
    pub listen: String,
    /// Connections that may be open at a time to `listen`; from one address elsewhere an eighth of them.
    pub max_connections: usize,
    /// `sqlite` (a file in the data directory) or `postgres://user:password@host/database`.
    pub database: String,
    /// The file with the value of `database`, so that its password stands in no configuration; empty: none.
    pub database_file: String,
    /// The directory of database, blobs and spool.
    pub data: PathBuf,
    /// The theme: `default`, laid over by the files in `<data>/theme/`.
    pub theme: String,
    /// The time zone in which pages show times.
    pub timezone: String,
    /// The networks that may read `/metrics`: `10.0.0.0/8`, `2001:db8::/32`, or one address.
    pub metrics: Vec<Network>,
    /// Whoever sends this word (`Authorization: Bearer`) may read `/metrics` from anywhere; empty: nobody.
    pub metrics_token: String,
    /// The file with that word; empty: none.
    pub metrics_token_file: String,
}

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            name: "Guildhall".into(),
            tagline: "Everything that the people of a project share.".into(),
            url: None,
            listen: "127.0.0.1:8080".into(),
            max_connections: 4_000,
            database: "sqlite".into(),
            database_file: String::new(),
            data: "guildhall-data".into(),
            theme: "default".into(),
            timezone: "UTC".into(),
            metrics: vec![Network::of(Ipv4Addr::LOCALHOST.into()), Network::of(Ipv6Addr::LOCALHOST.into())],
            metrics_token: String::new(),
            metrics_token_file: String::new(),
        }
    }
}

impl HubConfig {
    /// Where people reach the hub, without a slash at the end.
    pub fn url(&self) -> String {
        let url = self.url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        url.trim_end_matches('/').to_owned()
    }
}

/// One fault of the configuration, with its place and the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `guildhall.toml:12`, or the name of an environment variable.
    pub place: String,
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Reads the configuration: `file` when given, else `data/guildhall.toml` when it is there, else only defaults; then
/// the environment over it. All faults at once.
pub fn load(
    file: Option<&Path>,
    data: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<Config, Vec<Fault>> {
    let beside = data.unwrap_or(Path::new("guildhall-data")).join("guildhall.toml");
    let path = file.map(Path::to_owned).or_else(|| beside.exists().then_some(beside));
    let (name, text) = match &path {
        None => ("guildhall.toml".to_owned(), String::new()),
        Some(path) => match std::fs::read_to_string(path) {
            Ok(text) => (path.display().to_string(), text),
            Err(error) => {
                let text = format!("The file cannot be read: {error}.");
                return Err(vec![Fault { place: path.display().to_string(), text }]);
            }
        },
    };
    let mut config = read(&name, &text, environment)?;
    config.file = path;
    if let Some(data) = data {
        config.hub.data = data.to_owned();
    }
    Ok(config)
}

/// Reads the text of a configuration called `name`.
pub fn read(name: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Config, Vec<Fault>> {
    let environment = variables(environment);
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { name, text, environment: &environment, faults: vec![], origins: BTreeMap::new() };
    for error in errors {
        let place = reader.place(error.span());
        reader.faults.push(Fault { place, text: format!("{}.", error.message().trim_end_matches('.')) });
    }
    let mut tables = root.into_inner();
    let hub = reader.table::<HubConfig>(&mut tables, "hub");
    let mail = reader.table::<mail::Config>(&mut tables, "mail");
    let (mut hub, mut mail) = (hub.unwrap_or_default(), mail.unwrap_or_default());
    for (table, key, file, value) in [
        ("hub", "database", &hub.database_file, Value::Word(&mut hub.database)),
        ("hub", "metrics_token", &hub.metrics_token_file, Value::Word(&mut hub.metrics_token)),
        ("mail", "smarthost", &mail.smarthost_file, Value::Optional(&mut mail.smarthost)),
    ] {
        reader.secret(table, key, file, value);
    }
    let config = Config {
        hub,
        mail,
        accounts: reader.module(&mut tables, "accounts"),
        tracker: reader.module(&mut tables, "tracker"),
        lists: reader.module(&mut tables, "lists"),
        commits: reader.module(&mut tables, "commits"),
        chat: reader.module(&mut tables, "chat"),
        site: reader.module(&mut tables, "site"),
        origins: std::mem::take(&mut reader.origins),
        file: None,
    };
    for (key, value) in &tables {
        let place = reader.place(Some(key.span()));
        let what = if value.get_ref().is_table() { "table" } else { "key" };
        let text = format!(
            "There is no {what} `{}`. The tables are {}.",
            key.get_ref(),
            nearest(key.get_ref(), &TABLES).unwrap_or(&TABLES.join(", "))
        );
        reader.faults.push(Fault { place, text });
    }
    reader.judge(&config);
    let line = |fault: &Fault| fault.place.rsplit_once(':').and_then(|(_, line)| line.parse::<usize>().ok());
    reader.faults.sort_by_key(line);
    if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
}

const TABLES: [&str; 8] = ["hub", "mail", "accounts", "tracker", "lists", "commits", "chat", "site"];

/// `GUILDHALL_<TABLE>_<KEY>=value`.
struct Variable {
    table: String,
    key: String,
    value: String,
}

/// The variables that are ours.
fn variables(environment: &BTreeMap<String, String>) -> Vec<Variable> {
    let ours = environment.iter().filter_map(|(name, value)| {
        let (table, key) = name.strip_prefix("GUILDHALL_")?.split_once('_')?;
        let table = table.to_lowercase();
        TABLES.contains(&table.as_str()).then(|| Variable { table, key: key.to_lowercase(), value: value.clone() })
    });
    ours.collect()
}

/// Where what a file says is put.
enum Value<'v> {
    Word(&'v mut String),
    Optional(&'v mut Option<String>),
}

/// The longest secret that a file may hold, bytes.
const LONGEST: u64 = 4_096;

/// What a file of one line says.
fn line_of(file: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    let line = text.trim_end_matches(['\r', '\n']);
    match read {
        Err(error) => Err(format!("{file} cannot be read: {error}.")),
        Ok(read) if read as u64 > LONGEST || line.is_empty() || line.contains('\n') => {
            Err(format!("{file} is to hold one line, the value."))
        }
        Ok(_) => Ok(line.to_owned()),
    }
}

struct Reader<'t> {
    name: &'t str,
    text: &'t str,
    environment: &'t [Variable],
    faults: Vec<Fault>,
    origins: BTreeMap<String, String>,
}

impl<'t> Reader<'t> {
    /// A module's table; `None` when it says `enabled = false`.
    fn module<T: DeserializeOwned + Default>(&mut self, tables: &mut DeTable<'t>, name: &str) -> Option<T> {
        let (on, table) = self.switched::<T>(tables, name);
        on.then(|| table.unwrap_or_default())
    }

    fn switched<T: DeserializeOwned>(&mut self, tables: &mut DeTable<'t>, name: &str) -> (bool, Option<T>) {
        let mut table = self.take(tables, name);
        self.override_from_environment(&mut table, name);
        self.note_origins(&table, name);
        let on = match table.remove("enabled") {
            None => true,
            Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                let place = self.place_of("enabled", name, value.span());
                self.faults.push(Fault { place, text: format!("[{name}] `enabled` is true or false.") });
                true
            }),
        };
        (on, self.keys(table, name))
    }

    /// One table with the environment over it.
    fn table<T: DeserializeOwned>(&mut self, tables: &mut DeTable<'t>, name: &str) -> Option<T> {
        let mut table = self.take(tables, name);
        self.override_from_environment(&mut table, name);
        self.note_origins(&table, name);
        self.keys(table, name)
    }

    fn take(&mut self, tables: &mut DeTable<'t>, name: &str) -> DeTable<'t> {
        match tables.remove(name).map(Spanned::into_inner) {
            None => DeTable::new(),
            Some(DeValue::Table(table)) => table,
            Some(_) => {
                self.faults
                    .push(Fault { place: self.name.into(), text: format!("`{name}` is a table: write [{name}].") });
                DeTable::new()
            }
        }
    }

    /// Reads the keys of a table. Each one that does not fit is a fault and is left out.
    fn keys<T: DeserializeOwned>(&mut self, mut table: DeTable<'t>, name: &str) -> Option<T> {
        loop {
            let whole = Spanned::new(0..self.text.len(), table.clone());
            match T::deserialize(Deserializer::from(whole)) {
                Ok(read) => return Some(read),
                Err(error) => {
                    let found = error.span().and_then(|span| key_around(&table, &span));
                    let span = error.span().unwrap_or(0..0);
                    let place = match &found {
                        Some(key) => self.place_of(key, name, span),
                        None => self.place(Some(span)),
                    };
                    self.faults.push(Fault { place, text: format!("[{name}] {}", sentence(error.message())) });
                    table.remove(found?.as_str());
                }
            }
        }
    }

    fn place_of(&self, key: &str, table: &str, span: Range<usize>) -> String {
        if span.start == FROM_ENVIRONMENT {
            format!("GUILDHALL_{}_{}", table.to_uppercase(), key.to_uppercase())
        } else {
            self.place(Some(span))
        }
    }

    fn note_origins(&mut self, table: &DeTable<'t>, name: &str) {
        for (key, value) in table {
            let place = self.place_of(key.get_ref(), name, value.span());
            self.origins.insert(format!("{name}.{}", key.get_ref()), place);
        }
    }

    fn override_from_environment(&self, table: &mut DeTable<'t>, name: &str) {
        for variable in self.environment.iter().filter(|variable| variable.table == name) {
            // Beyond the end of the text, so that a fault finds its way back to the variable.
            let span = FROM_ENVIRONMENT..FROM_ENVIRONMENT;
            let value = DeValue::parse(&variable.value)
                .map(Spanned::into_inner)
                .ok()
                .filter(|value| !value.is_str())
                .unwrap_or_else(|| DeValue::String(variable.value.as_str().into()));
            table.insert(Spanned::new(span.clone(), variable.key.as_str().into()), Spanned::new(span, value));
        }
    }

    /// Takes the value of a key from the file that is named for it.
    fn secret(&mut self, table: &str, key: &str, file: &str, value: Value<'_>) {
        if file.is_empty() {
            return;
        }
        let read = if self.origins.contains_key(&format!("{table}.{key}")) {
            Err(format!("`{key}` is set too. Leave one of them out."))
        } else {
            line_of(file)
        };
        match (read, value) {
            (Ok(line), Value::Word(word)) => *word = line,
            (Ok(line), Value::Optional(word)) => *word = Some(line),
            (Err(text), _) => {
                let place = self.origins.get(&format!("{table}.{key}_file")).cloned();
                let place = place.unwrap_or_else(|| self.name.to_owned());
                self.faults.push(Fault { place, text: format!("[{table}] {key}_file: {text}") });
            }
        }
    }

    fn place(&self, span: Option<Range<usize>>) -> String {
        match span.filter(|span| span.start <= self.text.len()) {
            Some(span) => format!("{}:{}", self.name, self.text[..span.start].matches('\n').count() + 1),
            None => self.name.to_owned(),
        }
    }

    /// What is wrong although every key fits.
    fn judge(&mut self, config: &Config) {
        let (name, origins, faults) = (self.name, &config.origins, &mut self.faults);
        let mut fault = |table: &str, key: &str, text: String| {
            let place = origins.get(&format!("{table}.{key}")).cloned().unwrap_or_else(|| name.to_owned());
            faults.push(Fault { place, text: format!("[{table}] {key}: {text}") });
        };
        let (hub, mail) = (&config.hub, &config.mail);
        for (table, key, address) in
            [("hub", "listen", &hub.listen), ("mail", "smtp", &mail.smtp), ("mail", "lmtp", &mail.lmtp)]
        {
            let may_be_empty = key != "listen";
            if !(may_be_empty && address.is_empty()) && address.parse::<std::net::SocketAddr>().is_err() {
                fault(
                    table,
                    key,
                    format!("`{address}` is not an address to listen on. Write one like 127.0.0.1:8080."),
                );
            }
        }
        let url = config.hub.url();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            fault("hub", "url", format!("`{url}` is not a URL. Write one like https://hub.example.org."));
        }
        let database = &config.hub.database;
        if database != "sqlite" && !database.starts_with("postgres://") && !database.starts_with("postgresql://") {
            fault(
                "hub",
                "database",
                // What stands there is not repeated: it may hold a password.
                "This is no database. Write sqlite or postgres://user:password@host/name.".to_owned(),
            );
        }
        if config.hub.theme != "default" {
            fault(
                "hub",
                "theme",
                format!(
                    "There is no theme `{}`. Write default and lay your files into <data>/theme/.",
                    config.hub.theme
                ),
            );
        }
        for (key, text) in config.mail.faults() {
            fault("mail", key, text);
        }
    }
}

const FROM_ENVIRONMENT: usize = usize::MAX / 2;

/// The key whose name or value a span lies in.
fn key_around(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let holds = |range: Range<usize>| range.start <= span.start && span.end <= range.end;
    table.iter().find(|(key, value)| holds(key.span()) || holds(value.span())).map(|(key, _)| key.get_ref().to_string())
}

/// The parser's message as a sentence that names the mend where there is one.
fn sentence(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return format!("{}.", message.trim_end_matches('.'));
    };
    let Some((unknown, known)) = rest.split_once('`') else { return format!("{message}.") };
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    match nearest(unknown, &known) {
        Some(near) => format!("There is no key `{unknown}`. Did you mean `{near}`?"),
        None => format!("There is no key `{unknown}`. The keys here are {}.", known.join(", ")),
    }
}

/// The word of a list that a typing error was meant to be.
fn nearest<'a>(wrong: &str, words: &[&'a str]) -> Option<&'a str> {
    let distance = |word: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (wrong.chars().collect(), word.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
                diagonal = row[j + 1];
                row[j + 1] = next;
            }
        }
        row[b.len()]
    };
    words.iter().map(|word| (distance(word), *word)).min().filter(|(far, _)| *far <= 2).map(|(_, word)| word)
}
