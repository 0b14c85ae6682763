//! A fence taken apart: name, argument, options as fields or YAML, a body (MyST, "Directives"); and its directive written
//! in reST.

/// A fence taken apart.
pub(super) struct Parts<'t> {
    pub name: &'t str,
    pub argument: &'t str,
    pub options: Vec<(String, String)>,
    pub body: String,
    /// Lines between the fence and the body.
    head: usize,
}

impl Parts<'_> {
    /// The line of the page on which the body begins, where the fence stands on the line `line`.
    pub(super) fn body_line(&self, line: u32) -> u32 {
        line + 1 + u32::try_from(self.head).unwrap_or(0)
    }
}

/// Parts options from body: fields at the top, or a block between two `---`.
pub(super) fn take_apart<'t>(name: &'t str, argument: &'t str, text: &str) -> Parts<'t> {
    let mut options = Vec::new();
    let mut head = 0;
    let lines: Vec<&str> = text.lines().collect();
    if lines.first().is_some_and(|l| l.trim() == "---")
        && let Some(end) = lines.iter().skip(1).position(|l| l.trim() == "---")
    {
        for line in &lines[1..=end] {
            if let Some((key, value)) = line.split_once(':') {
                options.push((key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()));
            }
        }
        head = end + 2;
    } else {
        while let Some((key, value)) = lines.get(head).and_then(|l| field(l)) {
            options.push((key.to_owned(), value.to_owned()));
            head += 1;
        }
    }
    let body: String = lines[head..].iter().flat_map(|l| [*l, "\n"]).collect();
    Parts { name, argument, options, body, head }
}

/// `:key: value`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().strip_prefix(':')?.split_once(':')?;
    let sound = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (sound && (value.is_empty() || value.starts_with(' '))).then(|| (key, value.trim()))
}

/// The directive as reST writes it.
pub(super) fn in_rst(name: &str, argument: &str, options: &[(String, String)], body: &str) -> String {
    let mut out = format!(".. {name}:: {argument}\n");
    for (key, value) in options {
        out.push_str(&format!("   :{key}: {value}\n"));
    }
    out.push('\n');
    for line in body.lines() {
        if !line.trim().is_empty() {
            out.push_str("   ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_taken_apart() {
        let parts = take_apart("x", "", ":a: 1\n:b:\n\nbody\n:c: no\n");
        assert_eq!(parts.options, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
        assert_eq!((parts.body.as_str(), parts.head), ("\nbody\n:c: no\n", 2));
        let parts = take_apart("x", "", "---\na: \"1\"\n---\nbody");
        assert_eq!((parts.options.len(), parts.body.as_str(), parts.head), (1, "body\n", 3));
        assert_eq!(take_apart("x", "", "::not: x\n").options.len(), 0);
    }

    #[test]
    fn directives_are_written_in_rst() {
        let options = [("class".to_owned(), "x".to_owned())];
        assert_eq!(in_rst("note", "A", &options, "b\n\n c"), ".. note:: A\n   :class: x\n\n   b\n\n    c\n");
    }
}
