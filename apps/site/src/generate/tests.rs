use chrono::DateTime;

use super::*;

fn made(files: &[(&str, &str)]) -> Made {
    generate(&tree_of(files.iter().copied()), &Wish::hub("/site", DateTime::UNIX_EPOCH))
}

fn page<'a>(made: &'a Made, path: &str) -> &'a Page {
    made.pages.iter().find(|page| page.path == path).unwrap_or_else(|| panic!("no page {path}"))
}

#[test]
fn markdown_and_rest_refer_to_each_other() {
    let made = made(&[
        ("index.md", "# Start\n\nSee [how](install/debian.rst) and [that](install/debian.rst#pitfalls).\n"),
        (
            "install/debian.rst",
            "Debian\n======\n\n.. _pitfalls:\n\nPitfalls\n--------\n\nBack: :doc:`/index`, :ref:`pitfalls`.\n",
        ),
    ]);
    assert_eq!(made.warnings, []);
    assert!(page(&made, "").html.contains("href=\"/site/install/debian#pitfalls\""), "{}", page(&made, "").html);
    let debian = &page(&made, "install/debian").html;
    assert!(debian.contains("href=\"/site/\"") && debian.contains("#pitfalls"), "{debian}");
}

#[test]
fn a_broken_reference_is_a_warning_with_its_place_and_the_page_is_made() {
    let made = made(&[
        ("a.md", "# A\n\nfine\n\n[gone](gone.md)\n"),
        ("b.rst", "B\n=\n\n:ref:`nowhere`\n\n.. include:: ../../etc/passwd\n"),
    ]);
    assert_eq!(made.pages.iter().filter(|page| !page.source.is_empty()).count(), 2);
    let told: Vec<(&str, usize)> = made.warnings.iter().map(|w| (w.source.as_str(), w.line)).collect();
    assert!(told.contains(&("a.md", 5)), "{:?}", made.warnings);
    assert!(made.warnings.iter().any(|w| w.source == "b.rst" && w.text.contains("nowhere")), "{:?}", made.warnings);
    assert!(made.warnings.iter().any(|w| w.text.contains("leaves the source tree")), "{:?}", made.warnings);
}

#[test]
fn raw_html_of_an_untrusted_source_is_harmless() {
    let made = made(&[
        ("x.md", "# X\n\n<script>alert(1)</script>\n"),
        ("y.rst", "Y\n=\n\n.. raw:: html\n\n   <script>alert(1)</script>\n"),
    ]);
    for page in &made.pages {
        assert!(!page.html.contains("<script"), "{}", page.html);
    }
}

#[test]
fn two_files_of_one_address_are_told() {
    let made = made(&[("a.md", "# A"), ("a.rst", "A\n=\n")]);
    assert!(made.warnings.iter().any(|w| w.text.contains("same address as a.md")), "{:?}", made.warnings);
}

#[test]
fn living_things_of_the_hub_are_roles() {
    let made = made(&[("a.rst", "A\n=\n\n:issue:`12` and :user:`ann`.\n")]);
    let html = &page(&made, "a").html;
    assert!(html.contains("/issues/12") && html.contains("/people/ann"), "{html}");
}

#[test]
fn navigation_follows_folders_and_order() {
    let made = made(&[
        ("index.md", "# Start"),
        ("zebra.md", "---\norder: 1\n---\n# Zebra"),
        ("admin/index.md", "# Admin"),
        ("admin/mail.md", "# Mail"),
        ("news/one.md", "---\ndate: 2026-11-21\n---\n# News"),
        ("draft.md", "---\ndraft: true\n---\n# No"),
    ]);
    let nav = &made.navigation;
    let titles: Vec<&str> = nav.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["Start", "Zebra", "Admin"]);
    assert_eq!(nav[2].entries[0].path.as_deref(), Some("admin/mail"));
    assert_eq!(made.pages.iter().filter(|page| page.date.is_some()).count(), 1);
}

#[test]
fn toctrees_order_the_pages_and_a_circle_is_told() {
    let made = made(&[
        ("index.rst", "Top\n===\n\n.. toctree::\n   :caption: Guides\n\n   zebra\n   ant\n   gone\n"),
        ("ant.rst", "Ant\n===\n\n.. toctree::\n\n   index\n"),
        ("zebra.rst", "Zebra\n=====\n"),
    ]);
    let titles: Vec<&str> = made.navigation[1].entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!((made.navigation[1].title.as_str(), titles), ("Guides", vec!["Zebra", "Ant"]));
    let told = |text: &str| made.warnings.iter().any(|w| w.text.contains(text) && w.line > 0);
    assert!(told("index.rst -> ant.rst -> index.rst") && told("\"gone\""), "{:?}", made.warnings);
}

#[test]
fn a_site_without_a_front_page_gets_one() {
    let made = made(&[("guide.md", "# Guide\n\nHow it is done.\n"), ("howto/a.md", "# A\n")]);
    assert!(page(&made, "").html.contains("href=\"/site/guide\"") && page(&made, "").html.contains("How it is done"));
    assert!(page(&made, "howto").html.contains("href=\"/site/howto/a\""));
}

#[test]
fn a_second_build_writes_only_what_changed_and_comes_to_the_same() {
    let wish = Wish::hub("/site", DateTime::UNIX_EPOCH);
    let mut memory = Memory::default();
    let start =
        [("index.md", "# Start\n\n[guide](guide.md), {doc}`guide`\n"), ("guide.md", "# Guide\n"), ("b.md", "# B\n")];
    assert_eq!(memory.generate(&tree_of(start), &wish).written, 3);
    let prose = [start[0], ("guide.md", "# Guide\n\nMore.\n"), start[2]];
    assert_eq!(memory.generate(&tree_of(prose), &wish).written, 1);
    let renamed = tree_of([start[0], ("guide.md", "# Handbook\n\nMore.\n"), start[2]]);
    let made = memory.generate(&renamed, &wish);
    assert_eq!(made.written, 2, "the page itself and the one that shows its title");
    let anew = generate(&renamed, &wish);
    assert_eq!((made.pages, made.warnings), (anew.pages, anew.warnings));
}
