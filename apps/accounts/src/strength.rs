//! Whether a password is good enough, and the form in which passwords are compared. Pure.

use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

/// The longest password that is taken, bytes.
pub const LONGEST: usize = 1024;

/// The form in which a password is hashed: NFKC, so that the same text typed on two systems is the same password
/// (NIST SP 800-63B section 5.1.1.2). Nothing is trimmed or cut.
pub fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Refuses a password that is too easy to guess for somebody who knows `known` (the name, the mail address, the
/// project's name), in a sentence that helps to find a better one. There are no rules on which characters it has.
pub fn judge(password: &str, known: &[&str]) -> Result<(), String> {
    if password.is_empty() {
        return Err("Choose a password.".into());
    }
    if password.len() > LONGEST {
        return Err(format!("The password is longer than {LONGEST} bytes."));
    }
    let words: Vec<&str> = known
        .iter()
        .flat_map(|text| std::iter::once(*text).chain(text.split(|c: char| !c.is_alphanumeric())))
        .filter(|word| word.chars().count() > 2)
        .collect();
    let estimate = zxcvbn(&normal(password), &words);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let hints = estimate.feedback().map_or_else(String::new, |feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        let suggestions = feedback.suggestions().iter().map(ToString::to_string);
        warning.into_iter().chain(suggestions).take(2).map(|hint| format!(" {}.", hint.trim_end_matches('.'))).collect()
    });
    let hints = if hints.is_empty() { " Three or four unrelated words make a good one.".into() } else { hints };
    Err(format!("This password is too easy to guess.{hints}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_judged_by_how_hard_it_is_to_guess() {
        for good in ["correct horse battery staple", "jT9#vQ2pLw", "Čtyři žluté náprstky"] {
            assert_eq!(judge(good, &["ann"]), Ok(()), "{good}");
        }
        for bad in ["", "password1", "qwertyuiop", "aaaaaaaaaaaaaaaa", "ann.miller@example.org"] {
            assert!(judge(bad, &["ann", "ann.miller@example.org"]).is_err(), "{bad}");
        }
        assert!(judge(&"long enough ".repeat(86), &[]).is_err());
    }

    #[test]
    fn what_others_know_of_a_person_makes_a_password_weaker() {
        let telling = "zwerkolbat9";
        assert_eq!(judge(telling, &["ann"]), Ok(()));
        assert!(judge(telling, &["Zwerkolbat"]).is_err());
    }

    #[test]
    fn the_same_text_typed_on_two_systems_is_the_same_password() {
        assert_eq!(normal("pa\u{308}ss \u{FB01}"), normal("p\u{e4}ss fi"));
        assert_eq!(normal("a\u{3000}b"), "a b");
    }
}
