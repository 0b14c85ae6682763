//! The mails that the hub sends, as the manual shows them: the page is written from the templates and their samples.

use kernel::Hub;
use plug::Module;
use testkit::TestHub;

const PAGE: &str = include_str!("../../../../docs/users/letters.md");
const HEAD: &str = "\
---
order: 18
---
# The mails of the hub

Every mail that the hub writes by itself, with made-up names. Posts of a list go out as their authors wrote them.
This page is written from the templates by a test; `GUILDHALL_WRITE=1 cargo test --workspace --bin guildhall letters`
writes it anew.
";
fn modules() -> [fn(&Hub) -> Module; 4] {
    [
        |hub| accounts::module(hub, accounts::Config::default()),
        |hub| tracker::module(hub, tracker::Config::default()),
        |hub| lists::module(hub, lists::Config::default()),
        |hub| commits::module(hub, commits::Config::default()),
    ]
}

/// Name, subject (empty: that of what it answers) and text of every mail that has a sample.
fn letters(hub: &Hub) -> Vec<(String, String, String)> {
    let samples: Vec<_> = modules().into_iter().flat_map(|module| module(hub).samples).collect();
    let render = |name: &str| {
        let sample = samples.iter().find(|sample| sample.template == name)?;
        Some(hub.templates.render(sample.template, &sample.context).expect("a mail renders").trim_end().to_owned())
    };
    let names = samples.iter().filter_map(|sample| sample.template.strip_suffix(".body.txt"));
    let letter = |name: &str| {
        let subject = render(&format!("{name}.subject.txt")).unwrap_or_default();
        (name.to_owned(), subject, render(&format!("{name}.body.txt")).unwrap_or_default())
    };
    names.map(letter).collect()
}

fn page(letters: &[(String, String, String)]) -> String {
    let mut page = HEAD.to_owned();
    let mut module = "";
    for (name, subject, text) in letters {
        let (of, name) = name.split_once("/mail/").expect("mails stand in <module>/mail");
        if of != module {
            page.push_str(&format!("\n## {of}\n"));
            module = of;
        }
        let head = if subject.is_empty() { String::new() } else { format!("Subject: {subject}\n\n") };
        page.push_str(&format!("\n### {}\n\n````text\n{head}{text}\n````\n", name.replace('-', " ")));
    }
    page
}

#[tokio::test]
async fn the_manual_shows_the_mails_as_they_are() {
    let hub = TestHub::with(modules()).await;
    let letters = letters(&hub.hub);
    assert!(letters.len() > 20, "the mails are found: {}", letters.len());
    let written = page(&letters);
    if std::env::var_os("GUILDHALL_WRITE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/users/letters.md");
        std::fs::write(path, &written).expect("the page is written");
        return;
    }
    assert!(PAGE == written, "a mail has changed; see the head of docs/users/letters.md");
}

#[tokio::test]
async fn every_mail_of_the_theme_is_shown_and_has_one_line_of_subject() {
    let hub = TestHub::with(modules()).await;
    let letters = letters(&hub.hub);
    for (name, subject, text) in &letters {
        assert!(subject.chars().count() < 100 && !subject.contains('\n'), "{name}: {subject}");
        assert!(!text.is_empty() && !text.contains("{{") && !text.contains('\t'), "{name}: {text}");
    }
    let theme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../themes/default");
    for module in ["accounts", "tracker", "lists", "commits"] {
        for entry in std::fs::read_dir(theme.join(module).join("mail")).expect("the theme").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let Some(name) = file.strip_suffix(".body.txt") else { continue };
            let name = format!("{module}/mail/{name}");
            assert!(letters.iter().any(|(known, ..)| *known == name), "{name} has a sample");
        }
    }
}
