//! Cutting a diff to the size of a mail. Pure.

use crate::Config;
use crate::vcs::text;

/// What ends a line that was cut.
const MORE: &str = "[...]";

/// The first `max_diff` bytes of a diff in whole lines, long lines cut, and a last line that says how much is missing.
/// `unfinished` when the diff goes on behind `diff`.
pub fn cut(diff: &[u8], unfinished: bool, config: &Config, see: &str) -> String {
    if config.max_diff.0 == 0 {
        return String::new();
    }
    let diff = text(diff);
    let (kept, rest) = split(&diff, config.max_diff.0);
    let mut out = String::with_capacity(kept.len() + 100);
    for line in kept.split_inclusive('\n') {
        push_line(&mut out, line, config.max_line);
    }
    if !rest.is_empty() || unfinished {
        let (lines, bytes) = (rest.lines().count(), rest.len());
        let more = if unfinished { "more than " } else { "" };
        out.push_str(&format!("… {more}{lines} lines ({bytes} bytes) cut, see {see}\n"));
    }
    out
}

/// Splits before the line that would make it too long.
fn split(diff: &str, most: usize) -> (&str, &str) {
    if diff.len() <= most {
        return (diff, "");
    }
    let end = diff.floor_char_boundary(most);
    let end = diff[..end].rfind('\n').map_or(0, |at| at + 1);
    diff.split_at(end)
}

fn push_line(out: &mut String, line: &str, most: usize) {
    let bare = line.strip_suffix('\n').unwrap_or(line);
    match bare.char_indices().nth(most).filter(|_| most > 0) {
        Some(_) => {
            let keep = most.saturating_sub(MORE.len());
            let end = bare.char_indices().nth(keep).map_or(bare.len(), |(at, _)| at);
            out.push_str(&bare[..end]);
            out.push_str(MORE);
        }
        None => out.push_str(bare),
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use mail::Size;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_diff_is_cut_between_lines_with_a_word() {
        let config = Config { max_diff: Size(12), max_line: 10, ..Config::default() };
        assert_eq!(cut("+é\n+b\n".as_bytes(), false, &config, "URL"), "+é\n+b\n");
        assert_eq!(
            cut("+1234\n+67890\n+x\n".as_bytes(), false, &config, "URL"),
            "+1234\n… 2 lines (10 bytes) cut, see URL\n"
        );
        assert_eq!(cut(b"+1\n", true, &config, "URL"), "+1\n… more than 0 lines (0 bytes) cut, see URL\n");
        let wide = Config { max_diff: Size(100), max_line: 10, ..Config::default() };
        assert_eq!(cut(b"+1234567890\n+123456789", false, &wide, "URL"), "+1234[...]\n+123456789\n");
        assert_eq!(cut(b"+1\n", false, &Config { max_diff: Size(0), ..wide }, "URL"), "");
    }

    proptest! {
        #[test]
        fn what_is_kept_fits_and_is_whole_lines(lines in proptest::collection::vec("[+-]\\PC{0,30}", 0..30), most in 1_usize..400) {
            let diff: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let config = Config { max_diff: Size(most), max_line: 0, ..Config::default() };
            let out = cut(diff.as_bytes(), false, &config, "URL");
            let kept = out.lines().filter(|line| !line.starts_with('…')).count();
            prop_assert!(out.lines().take(kept).map(|line| line.len() + 1).sum::<usize>() <= most);
            let whole: String = out.lines().take(kept).map(|line| line.to_owned() + "\n").collect();
            prop_assert!(diff.starts_with(&whole));
        }
    }
}
