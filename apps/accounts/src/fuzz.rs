//! What must hold whatever another web server hands on to `/auth/check`: a target of `ops/fuzz`.

use axum::http::HeaderValue;

use crate::gate::{self, Gate, Rule};
use crate::web;

/// An address as a browser sent it: a rule holds for all spellings of its path, and none leads out of it.
pub fn gate(data: &[u8]) {
    let uri = String::from_utf8_lossy(data);
    let Some(path) = gate::canonical(&uri) else {
        assert_eq!(gate::rule(&[], "", &uri), None, "{uri:?}");
        return;
    };
    let odd = |c: char| c.is_control() || c == '\\';
    assert!(path.starts_with('/') && !path.contains("//") && !path.contains(odd), "{uri:?} is {path:?}");
    assert!(path.split('/').all(|part| !matches!(part, "." | "..")), "{uri:?} is {path:?}");
    let below = path == "/private" || path.starts_with("/private/");
    let gates = [Gate { path: "/private/".into(), groups: vec!["core".into()], ..Gate::default() }];
    let wanted = if below { Rule::Groups(vec!["core".into()]) } else { Rule::SignedIn };
    assert_eq!(gate::rule(&gates, "hub.test", &uri), Some(wanted), "{uri:?} is {path:?}");
}

/// A field of HTTP Basic: a name without a colon, and whatever comes behind it.
pub fn basic(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let Some((name, password)) = web::basic(&value) else { return };
    assert!(!name.contains(':') && name.len() + password.len() < data.len(), "{name:?} {password:?}");
}
