//! Colon fences: `:::{note}` is a fence whose content editors still show as prose (MyST, "Nesting content blocks").

use std::borrow::Cow;

/// The source with colon fences as fences of backticks, longer than any in the source; lines keep their numbers.
pub(in crate::markdown) fn fences(source: &str) -> Cow<'_, str> {
    if !source.contains(":::") {
        return Cow::Borrowed(source);
    }
    let longest = source.lines().map(|line| run(line.trim_start(), '`')).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut out = String::with_capacity(source.len() + 64);
    // The colons of the open fence, and the backticks or tildes of the code that is passed by.
    let (mut open, mut code): (usize, Option<(char, usize)>) = (0, None);
    for line in source.split_inclusive('\n') {
        let text = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let colons = run(text, ':');
        if let Some((mark, length)) = code {
            if run(text, mark) >= length && text.chars().all(|c| c == mark) {
                code = None;
            }
        } else if open == 0 && ["`", "~"].iter().any(|m| text.starts_with(&m.repeat(3))) {
            let mark = text.chars().next().unwrap_or('`');
            code = Some((mark, run(text, mark)));
        } else if open == 0 && colons >= 3 && text[colons..].trim_start().starts_with('{') && indent < 4 {
            open = colons;
            out.push_str(&line[..indent]);
            out.push_str(&fence);
            out.push_str(text[colons..].trim_start());
            out.push('\n');
            continue;
        } else if open > 0 && colons >= open && colons == text.len() {
            open = 0;
            out.push_str(&line[..indent]);
            out.push_str(&fence);
            out.push('\n');
            continue;
        }
        out.push_str(line);
    }
    Cow::Owned(out)
}

fn run(text: &str, mark: char) -> usize {
    text.len() - text.trim_start_matches(mark).len()
}

#[cfg(test)]
mod tests {
    use super::fences;

    #[test]
    fn colons_become_backticks() {
        assert_eq!(fences("a\n:::{note} T\n```x\n:::\n```\n:::\nb"), "a\n````{note} T\n```x\n````\n```\n:::\nb");
        assert_eq!(fences("::::{note}\n:::{tip}\nx\n:::\n::::\n"), "```{note}\n:::{tip}\nx\n:::\n```\n");
        assert_eq!(fences("```\n:::{note}\n```\n"), "```\n:::{note}\n```\n");
        assert_eq!(fences(":::\nx\n:::\n"), ":::\nx\n:::\n");
    }
}
