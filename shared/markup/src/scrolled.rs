//! Tables that are too wide scroll by themselves.

/// Every outermost table in a box that scrolls sideways and that the keyboard reaches (WCAG 2.1.1).
pub(crate) fn scrolled(html: String) -> String {
    const BOX: &str = "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">";
    const END: &str = "</table>";
    let begins = |at: usize| html[at..].starts_with("<table") && html[at + 6..].starts_with([' ', '>']);
    let marks: Vec<usize> = html.match_indices('<').map(|(at, _)| at).collect();
    let marks = marks.into_iter().filter(|at| begins(*at) || html[*at..].starts_with(END));
    let (mut out, mut done, mut depth) = (String::with_capacity(html.len() + 256), 0, 0_usize);
    for at in marks {
        let end = match begins(at) {
            true if depth == 0 => {
                out.push_str(&html[done..at]);
                out.push_str(BOX);
                depth = 1;
                done = at;
                continue;
            }
            true => {
                depth += 1;
                continue;
            }
            false if depth == 1 => at + END.len(),
            false => {
                depth = depth.saturating_sub(1);
                continue;
            }
        };
        out.push_str(&html[done..end]);
        out.push_str("</div>");
        (depth, done) = (0, end);
    }
    // Raw HTML may open a table that it never closes: such a page stays as it is.
    if depth > 0 {
        return html;
    }
    out.push_str(&html[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::scrolled;

    #[test]
    fn a_table_scrolls_by_itself_and_the_keyboard_reaches_it() {
        let open = "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">";
        for (html, wanted) in [
            ("<p>a</p>", "<p>a</p>".to_owned()),
            ("a<table><tr></tr></table>b", format!("a{open}<table><tr></tr></table></div>b")),
            (
                "<table class=\"x\"><td><table></table></td></table>",
                format!("{open}<table class=\"x\"><td><table></table></td></table></div>"),
            ),
            ("<table></table><table></table>", format!("{open}<table></table></div>{open}<table></table></div>")),
            ("<table>", "<table>".to_owned()),
            ("</table><tablet>", "</table><tablet>".to_owned()),
        ] {
            assert_eq!(scrolled(html.to_owned()), wanted);
        }
    }
}
