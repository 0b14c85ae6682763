//! Plain text: paragraphs and line breaks kept, quotes nested and folded, patches coloured, the signature dimmed.

use crate::{Viewer, autolink, escape, highlight};

/// Deeper quotes are shown at this depth.
const DEEPEST: usize = 12;
/// Longer quotes are folded under their attribution.
const FOLDED_FROM: usize = 8;

#[derive(Clone, Copy)]
struct Line<'t> {
    depth: usize,
    text: &'t str,
}

pub(super) fn html(text: &str, viewer: &Viewer) -> String {
    let lines: Vec<Line<'_>> = text.lines().map(split_quote).collect();
    let signature = lines.iter().rposition(|l| l.depth == 0 && (l.text == "-- " || l.text == "--"));
    let (body, signature) = lines.split_at(signature.unwrap_or(lines.len()));
    let mut out = String::with_capacity(text.len() * 5 / 4);
    blocks(&mut out, body, 0, viewer);
    if let Some((_, rest)) = signature.split_first() {
        out.push_str("<div class=\"signature\">\n");
        blocks(&mut out, rest, 0, viewer);
        out.push_str("</div>\n");
    }
    out
}

/// Counts the `>` before a line (RFC 3676 section 4.5; blanks between them are common and taken).
fn split_quote(line: &str) -> Line<'_> {
    let (mut depth, mut rest) = (0, line);
    while let Some(inner) = rest.strip_prefix('>').or_else(|| rest.strip_prefix(" >").filter(|_| depth > 0)) {
        (depth, rest) = (depth + 1, inner);
    }
    let text = if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
    Line { depth: depth.min(DEEPEST), text }
}

fn blocks(out: &mut String, lines: &[Line<'_>], depth: usize, viewer: &Viewer) {
    let mut at = 0;
    while at < lines.len() {
        let end = at
            + lines[at..]
                .iter()
                .position(|l| (l.depth > depth) != (lines[at].depth > depth))
                .unwrap_or(lines.len() - at);
        if lines[at].depth > depth {
            quote(out, None, &lines[at..end], depth, viewer);
        } else if end < lines.len() {
            let own = &lines[at..end];
            let (own, attribution) = own.split_at(attribution_start(own));
            text(out, own, viewer);
            let until = end + lines[end..].iter().position(|l| l.depth <= depth).unwrap_or(lines.len() - end);
            quote(out, Some(attribution), &lines[end..until], depth, viewer);
            at = until;
            continue;
        } else {
            text(out, &lines[at..end], viewer);
        }
        at = end;
    }
}

/// Where the lines that introduce a quote begin ("On Monday Ann wrote:"); the length when there are none.
fn attribution_start(own: &[Line<'_>]) -> usize {
    let Some(last) = own.iter().rposition(|l| !l.text.trim().is_empty()) else { return own.len() };
    if !own[last].text.trim_end().ends_with(':') || own.len() - last > 2 {
        return own.len();
    }
    let first = own[..last].iter().rposition(|l| l.text.trim().is_empty()).map_or(0, |i| i + 1);
    if last - first < 3 { first } else { last }
}

fn quote(out: &mut String, attribution: Option<&[Line<'_>]>, lines: &[Line<'_>], depth: usize, viewer: &Viewer) {
    let attribution = attribution.unwrap_or(&[]);
    let mut words = String::new();
    let joined: Vec<&str> = attribution.iter().map(|l| l.text.trim()).filter(|t| !t.is_empty()).collect();
    autolink::write_linked(&mut words, &joined.join(" "), viewer, "\n");
    let folded = lines.len() > FOLDED_FROM;
    match (folded, words.is_empty()) {
        (true, true) => {
            out.push_str(&format!("<details class=\"quote\"><summary>{} quoted lines</summary>\n", lines.len()))
        }
        (true, false) => {
            out.push_str(&format!("<details class=\"quote\"><summary class=\"attribution\">{words}</summary>\n"));
        }
        (false, true) => {}
        (false, false) => out.push_str(&format!("<p class=\"attribution\">{words}</p>\n")),
    }
    out.push_str("<blockquote>\n");
    blocks(out, lines, depth + 1, viewer);
    out.push_str("</blockquote>\n");
    if folded {
        out.push_str("</details>\n");
    }
}

/// Lines of one depth: a patch, or paragraphs.
fn text(out: &mut String, lines: &[Line<'_>], viewer: &Viewer) {
    let patch = (0..lines.len()).find(|&i| begins_patch(&lines[i..])).unwrap_or(lines.len());
    for paragraph in lines[..patch].split(|l| l.text.trim().is_empty()).filter(|p| !p.is_empty()) {
        write_paragraph(out, paragraph, viewer);
    }
    if patch < lines.len() {
        let code: String = lines[patch..].iter().flat_map(|l| [l.text, "\n"]).collect();
        let code = code.trim_end();
        let inner = highlight(code, "diff").unwrap_or_else(|| escape(code));
        out.push_str(&format!("<pre class=\"code diff\"><code>{inner}</code></pre>\n"));
    }
}

fn begins_patch(lines: &[Line<'_>]) -> bool {
    let first = lines[0].text;
    let second = lines.get(1).map_or("", |l| l.text);
    first.starts_with("diff --git ")
        || first.starts_with("--- ") && second.starts_with("+++ ")
        || first.starts_with("Index: ") && second.starts_with("=====")
}

fn write_paragraph(out: &mut String, lines: &[Line<'_>], viewer: &Viewer) {
    let mut joined = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            joined.push('\n');
        }
        joined.push_str(line.text.trim_end());
    }
    // Columns and indentation carry meaning: tables, code, drawings.
    let shaped =
        lines.iter().any(|l| l.text.starts_with([' ', '\t']) || l.text.trim().contains("   ") || l.text.contains('\t'));
    let (open, close, newline) = if shaped { ("<pre>", "</pre>\n", "\n") } else { ("<p>", "</p>\n", "<br>\n") };
    out.push_str(open);
    autolink::write_linked(out, &joined, viewer, newline);
    out.push_str(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        html(text, &Viewer::default())
    }

    #[test]
    fn paragraphs_and_breaks_stay() {
        assert_eq!(render("a <b>\nb\n\nc"), "<p>a &lt;b&gt;<br>\nb</p>\n<p>c</p>\n");
        assert_eq!(
            render("x\n\n    code  #1\n"),
            "<p>x</p>\n<pre>    code  <a class=\"ref issue\" href=\"/issues/1\">#1</a></pre>\n"
        );
        assert_eq!(render(""), "");
    }

    #[test]
    fn quotes_nest_under_their_attribution() {
        assert_eq!(
            render("Hi.\n\nAnn wrote:\n> one\n>> two\n> three\n\nfour\n-- \nBob"),
            "<p>Hi.</p>\n<p class=\"attribution\">Ann wrote:</p>\n<blockquote>\n<p>one</p>\n<blockquote>\n<p>two</p>\n</blockquote>\n\
             <p>three</p>\n</blockquote>\n<p>four</p>\n<div class=\"signature\">\n<p>Bob</p>\n</div>\n"
        );
    }

    #[test]
    fn long_quotes_fold() {
        let out = render(&format!("On Monday\nAnn wrote:\n{}done", "> line\n".repeat(9)));
        assert!(
            out.starts_with("<details class=\"quote\"><summary class=\"attribution\">On Monday Ann wrote:</summary>"),
            "{out}"
        );
        assert!(out.ends_with("</details>\n<p>done</p>\n"));
    }

    #[test]
    fn patches_are_coloured() {
        let out = render("Fix it.\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b <\n-- \n2.1");
        assert!(
            out.contains("<pre class=\"code diff\"><code>") && out.contains("hl-inserted") && out.contains("&lt;"),
            "{out}"
        );
        assert!(out.contains("<div class=\"signature\">"));
    }
}
