//! The quotes of languages (docutils: `smartquotes.smartchars`).

/// Quotes by language: primary open and close, secondary open and close. Sorted by language.
const QUOTES: &[(&str, [&str; 4])] = &[
    ("af", ["“", "”", "‘", "’"]),
    ("af-x-altquot", ["„", "”", "‚", "’"]),
    ("bg", ["„", "“", "‚", "‘"]),
    ("ca", ["«", "»", "“", "”"]),
    ("ca-x-altquot", ["“", "”", "‘", "’"]),
    ("cs", ["„", "“", "‚", "‘"]),
    ("cs-x-altquot", ["»", "«", "›", "‹"]),
    ("da", ["»", "«", "›", "‹"]),
    ("da-x-altquot", ["„", "“", "‚", "‘"]),
    ("de", ["„", "“", "‚", "‘"]),
    ("de-ch", ["«", "»", "‹", "›"]),
    ("de-x-altquot", ["»", "«", "›", "‹"]),
    ("el", ["«", "»", "“", "”"]),
    ("en", ["“", "”", "‘", "’"]),
    ("en-uk-x-altquot", ["‘", "’", "“", "”"]),
    ("eo", ["“", "”", "‘", "’"]),
    ("es", ["«", "»", "“", "”"]),
    ("es-x-altquot", ["“", "”", "‘", "’"]),
    ("et", ["„", "“", "‚", "‘"]),
    ("et-x-altquot", ["«", "»", "‹", "›"]),
    ("eu", ["«", "»", "‹", "›"]),
    ("fi", ["”", "”", "’", "’"]),
    ("fi-x-altquot", ["»", "»", "›", "›"]),
    ("fr", ["«\u{a0}", "\u{a0}»", "“", "”"]),
    ("fr-ch", ["«", "»", "‹", "›"]),
    ("fr-ch-x-altquot", ["«\u{202f}", "\u{202f}»", "‹\u{202f}", "\u{202f}›"]),
    ("fr-x-altquot", ["«\u{202f}", "\u{202f}»", "“", "”"]),
    ("gl", ["«", "»", "“", "”"]),
    ("he", ["”", "“", "»", "«"]),
    ("he-x-altquot", ["„", "”", "‚", "’"]),
    ("hr", ["„", "”", "‘", "’"]),
    ("hr-x-altquot", ["»", "«", "›", "‹"]),
    ("hsb", ["„", "“", "‚", "‘"]),
    ("hsb-x-altquot", ["»", "«", "›", "‹"]),
    ("hu", ["„", "”", "«", "»"]),
    ("is", ["„", "“", "‚", "‘"]),
    ("it", ["«", "»", "“", "”"]),
    ("it-ch", ["«", "»", "‹", "›"]),
    ("it-x-altquot", ["“", "”", "‘", "’"]),
    ("ja", ["「", "」", "『", "』"]),
    ("ko", ["“", "”", "‘", "’"]),
    ("lt", ["„", "“", "‚", "‘"]),
    ("lv", ["„", "“", "‚", "‘"]),
    ("mk", ["„", "“", "‚", "‘"]),
    ("nb", ["«", "»", "’", "’"]),
    ("nl", ["“", "”", "‘", "’"]),
    ("nl-x-altquot", ["„", "”", "‚", "’"]),
    ("nn", ["«", "»", "’", "’"]),
    ("nn-x-altquot", ["«", "»", "‘", "’"]),
    ("no", ["«", "»", "’", "’"]),
    ("no-x-altquot", ["«", "»", "‘", "’"]),
    ("pl", ["„", "”", "«", "»"]),
    ("pl-x-altquot", ["«", "»", "‚", "’"]),
    ("pt", ["«", "»", "“", "”"]),
    ("pt-br", ["“", "”", "‘", "’"]),
    ("ro", ["„", "”", "«", "»"]),
    ("ru", ["«", "»", "„", "“"]),
    ("sh", ["„", "”", "‚", "’"]),
    ("sh-x-altquot", ["»", "«", "›", "‹"]),
    ("sk", ["„", "“", "‚", "‘"]),
    ("sk-x-altquot", ["»", "«", "›", "‹"]),
    ("sl", ["„", "“", "‚", "‘"]),
    ("sl-x-altquot", ["»", "«", "›", "‹"]),
    ("sq", ["«", "»", "‹", "›"]),
    ("sq-x-altquot", ["“", "„", "‘", "‚"]),
    ("sr", ["„", "”", "’", "’"]),
    ("sr-x-altquot", ["»", "«", "›", "‹"]),
    ("sv", ["”", "”", "’", "’"]),
    ("sv-x-altquot", ["»", "»", "›", "›"]),
    ("tr", ["“", "”", "‘", "’"]),
    ("tr-x-altquot", ["«", "»", "‹", "›"]),
    ("uk", ["«", "»", "„", "“"]),
    ("uk-x-altquot", ["„", "“", "‚", "‘"]),
    ("zh-cn", ["“", "”", "‘", "’"]),
    ("zh-tw", ["「", "」", "『", "』"]),
];

/// The quotes of a language, or of the language without its region.
pub(super) fn find_quotes(language: &str) -> Option<[&'static str; 4]> {
    let mut tag = language.to_lowercase().replace('_', "-");
    loop {
        if let Ok(at) = QUOTES.binary_search_by(|(known, _)| (*known).cmp(&tag)) {
            return Some(QUOTES[at].1);
        }
        let (parts, alternative) = match tag.strip_suffix("-x-altquot") {
            Some(rest) => (rest.to_owned(), "-x-altquot"),
            None => (tag.clone(), ""),
        };
        tag = match parts.rsplit_once('-') {
            Some((shorter, _)) => format!("{shorter}{alternative}"),
            None if !alternative.is_empty() => parts,
            None => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_fall_back() {
        assert!(QUOTES.is_sorted_by_key(|(language, _)| *language));
        assert_eq!(find_quotes("de_AT").map(|q| q[0]), Some("„"));
        assert_eq!(find_quotes("foo"), None);
    }
}
