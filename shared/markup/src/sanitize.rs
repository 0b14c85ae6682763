//! Foreign HTML (mail bodies, raw parts of pages) made safe, with ammonia.

use std::borrow::Cow;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::escape::safe_url;

static MAIL: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("nofollow noopener noreferrer"))
        .url_relative(UrlRelative::Deny)
        .add_tags(["font", "address", "section", "main"])
        .rm_tags(["map", "area"])
        .add_clean_content_tags(["title", "head", "template", "noscript", "iframe", "object", "svg", "math"])
        .add_url_schemes(["cid"])
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => value.starts_with("cid:").then_some(Cow::Borrowed(value)),
            (_, "href" | "cite") => safe_url(value).map(Cow::Borrowed),
            (_, "src") => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

static PAGE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("noopener"))
        .add_tags(["section", "main", "picture", "source", "video", "audio"])
        .add_generic_attributes(["id", "class", "align", "width", "height", "role", "aria-label"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("a", ["name"])
        .add_tag_attributes("source", ["src", "srcset", "media", "type"])
        .add_tag_attributes("video", ["src", "controls", "poster"])
        .add_tag_attributes("audio", ["src", "controls"])
        .attribute_filter(|_, attribute, value| match attribute {
            "href" | "cite" | "src" | "poster" => safe_url(value).map(Cow::Borrowed),
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

/// HTML blocks in a page of a source that is not trusted: no scripts, styles or forms; images, classes and ids stay.
pub(crate) fn page(source: &str) -> String {
    PAGE.clean(source).to_string()
}

/// HTML from a stranger's mail without scripts, styles, forms and remote images.
///
/// Links keep only harmless schemes and say `nofollow`; an image keeps its text, and its source only when it is a part
/// of the same mail (`cid:`).
pub fn html(source: &str) -> String {
    MAIL.clean(source).to_string()
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn nothing_that_acts_is_left() {
        let out = html(
            "<style>p{}</style><p style='x' onclick=y()>Hi <a href='javascript:x'>a</a><a href='https://x.org/'>b</a>\
             <img src='http://track/1.gif' alt='logo'><img src='cid:part1'><script>x()</script><svg><script>1</script></svg>\
             <form action=/x><input name=q></form>",
        );
        assert_eq!(
            out,
            "<p>Hi <a rel=\"nofollow noopener noreferrer\">a</a><a href=\"https://x.org/\" rel=\"nofollow noopener noreferrer\">b</a>\
             <img alt=\"logo\"><img src=\"cid:part1\"></p>"
        );
    }
}
