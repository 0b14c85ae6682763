//! The date, for a substitution ("reStructuredText Directives", section "Date").

use super::{Call, Fault, Spec};
use crate::doctree::NodeId;
use crate::lines;
use crate::options::Now;
use crate::parser::Parser;

pub(super) static DATE: Spec =
    Spec { required: 0, optional: 0, last_with_space: false, options: &[], content: true, restricted: true, run: date };

fn date<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    call.definition()?;
    let format = lines::join(&call.content);
    let format = if format.is_empty() { "%Y-%m-%d" } else { &format };
    let now = parser.options.now.ok_or_else(|| Fault::warning("The date is not known here."))?;
    let text = format_date(format, now);
    Ok(vec![parser.doc.create_text(&text)])
}

/// A date by the signs of C's `strftime`, in English.
fn format_date(format: &str, now: Now) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let month = MONTHS[usize::from(now.month.clamp(1, 12)) - 1];
    let day = DAYS[weekday(now)];
    let hour12 = match now.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Y') => out.push_str(&now.year.to_string()),
            Some('y') => out.push_str(&format!("{:02}", now.year.rem_euclid(100))),
            Some('m') => out.push_str(&format!("{:02}", now.month)),
            Some('d') => out.push_str(&format!("{:02}", now.day)),
            Some('e') => out.push_str(&format!("{:2}", now.day)),
            Some('H') => out.push_str(&format!("{:02}", now.hour)),
            Some('I') => out.push_str(&format!("{hour12:02}")),
            Some('M') => out.push_str(&format!("{:02}", now.minute)),
            Some('S') => out.push_str(&format!("{:02}", now.second)),
            Some('p') => out.push_str(if now.hour < 12 { "AM" } else { "PM" }),
            Some('B') => out.push_str(month),
            Some('b' | 'h') => out.push_str(&month[..3]),
            Some('A') => out.push_str(day),
            Some('a') => out.push_str(&day[..3]),
            Some('F') => out.push_str(&format_date("%Y-%m-%d", now)),
            Some('T') => out.push_str(&format_date("%H:%M:%S", now)),
            Some('R') => out.push_str(&format_date("%H:%M", now)),
            Some('%') => out.push('%'),
            Some(other) => out.extend(['%', other]),
            None => out.push('%'),
        }
    }
    out
}

/// The day of the week, Sunday being 0 (Sakamoto's method).
fn weekday(now: Now) -> usize {
    const SHIFT: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let month = usize::from(now.month.clamp(1, 12));
    let year = now.year - i32::from(month < 3);
    let sum = year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + SHIFT[month - 1];
    usize::try_from((sum + i32::from(now.day)).rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_asked() {
        let now = Now { year: 2026, month: 11, day: 21, hour: 0, minute: 5, second: 9 };
        assert_eq!(format_date("%a, %d %B %Y %I:%M:%S %p %%", now), "Sat, 21 November 2026 12:05:09 AM %");
        assert_eq!(format_date("%F %q%", now), "2026-11-21 %q%");
    }
}
