//! Bare numbers in the texts of a tracker that is not the default one: `#2` there means its own issue 2. Pure.

use std::borrow::Cow;

use markup::autolink::{self, Kind};

/// The text with `#2` as `website#2`, so that its mention leads to the right tracker.
pub fn qualified<'t>(text: &'t str, tracker: &str) -> Cow<'t, str> {
    let bare = |kind: &Kind| matches!(kind, Kind::Issue { tracker: None, .. });
    let mut references = autolink::find(text).into_iter().filter(|reference| bare(&reference.kind)).peekable();
    if references.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut at) = (String::with_capacity(text.len() + 64), 0);
    for reference in references {
        let Kind::Issue { id, .. } = reference.kind else { continue };
        out.push_str(&text[at..reference.range.start]);
        out.push_str(&format!("{tracker}#{id}"));
        at = reference.range.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// The HTML of a message with its links to bare numbers leading below `path` (`/issues/website/`).
pub fn relinked(html: &str, path: &str) -> String {
    // Texts are escaped, so that only a link that `markup` made can read like this.
    const LINK: &str = "<a class=\"ref issue\" href=\"/issues/";
    let mut parts = html.split(LINK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            out.push_str(LINK.trim_end_matches("/issues/"));
            out.push_str(path);
        } else {
            out.push_str(LINK);
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_numbers_mean_the_own_tracker() {
        assert_eq!(qualified("See #2 and other#3, not a#.", "website"), "See website#2 and other#3, not a#.");
        assert_eq!(qualified("nothing", "website"), "nothing");
        let html = markup::message_html("See #2 and other#3.", markup::Format::Plain, &markup::Viewer::default());
        let own = relinked(&html, "/issues/website/");
        assert!(own.contains("href=\"/issues/website/2\"") && own.contains("href=\"/issues/other/3\""), "{own}");
    }
}
