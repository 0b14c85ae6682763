//! Reading the texts of the demo: a line that begins with `%% ` is a mark, and what follows it is its body.

/// A mark with its body.
#[derive(Clone, Debug)]
pub struct Mark<'t> {
    /// The first word.
    pub word: &'t str,
    /// What stands behind it.
    pub rest: &'t str,
    pub body: String,
}

/// The marks of a text in their order, without what is said about the text itself.
pub fn marks(text: &str) -> Vec<Mark<'_>> {
    let mut found: Vec<Mark<'_>> = vec![];
    for line in text.lines() {
        if let Some(mark) = line.strip_prefix("%% ") {
            let (word, rest) = mark.split_once(' ').unwrap_or((mark, ""));
            found.push(Mark { word, rest: rest.trim(), body: String::new() });
        } else if let Some(mark) = found.last_mut() {
            mark.body.push_str(line);
            mark.body.push('\n');
        }
    }
    found.retain(|mark| mark.word != "about");
    found
}

/// The parts of a mark's rest between bars.
pub fn parts<'t>(mark: &Mark<'t>) -> Vec<&'t str> {
    mark.rest.split(" | ").map(str::trim).collect()
}

/// Replaces every `{word NAME}` of a text by what is found for the name; an error names the first that is unknown.
pub fn fill(text: &str, word: &str, find: impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let open = format!("{{{word} ");
    let mut parts = text.split(open.as_str());
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let found =
            find(name).ok_or_else(|| anyhow::anyhow!("The demo's texts name {word} {name}, which is not there"))?;
        out.push_str(&found);
        out.push_str(rest);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_marks_with_bodies() {
        let read =
            marks("%% about this\nis for writers\n%% thread 3 10:00 ann | A | B\nHello\n\nBye\n%% reply 1 2 bob\n");
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].word, parts(&read[0]), read[0].body.as_str()),
            ("thread", vec!["3 10:00 ann", "A", "B"], "Hello\n\nBye\n")
        );
        let number = |name: &str| (name == "a").then(|| "#1".to_owned());
        assert_eq!(fill("see {issue a}, {b}", "issue", number).unwrap(), "see #1, {b}");
        assert!(fill("see {issue c}", "issue", number).is_err());
    }
}
