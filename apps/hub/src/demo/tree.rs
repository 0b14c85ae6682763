//! The files of the two repositories, changed commit by commit as the subjects say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::history::Place;
use super::luck::Luck;

/// A file as a commit leaves it.
pub type Change = (String, String);

/// Where the parts of the library stand, by the word before the colon of a subject.
const MODULES: [(&str, &str, &str); 11] = [
    ("parser", "papermoth/mime/parser.py", "Read a message from bytes, whatever they are."),
    ("headers", "papermoth/mime/headers.py", "Fields of a header, read and written."),
    ("charset", "papermoth/mime/charset.py", "From labels to characters."),
    ("compose", "papermoth/compose.py", "Put a message together."),
    ("address", "papermoth/mime/address.py", "Addresses, groups and the names before them."),
    ("imap", "papermoth/imap/client.py", "Talk to a server that keeps mail."),
    ("smtp", "papermoth/smtp/client.py", "Hand mail to a server that sends it."),
    ("store", "papermoth/store/maildir.py", "Mail on the disk."),
    ("index", "papermoth/index/search.py", "Find mail by its words."),
    ("dkim", "papermoth/dkim.py", "Signatures of domains."),
    ("cli", "papermoth/cli.py", "The command `moth`."),
];
const OTHERS: [(&str, &str); 6] = [
    ("docs", "docs/guide.rst"),
    ("build", "pyproject.toml"),
    ("tests", "tests/conftest.py"),
    ("fuzz", "tests/fuzz.py"),
    ("site", "docs/site.css"),
    ("all", ".git-blame-ignore-revs"),
];
/// What a new function does to its value: a body that a reviewer would let pass.
const BODIES: [&str; 13] = [
    "    if not value:\n        return value\n    return value.strip(b\" \\t\")\n",
    "    head, _, tail = value.partition(b\";\")\n    return head if tail else value\n",
    "    lines = value.splitlines(keepends=True)\n    while lines and not lines[-1].strip():\n        lines.pop()\n    return b\"\".join(lines)\n",
    "    if len(value) > LIMIT:\n        raise TooLong(f\"{len(value)} bytes are more than {LIMIT}\")\n    return value\n",
    "    seen = set()\n    return type(value)(part for part in value if not (part in seen or seen.add(part)))\n",
    "    quoted = value.startswith(b'\"') and value.endswith(b'\"')\n    return value[1:-1] if quoted else value\n",
    "    try:\n        return value.decode(\"ascii\").encode()\n    except UnicodeDecodeError:\n        return value.decode(\"latin-1\").encode(\"utf-8\")\n",
    "    for old, new in ((b\"\\r\\n\", b\"\\n\"), (b\"\\r\", b\"\\n\")):\n        value = value.replace(old, new)\n    return value\n",
    "    depth = 0\n    for at, byte in enumerate(value):\n        depth += (byte == 0x28) - (byte == 0x29)\n        if depth < 0:\n            return value[:at]\n    return value\n",
    "    name, colon, rest = value.partition(b\":\")\n    return name.rstrip() + colon + rest if colon else value\n",
    "    words = value.split()\n    return b\" \".join(words[:1] + [word.lower() for word in words[1:]])\n",
    "    while value[-2:] == b\"=\\n\":\n        value = value[:-2]\n    return value\n",
    "    start = value.find(b\"<\")\n    end = value.find(b\">\", start)\n    return value if -1 in (start, end) else value[start + 1 : end]\n",
];
const CHECKS: [&str; 8] = [
    "    message = parse(sample(\"{slug}.eml\"))\n    assert message.defects == []\n",
    "    before = sample(\"{slug}.eml\")\n    assert parse(before).as_bytes() == before\n",
    "    with pytest.raises(TooLong):\n        parse(sample(\"{slug}.eml\"))\n",
    "    first, second = parse(sample(\"{slug}.eml\")).leaves()\n    assert first.text and not second.defects\n",
    "    [defect] = parse(sample(\"{slug}.eml\")).defects\n    assert defect.line == 12\n",
    "    whole = sample(\"{slug}.eml\")\n    for cut in range(0, len(whole), 97):\n        parse(whole[:cut])\n",
    "    message = parse(sample(\"{slug}.eml\"))\n    assert message[\"Subject\"] == parse(message.as_bytes())[\"Subject\"]\n",
    "    names = [part.filename for part in parse(sample(\"{slug}.eml\")).walk()]\n    assert len(names) == len(set(names))\n",
];
/// Where new entries go.
const UNRELEASED: &str = "Unreleased\n----------\n\n";

/// The files as they are.
pub struct Tree {
    library: BTreeMap<String, String>,
    corpus: BTreeMap<String, String>,
    end: DateTime<Utc>,
    begun: bool,
}

impl Tree {
    /// Two empty repositories.
    pub fn new(end: DateTime<Utc>) -> Self {
        Self { library: BTreeMap::new(), corpus: BTreeMap::new(), end, begun: false }
    }

    /// What a commit of this subject changes; one that mends an issue is noted among the changes.
    pub fn change(
        &mut self,
        place: Place,
        subject: &str,
        mends: bool,
        at: DateTime<Utc>,
        luck: &mut Luck,
    ) -> Vec<Change> {
        let (area, what) = subject.split_once(": ").unwrap_or(("all", subject));
        if place == Place::Corpus {
            return self.sample(what, at, luck);
        }
        let mut touched = vec![];
        if !self.begun {
            self.begun = true;
            touched.extend(self.begin());
        }
        let slug = slug(what, '_');
        match (MODULES.iter().find(|(word, ..)| *word == area), area) {
            (Some((word, path, _)), _) => {
                self.add_function(path, &slug, what, luck);
                self.add_test(word, &slug, luck);
                touched.extend([(*path).to_owned(), format!("tests/test_{word}.py")]);
            }
            (None, "release") => {
                self.release(what, at);
                touched.push("papermoth/__init__.py".into());
            }
            (None, area) => {
                let path = OTHERS.iter().find(|(word, _)| *word == area).map_or("docs/guide.rst", |(_, path)| path);
                self.add_line(path, what, at);
                touched.push(path.to_owned());
            }
        }
        if mends {
            self.note(what);
        }
        if mends || area == "release" {
            touched.push("CHANGES.rst".into());
        }
        touched.sort();
        touched.dedup();
        touched.into_iter().map(|path| (path.clone(), self.library.get(&path).cloned().unwrap_or_default())).collect()
    }

    fn begin(&mut self) -> Vec<String> {
        let files = &mut self.library;
        files.insert(
            "README.rst".into(),
            "Papermoth\n=========\n\nRead, write, store and search mail in Python.\n".into(),
        );
        files.insert("CHANGES.rst".into(), format!("Changes\n=======\n\n{UNRELEASED}"));
        files.insert(
            "papermoth/__init__.py".into(),
            "\"\"\"Read, write, store and search mail.\"\"\"\n\n__version__ = \"2.4.dev0\"\n".into(),
        );
        files.insert(
            "pyproject.toml".into(),
            "[project]\nname = \"papermoth\"\nrequires-python = \">=3.10\"\n\n# Why things are as they are:\n".into(),
        );
        files.insert("docs/guide.rst".into(), "Guide\n=====\n".into());
        for (word, path, about) in MODULES {
            let text = format!(
                "\"\"\"{about}\"\"\"\n\nfrom papermoth.errors import TooLong\n\nLIMIT = 998\n\n\ndef clean(value):\n    return value\n"
            );
            files.insert(path.into(), text);
            let text = format!(
                "\"\"\"Tests of {word}.\"\"\"\n\nimport pytest\n\nfrom papermoth import parse\nfrom papermoth.errors import TooLong\nfrom tests import sample\n"
            );
            files.insert(format!("tests/test_{word}.py"), text);
        }
        files.keys().cloned().collect()
    }

    fn add_function(&mut self, path: &str, slug: &str, what: &str, luck: &mut Luck) {
        let Some(text) = self.library.get_mut(path) else { return };
        let body = BODIES[luck.below(BODIES.len())];
        let function = format!("\n\ndef _{slug}(value):\n    \"\"\"{}.\"\"\"\n{body}", what.trim_end_matches('.'));
        *text = text.replacen("    return value\n", &format!("    value = _{slug}(value)\n    return value\n"), 1);
        // What is mended often stood there before, in other words.
        let old = BODIES[luck.below(BODIES.len())];
        if let Some(at) = text.rfind(old).filter(|_| luck.hits(0.8)) {
            text.replace_range(at..at + old.len(), body);
        }
        text.push_str(&function);
    }

    fn add_test(&mut self, word: &str, slug: &str, luck: &mut Luck) {
        let Some(text) = self.library.get_mut(&format!("tests/test_{word}.py")) else { return };
        let check = CHECKS[luck.below(CHECKS.len())].replace("{slug}", &slug.replace('_', "-"));
        text.push_str(&format!("\n\ndef test_{slug}():\n{check}"));
    }

    fn add_line(&mut self, path: &str, what: &str, at: DateTime<Utc>) {
        let text = self.library.entry(path.to_owned()).or_default();
        let line = match path.rsplit('.').next() {
            Some("rst") => format!("\n{}.\n", what.trim_end_matches('.')),
            Some("css") => format!("/* {what} */\n@media (max-width: 40em) {{ .search {{ display: block }} }}\n"),
            Some("py") => format!("\n\ndef {}():\n    \"\"\"{what}.\"\"\"\n", slug(what, '_')),
            _ => format!("# {}: {what}\n", at.format("%Y-%m-%d")),
        };
        text.push_str(&line);
    }

    fn release(&mut self, what: &str, at: DateTime<Utc>) {
        let version = what.split(' ').find(|word| word.starts_with('2')).unwrap_or("2.7");
        let suffix = if what == version { "" } else { ".rc1" };
        let text = format!(
            "\"\"\"Read, write, store and search mail.\"\"\"\n\n__version__ = \"{version}{suffix}\"  # {}\n",
            at.format("%Y-%m-%d")
        );
        self.library.insert("papermoth/__init__.py".into(), text);
        if let Some(changes) = self.library.get_mut("CHANGES.rst").filter(|_| suffix.is_empty()) {
            let title = format!("{version} ({})", at.format("%Y-%m-%d"));
            let heading = format!("{UNRELEASED}{title}\n{}\n\n", "-".repeat(title.len()));
            *changes = changes.replacen(UNRELEASED, &heading, 1);
        }
    }

    fn note(&mut self, what: &str) {
        // Without its number: a diff that shows the line again would mention the issue again.
        let Some(changes) = self.library.get_mut("CHANGES.rst") else { return };
        *changes = changes.replacen(UNRELEASED, &format!("{UNRELEASED}* {what}.\n"), 1);
    }

    /// A mail with what is expected of it.
    fn sample(&mut self, what: &str, at: DateTime<Utc>, luck: &mut Luck) -> Vec<Change> {
        let slug = slug(what, '-');
        let number = 1_000 + luck.below(8_999);
        let mail = format!(
            "From: sender{number}@example.org\nTo: reader@example.net\nSubject: sample {number}\nDate: {}\n\
             Message-ID: <{number}.{}@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\
             This is a sample. Names and addresses are made up.\n",
            at.to_rfc2822(),
            (self.end - at).num_hours(),
        );
        let expected = format!("{{\n  \"why\": \"{what}\",\n  \"parts\": 1,\n  \"defects\": []\n}}\n");
        let changes =
            vec![(format!("trunk/expected/{slug}.json"), expected), (format!("trunk/samples/{slug}.eml"), mail)];
        self.corpus.extend(changes.iter().cloned());
        changes
    }
}

/// Letters and digits of a subject as a name of at most 48 characters.
fn slug(what: &str, between: char) -> String {
    let words = what.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        if name.len() + word.len() > 47 {
            break;
        }
        if !name.is_empty() {
            name.push(between);
        }
        name.push_str(&word.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_changes_code_test_and_notes() {
        let end = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (mut tree, mut luck) = (Tree::new(end), Luck::new(1));
        tree.change(Place::Library, "release: 2.4", false, end, &mut luck);
        let changes = tree.change(Place::Library, "parser: Let padding follow a boundary", true, end, &mut luck);
        let paths: Vec<&str> = changes.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["CHANGES.rst", "papermoth/mime/parser.py", "tests/test_parser.py"]);
        assert!(changes[0].1.contains("----------\n\n* Let padding follow a boundary.\n"), "{}", changes[0].1);
        assert!(changes[1].1.contains("    value = _let_padding_follow_a_boundary(value)\n    return value\n"));
        assert!(changes[2].1.contains("def test_let_padding_follow_a_boundary():\n"));
    }
}
