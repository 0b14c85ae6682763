//! Which paths of other web servers are for whom: what `/auth/check` answers by. Pure.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// A rule for everything below a path, `[[accounts.gate]]` in the configuration. Of several the longest path counts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The path below which it holds: `/private/`.
    pub path: String,
    /// The host for which it holds; absent: every host.
    #[serde(default)]
    pub host: Option<String>,
    /// Who may: the members of one of these groups; none: everybody who has signed in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Everybody may, without signing in.
    #[serde(default)]
    pub public: bool,
}

/// Who may ask for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    Everybody,
    SignedIn,
    Groups(Vec<String>),
}

/// The rule for an address as a browser sent it; `None` when it is no path that can be judged.
pub fn rule(gates: &[Gate], host: &str, uri: &str) -> Option<Rule> {
    let path = canonical(uri)?;
    let host = host.split(':').next().unwrap_or_default();
    let holds = |gate: &&Gate| {
        let below = path.strip_prefix(gate.path.trim_end_matches('/'));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && gate.host.as_ref().is_none_or(|known| known.eq_ignore_ascii_case(host))
    };
    let found =
        gates.iter().filter(holds).max_by_key(|gate| (gate.path.trim_end_matches('/').len(), gate.host.is_some()));
    Some(match found {
        Some(gate) if gate.public => Rule::Everybody,
        Some(gate) if !gate.groups.is_empty() => Rule::Groups(gate.groups.clone()),
        _ => Rule::SignedIn,
    })
}

/// The path as a server that follows RFC 3986 section 6.2.2 reads it: without query, decoded once, dot segments and
/// doubled slashes resolved, so that no other spelling slips past a rule. What climbs over the top, or hides a slash or
/// a control character, is no path.
pub(crate) fn canonical(uri: &str) -> Option<String> {
    let raw = uri.split(['?', '#']).next().unwrap_or_default();
    if !raw.starts_with('/') || raw.to_ascii_lowercase().contains("%2f") || raw.to_ascii_lowercase().contains("%5c") {
        return None;
    }
    let path = percent_decode_str(raw).decode_utf8().ok()?;
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return None;
    }
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    Some(format!("/{}{end}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates() -> Vec<Gate> {
        let gate = |path: &str, groups: &[&str], public| Gate {
            path: path.into(),
            host: None,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            public,
        };
        let wiki = Gate { host: Some("wiki.example.org".into()), ..gate("/", &["wiki"], false) };
        vec![gate("/private/", &["core"], false), gate("/private/press", &[], true), wiki]
    }

    #[test]
    fn the_longest_path_decides_and_all_else_is_for_who_has_signed_in() {
        let core = || Some(Rule::Groups(vec!["core".into()]));
        for (uri, wanted) in [
            ("/", Some(Rule::SignedIn)),
            ("/privateer", Some(Rule::SignedIn)),
            ("/private", core()),
            ("/private/plans?x=1", core()),
            ("/private/press", Some(Rule::Everybody)),
            ("/private/press/1", Some(Rule::Everybody)),
            ("/private/pressure", core()),
        ] {
            assert_eq!(rule(&gates(), "hub.example.org", uri), wanted, "{uri}");
        }
        assert_eq!(rule(&gates(), "Wiki.example.org:443", "/page"), Some(Rule::Groups(vec!["wiki".into()])));
    }

    #[test]
    fn no_other_spelling_of_a_path_slips_past_its_rule() {
        for uri in [
            "/%70rivate/plans",
            "//private//plans",
            "/./private/plans",
            "/x/../private/plans",
            "/private/press/../plans",
            "/private/press/%2e%2e/plans",
            "/private/%2E/plans",
        ] {
            assert_eq!(rule(&gates(), "", uri), Some(Rule::Groups(vec!["core".into()])), "{uri}");
        }
        for uri in [
            "",
            "private",
            "/../private",
            "/private%2fplans",
            "/x%5c..%5cprivate",
            "/a%00b",
            "/%ff",
            "http://x/private",
        ] {
            assert_eq!(rule(&gates(), "", uri), None, "{uri}");
        }
    }
}
