use proptest::prelude::*;

use super::*;

fn keys(text: &str) -> Vec<String> {
    find(text).into_iter().map(|r| r.key).collect()
}

#[test]
fn finds_what_people_write() {
    let cases: [(&str, &[&str]); 30] = [
        ("closes #12, see (#13).", &["issue:12", "issue:13"]),
        ("issue12 and Issue 7; issues 8", &["issue:12", "issue:7"]),
        ("tracker#12 and PROJ#3 and my-lib#4", &["issue:tracker/12", "issue:PROJ/3", "issue:my-lib/4"]),
        ("since r1234.", &["revision:1234"]),
        ("bar12 r12x xr12 a#b #x #0 &#12;", &[]),
        ("in 0a1b2c3 and DEADBEEF1", &["commit:0a1b2c3", "commit:deadbeef1"]),
        ("1234567 defaced", &[]),
        ("commit 1234567, commit defaced", &["commit:1234567"]),
        ("550e8400-e29b-41d4-a716-446655440000", &[]),
        ("#a1b2c3d4 color", &[]),
        ("<a@b>", &["message:a@b"]),
        ("Message-ID: <ann@example.org>", &["message:ann@example.org"]),
        ("see <20071121.1234567@mail.example.org>!", &["message:20071121.1234567@mail.example.org"]),
        ("see <ann@example.org>, mail <bob@example.org>", &["address:ann@example.org", "address:bob@example.org"]),
        ("Ann <ann@example.org> wrote", &["address:ann@example.org"]),
        ("mail ann.b+c@example.org.", &["address:ann.b+c@example.org"]),
        ("ann@localhost a@b @x", &[]),
        ("https://x.org/a#12.", &["https://x.org/a#12"]),
        ("(see https://x.org/a_(b)), ok", &["https://x.org/a_(b)"]),
        ("<https://x.org/?q=r12&a=b>", &["https://x.org/?q=r12&a=b"]),
        ("www.x.org/y", &["http://www.x.org/y"]),
        ("https://x.org/a\u{a0}b, https://x.org/c\u{3000}d", &["https://x.org/a", "https://x.org/c"]),
        ("https://x.org/a\u{2003}b https://x.org/c\u{202f}d", &["https://x.org/a", "https://x.org/c"]),
        ("https://x.org/\u{200b}b https://x.org/caf\u{e9}.", &["https://x.org/", "https://x.org/caf\u{e9}"]),
        ("https:// http", &[]),
        ("git://x/r1", &["git://x/r1"]),
        ("https://user@x.org/", &["https://user@x.org/"]),
        ("#1.5 #12-b", &["issue:12"]),
        ("über#3 #4ü", &[]),
        ("r999999999999999999999 #99999999999999999999", &[]),
    ];
    for (text, want) in cases {
        assert_eq!(keys(text), want, "{text}");
    }
}

#[test]
fn links_lead_to_the_things() {
    let urls: Vec<String> = find("#1 t#2 abc1234 r5 <x/y%z@q>").iter().map(url_of).collect();
    assert_eq!(urls, ["/issues/1", "/issues/t/2", "/c/abc1234", "/c/r5", "/lists/-/x%2Fy%25z@q"]);
}

#[test]
fn addresses_alone_are_links_where_no_hub_stands_behind() {
    let mut out = String::new();
    write_urls(&mut out, "#1 & www.x.org/a\u{a0}b, ann@x.org");
    assert_eq!(
        out,
        "#1 &amp; <a href=\"http://www.x.org/a\" rel=\"nofollow noopener\">www.x.org/a</a>\u{a0}b, ann@x.org"
    );
}

#[test]
fn strangers_do_not_see_addresses() {
    let mut out = String::new();
    write_linked(&mut out, "ann@x.org <b> #1", &crate::Viewer::default(), "\n");
    assert!(!out.contains("x.org"), "{out}");
    assert!(out.contains("&lt;b&gt; <a class=\"ref issue\" href=\"/issues/1\">#1</a>"));
    out.clear();
    write_linked(&mut out, "ann@x.org", &crate::Viewer { knows_addresses: true }, "\n");
    assert_eq!(out, "<a href=\"mailto:ann@x.org\">ann@x.org</a>");
}

#[test]
fn long_nasty_texts_take_linear_time() {
    for unit in ["a.", "<", "<a", "a@", "a-", "#1", "https://", "x#", "www.", "(", "issue ", "é", "a@b.", "http://a)"]
    {
        let text = unit.repeat(400_000 / unit.len());
        let found = find(&text);
        assert!(found.len() <= text.len(), "{unit}");
    }
}

/// Pieces of what the scanner looks for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 32] = [
        "issue",
        "issue ",
        "Issue",
        "#",
        "1",
        "23",
        "r",
        "r4",
        " ",
        "\n",
        "<",
        ">",
        "@",
        ".",
        "org",
        "a",
        "b-",
        "_",
        "https://",
        "www.",
        "mailto:",
        "(",
        ")",
        "]",
        "commit ",
        "abc1234",
        "deadbeef",
        ":",
        "é",
        "/",
        "Message-ID: ",
        "'",
    ];
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn ranges_are_in_order_and_on_characters(text in prop_oneof![pieces(), "\\PC{0,60}"]) {
        let mut last = 0;
        for r in find(&text) {
            prop_assert!(r.range.start >= last && r.range.end > r.range.start);
            prop_assert!(text.get(r.range.clone()).is_some());
            last = r.range.end;
        }
    }
}
