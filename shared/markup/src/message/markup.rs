//! Messages in Markdown and reST, through the one tree.

use std::borrow::Cow;

use rst::Document;
use rst::html::{HtmlOptions, Link, Resolver, SafeLinks, Xref, html, safe_scheme};

use crate::autolink::without_addresses;
use crate::hooks::Hooks;
use crate::scrolled::scrolled;
use crate::{Viewer, escape, markdown};

/// Headings in a message stand below those of the page: issue title, then message.
const HEADING_LEVEL: u8 = 3;

pub(super) fn markdown(text: &str, viewer: &Viewer) -> String {
    let document = markdown::parse(text, &markdown::Options { source: "message", ..markdown::Options::default() });
    write(&document, text, viewer)
}

pub(super) fn rst(text: &str, viewer: &Viewer) -> String {
    let document = rst::parse(text, &rst::Options::restricted("message"));
    write(&document, text, viewer)
}

/// The links that a stranger follows: none leads to a mailbox, however its address was written.
struct NoMailboxes;

impl Resolver for NoMailboxes {
    fn resolve(&self, _: &Xref<'_>) -> Option<Link> {
        None
    }

    fn url<'u>(&self, uri: &'u str) -> Option<Cow<'u, str>> {
        let mailbox = uri.trim_start().get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:"));
        (!mailbox && safe_scheme(uri)).then_some(Cow::Borrowed(uri))
    }
}

/// Hides addresses from strangers within links and code too, where an escape kept them from being found in the source.
struct InMessage(Hooks);

impl rst::html::Hooks for InMessage {
    fn code(&self, code: &str, language: &str) -> Option<String> {
        self.0.code(code, language)
    }

    fn math(&self, latex: &str, block: bool) -> Option<String> {
        self.0.math(latex, block)
    }

    fn text(&self, text: &str, out: &mut String) {
        self.0.text(text, out);
    }

    fn plain(&self, text: &str, out: &mut String) {
        match self.0.viewer.knows_addresses {
            true => escape::push(out, text),
            false => escape::push(out, &without_addresses(text)),
        }
    }
}

fn write(document: &Document, text: &str, viewer: &Viewer) -> String {
    let hooks = InMessage(Hooks { viewer: *viewer });
    let prefix = prefix(text);
    let resolver: &dyn Resolver = if viewer.knows_addresses { &SafeLinks } else { &NoMailboxes };
    let options = HtmlOptions {
        hooks: &hooks,
        resolver,
        heading_level: HEADING_LEVEL,
        heading_links: false,
        link_rel: "nofollow noopener",
        id_prefix: &prefix,
        ..HtmlOptions::default()
    };
    scrolled(html(document, &options))
}

/// Keeps the identifiers of the messages on one page apart: FNV-1a of the text.
fn prefix(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("m{hash:08x}-")
}

#[cfg(test)]
mod tests {
    use crate::{Format, Viewer, message_html};

    fn markdown(text: &str) -> String {
        message_html(text, Format::Markdown, &Viewer::default())
    }

    #[test]
    fn markdown_links_what_it_mentions() {
        assert_eq!(
            markdown("See #12, `#13` and [#14](https://x.org)."),
            "<p>See <a class=\"ref issue\" href=\"/issues/12\">#12</a>, <code>#13</code> and \
             <a href=\"https://x.org\" rel=\"nofollow noopener\">#14</a>.</p>\n"
        );
        assert!(markdown("a_b_c https://x.org/a_b_c").contains("href=\"https://x.org/a_b_c\""));
    }

    #[test]
    fn strangers_see_no_address_anywhere() {
        let text = "a@x.org <b@x.org> `c@x.org` [d](mailto:d@x.org) [e@x.org](/)\n\n    f@x.org\n\n<p>g@x.org</p>\n";
        let out = markdown(text);
        assert!(!out.contains("x.org"), "{out}");
        let out = message_html(text, Format::Markdown, &Viewer { knows_addresses: true });
        assert_eq!(out.matches("x.org").count(), 10, "{out}");
        assert!(message_html("clone git@x.org:repo", Format::Plain, &Viewer::default()).contains("git@x.org:repo"));
    }

    #[test]
    fn markdown_links_message_ids_but_not_as_mailboxes() {
        let out = markdown("see <20260102.3@mail.x.org>");
        assert!(out.contains("href=\"/lists/-/20260102.3@mail.x.org\"") && !out.contains("mailto:"), "{out}");
        let out = message_html("Ann <ann@x.org>", Format::Markdown, &Viewer { knows_addresses: true });
        assert!(out.contains("href=\"mailto:ann@x.org\""), "{out}");
    }

    #[test]
    fn both_languages_link_what_they_mention() {
        let text = "See #12, ``#13``, r34, 0123abcd, <20260102.3@mail.x.org>, https://x.org/a_b and ann@x.org.";
        for format in [Format::Rst, Format::Markdown] {
            let out = message_html(text, format, &Viewer { knows_addresses: true });
            for link in [
                "href=\"/issues/12\">#12</a>",
                "href=\"/c/r34\">r34</a>",
                "href=\"/c/0123abcd\">0123abcd</a>",
                "href=\"/lists/-/20260102.3@mail.x.org\"",
                "href=\"https://x.org/a_b\"",
                "href=\"mailto:ann@x.org\"",
            ] {
                assert!(out.contains(link), "{link} in {out}");
            }
            assert!(!out.contains("/issues/13"), "{out}");
            let out = message_html(text, format, &Viewer::default());
            assert!(out.contains("ann@…") && !out.contains("ann@x.org") && !out.contains("mailto:"), "{out}");
        }
    }

    #[test]
    fn strangers_see_no_address_in_rst_either() {
        let text = "a@x.org <b@x.org> ``c@x.org`` `d <mailto:d@x.org>`_ here_ |i|\n\n.. _here: mailto:e@x.org\n\n\
                    ::\n\n  f@x.org\n\n.. |i| image:: i.png\n   :alt: g@x.org\n   :target: mailto:h@x.org\n";
        let out = message_html(text, Format::Rst, &Viewer::default());
        assert!(!out.contains("x.org") && !out.contains("mailto"), "{out}");
        assert!(message_html(text, Format::Rst, &Viewer { knows_addresses: true }).contains("mailto:h@x.org"));
    }

    /// Escapes of the language hide an address from the scan of the source, not from that of the tree.
    #[test]
    fn an_escaped_address_leads_strangers_nowhere() {
        for (format, text) in [
            (Format::Markdown, r"[mail](mailto:a&#64;x.org) b\@x.org [c\@x.org](/ 'd&#64;x.org') ![e\@x.org](/f.png)"),
            (Format::Rst, r"`mail <mailto:a\@x.org>`_ b\@x.org `c\@x.org </>`_"),
        ] {
            let out = message_html(text, format, &Viewer::default());
            assert!(!out.contains("x.org") && out.contains("b@…"), "{out}");
            let out = message_html(text, format, &Viewer { knows_addresses: true });
            assert!(out.contains("mailto:a@x.org") && out.contains("mailto:b@x.org"), "{out}");
        }
    }

    /// In messages the directives of pages are mere text, in either language.
    #[test]
    fn a_message_includes_nothing_and_changes_no_page() {
        let out = message_html(".. include:: /etc/passwd\n\n.. title:: x\n", Format::Rst, &Viewer::default());
        assert!(out.contains("disabled") && !out.contains("root:"), "{out}");
        let out = markdown("```{include} /etc/passwd\n```\n\n{raw}`x` <script>x</script>\n");
        assert!(!out.contains("root:") && !out.contains("<script"), "{out}");
    }

    #[test]
    fn identifiers_of_messages_differ() {
        let (a, b) = (markdown("# Same\n\na"), markdown("# Same\n\nb"));
        let id = |html: &str| html.split('"').nth(1).map(str::to_owned);
        assert!(a.contains("<h3>Same</h3>"), "{a}");
        assert_ne!(id(&a), id(&b));
    }
}
