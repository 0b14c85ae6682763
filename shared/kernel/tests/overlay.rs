//! A project's own theme files lie over ours and say when they lag behind.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use guildhall_kernel::overlay::{self, Standing};
use guildhall_kernel::{Clock, Context, Templates, Theme};

#[test]
fn an_overlay_that_was_begun_from_the_built_in_file_is_fresh_and_renders() {
    let folder = tempfile::tempdir().expect("a folder");
    overlay::begin(folder.path(), "error.html").expect("copies");
    overlay::begin(folder.path(), "static/components.css").expect("copies");
    assert!(overlay::begin(folder.path(), "error.html").is_err(), "an overlay that is there stays");
    assert!(overlay::begin(folder.path(), "no-such.html").is_err());
    let all = overlay::standing(folder.path()).expect("reads");
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|one| one.standing == Standing::Fresh && one.complaint().is_none()), "{all:?}");
    let theme = Theme::load(Some(folder.path())).expect("loads");
    Templates::load(theme, Clock::machine()).expect("an overlay with its mark is a good template");
}

#[test]
fn an_overlay_of_an_older_version_is_told_with_the_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("error.html"), "{# guildhall 0123456789 -#}\n<p>Ours</p>").expect("writes");
    std::fs::write(folder.path().join("base.html"), "<p>Ours, from long ago</p>").expect("writes");
    std::fs::write(folder.path().join("welcome.html"), "<p>Only ours</p>").expect("writes");
    let all = overlay::standing(folder.path()).expect("reads");
    let told: Vec<_> =
        all.iter().filter_map(|one| one.complaint().map(|(text, _)| (one.name.as_str(), text))).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].0 == "base.html" && told[0].1.contains("does not say which"), "{told:?}");
    assert!(told[1].0 == "error.html" && told[1].1.contains("was made from 0123456789"), "{told:?}");
}

#[test]
fn a_project_changes_its_colour_and_one_page_without_touching_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("static")).expect("makes");
    std::fs::write(folder.path().join("static/accent.css"), ":root { --accent-hue: 25; }").expect("writes");
    std::fs::write(folder.path().join("note.html"), "{{ <state kind=\"open\" label={word} /> }}").expect("writes");
    assert!(overlay::standing(folder.path()).expect("reads").iter().all(|one| one.complaint().is_none()));
    let theme = Theme::load(Some(folder.path())).expect("loads");
    let ours = Theme::load(None).expect("loads");
    assert_ne!(theme.asset_url("accent.css"), ours.asset_url("accent.css"));
    assert_eq!(theme.asset_url("guildhall.css"), ours.asset_url("guildhall.css"));
    let templates = Templates::load(theme, Clock::machine()).expect("loads");
    let mut context = Context::new();
    context.insert("word", "a <b>");
    assert_eq!(
        templates.render("note.html", &context).expect("renders"),
        "<span class=\"state open\">a &lt;b&gt;</span>"
    );
}

#[test]
fn an_overlay_that_lags_is_compared_with_what_it_was_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("error.html");
    overlay::begin(folder.path(), "error.html").expect("copies");
    let copied = overlay::compare(folder.path(), "error.html").expect("three texts");
    assert_eq!(copied.made_from.as_deref(), Some(copied.hash.as_str()));
    assert!(copied.before.as_ref() == Some(&copied.now) && copied.own == copied.now, "nobody changed anything");

    // The built-in page of before, from which the project made its own.
    let before = folder.path().join(".made-from/0123456789");
    std::fs::create_dir_all(&before).expect("makes");
    std::fs::write(before.join("error.html"), "<p>Before</p>\n").expect("writes");
    std::fs::write(&own, "{# guildhall 0123456789 -#}\n<p>Ours</p>\n").expect("writes");
    let behind = overlay::compare(folder.path(), "error.html").expect("three texts");
    assert_eq!((behind.before.as_deref(), behind.own.as_str()), (Some("<p>Before</p>\n"), "<p>Ours</p>\n"));
    assert_eq!(behind.now, copied.now);
    assert_eq!(overlay::standing(folder.path()).expect("reads").len(), 1, "what is kept is no part of the theme");

    overlay::take_over(folder.path(), "error.html").expect("marks");
    assert!(overlay::standing(folder.path()).expect("reads")[0].complaint().is_none());
    let taken = overlay::compare(folder.path(), "error.html").expect("three texts");
    assert_eq!((taken.before, taken.own), (Some(copied.now), "<p>Ours</p>\n".to_owned()));
}
