//! What an address of a list means: `dev`, `dev-join`, `dev-confirm+TOKEN`, `dev-bounces+ann=x.org`.
//!
//! Pure: which lists there are is asked by the mailbox.

/// What one address of a list is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Post,
    Join,
    Leave,
    Request,
    /// With the secret of what is to be confirmed.
    Confirm(String),
    Owner,
    Bounces,
}

/// Suffixes of a list's name that are addresses of their own; no list is named so.
pub const SUFFIXES: [(&str, Role); 8] = [
    ("-join", Role::Join),
    ("-subscribe", Role::Join),
    ("-leave", Role::Leave),
    ("-unsubscribe", Role::Leave),
    ("-request", Role::Request),
    ("-confirm", Role::Confirm(String::new())),
    ("-owner", Role::Owner),
    ("-bounces", Role::Bounces),
];

/// The names and roles that a local part may mean, the likeliest first: a list of the whole name wins over a role of
/// a shorter one.
pub fn meanings(local: &str) -> Vec<(String, Role)> {
    let local = local.to_lowercase();
    let (base, detail) = match local.split_once('+') {
        Some((base, detail)) => (base, detail),
        None => (local.as_str(), ""),
    };
    let mut found = Vec::new();
    if detail.is_empty() {
        found.push((base.to_owned(), Role::Post));
    }
    for (suffix, role) in SUFFIXES {
        let Some(name) = base.strip_suffix(suffix).filter(|name| !name.is_empty()) else { continue };
        let role = match role {
            Role::Confirm(_) if !detail.is_empty() => Role::Confirm(detail.to_owned()),
            Role::Confirm(_) => continue,
            Role::Bounces => Role::Bounces,
            other if detail.is_empty() => other,
            _ => continue,
        };
        found.push((name.to_owned(), role));
    }
    found
}

/// Whether a list may have this name: 1 to 60 of a-z, digits and `.` `_` `-` in between, no suffix of ours, no word of
/// our pages.
pub fn is_name(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let inner = |c: char| edge(c) || matches!(c, '.' | '_' | '-');
    let words = ["new", "confirm", "unsubscribe", "mine", "postmaster", "abuse", "mailer-daemon", "issues", "root"];
    (1..=60).contains(&name.len())
        && name.chars().all(inner)
        && name.starts_with(edge)
        && name.ends_with(edge)
        && !name.contains("..")
        && !words.contains(&name)
        && SUFFIXES.iter().all(|(suffix, _)| !name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_list_is_known() {
        let first = |local: &str| meanings(local).pop().expect("a meaning");
        let named = |name: &str, role: Role| (name.to_owned(), role);
        assert_eq!(meanings("Dev"), [named("dev", Role::Post)]);
        assert_eq!(meanings("dev-join"), [named("dev-join", Role::Post), named("dev", Role::Join)]);
        assert_eq!(first("py-dev-unsubscribe"), named("py-dev", Role::Leave));
        assert_eq!(first("dev-confirm+0aB"), named("dev", Role::Confirm("0ab".into())));
        assert_eq!(first("dev-bounces+ann=x.org"), named("dev", Role::Bounces));
        assert_eq!(first("dev-bounces"), named("dev", Role::Bounces));
        assert_eq!(meanings("dev-confirm"), [named("dev-confirm", Role::Post)]);
        assert_eq!(meanings("issues+12"), []);
        assert_eq!(meanings("dev-owner+x"), []);
        assert_eq!(meanings("-join"), [named("-join", Role::Post)]);
    }

    #[test]
    fn names_are_checked() {
        for good in ["dev", "py-dev", "users.de", "a", "list_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Dev", "-dev", "dev-", "dev-join", "dev-owner", "new", "a b", "a+b", "a..b", "ü", "confirm"] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(!is_name(&"x".repeat(61)));
    }
}
