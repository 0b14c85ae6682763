//! Languages of lines: patches, and sessions with a shell or an interpreter.

use super::languages::{PYTHON, SHELL};
use super::span;
use crate::escape;

/// A patch: files, places, lines taken and lines given.
pub(super) fn diff(code: &str, out: &mut String) {
    for line in code.split_inclusive('\n') {
        let class = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => "hl-meta hl-diff hl-header",
            [b'+', ..] => "hl-markup hl-inserted",
            [b'-', ..] => "hl-markup hl-deleted",
            [b'@', b'@', ..] => "hl-meta hl-diff hl-range",
            _ if ["diff ", "index ", "Index: ", "====", "new file", "deleted file", "rename ", "similarity "]
                .iter()
                .any(|h| line.starts_with(h)) =>
            {
                "hl-meta hl-diff hl-header"
            }
            _ => {
                escape::push(out, line);
                continue;
            }
        };
        span(out, class, line);
    }
}

/// A session with a shell: what was typed is coloured, what came back is quiet.
pub(super) fn console(code: &str, out: &mut String) {
    let mut continued = false;
    for line in code.split_inclusive('\n') {
        let prompt =
            if continued { line.strip_prefix("> ").map(|rest| line.len() - rest.len()) } else { shell_prompt(line) };
        match prompt {
            Some(length) => {
                span(out, "hl-prompt hl-comment", &line[..length]);
                SHELL.write(&line[length..], out);
                continued = line.trim_end().ends_with('\\');
            }
            None if continued => {
                SHELL.write(line, out);
                continued = line.trim_end().ends_with('\\');
            }
            None => escape::push(out, line),
        }
    }
}

/// The length of `$ `, `# `, `% `, `user@host:~$ `, `(venv) $ ` or `...\> ` at the beginning of a line.
fn shell_prompt(line: &str) -> Option<usize> {
    let at = line.find(['$', '%', '#', '>'])?;
    let head = &line[..at];
    let sound =
        head.is_empty() || head.ends_with([' ', ':', '~', ']', '\\', '/']) || head.contains('@') && !head.contains(' ');
    (at < 40 && sound && line[at + 1..].starts_with(' ')).then_some(at + 2)
}

/// A session with Python: lines with `>>>` or `...` are code.
pub(super) fn doctest(code: &str, out: &mut String) {
    let mut typed = String::new();
    let mut prompts: Vec<&str> = Vec::new();
    for line in code.split_inclusive('\n') {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let known = text.starts_with(">>>") || (text.starts_with("...") && !prompts.is_empty());
        if known {
            let length = (indent + 4).min(line.trim_end_matches('\n').len());
            prompts.push(&line[..length]);
            typed.push_str(&line[length..]);
            continue;
        }
        typed_lines(&mut typed, &mut prompts, out);
        escape::push(out, line);
    }
    typed_lines(&mut typed, &mut prompts, out);
}

/// Writes the lines that were typed: coloured as one text, since a string may run over them.
fn typed_lines(typed: &mut String, prompts: &mut Vec<&str>, out: &mut String) {
    if prompts.is_empty() {
        return;
    }
    let mut coloured = String::with_capacity(typed.len() * 2);
    PYTHON.write(typed, &mut coloured);
    let mut lines = coloured.split_inclusive('\n');
    for prompt in prompts.drain(..) {
        span(out, "hl-prompt hl-comment", prompt);
        out.push_str(lines.next().unwrap_or_default());
    }
    typed.clear();
}
