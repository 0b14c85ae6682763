//! The OpenID provider: other web programs let people in by their account here (OpenID Connect Core 1.0, OAuth 2.0 of
//! RFC 6749 with PKCE of RFC 7636 and the practice of RFC 9700).
//!
//! Begin with [`request`] (what a program may ask, pure) and [`grant`] (codes and tokens). Only the authorization code
//! flow is offered.
//!
//! Invariants:
//! - A browser is sent only to an address that an administrator registered for the program.
//! - A code works once; its second use revokes what the first one gave. So does the second use of a refresh token.
//! - Codes and tokens are kept as hashes; ID tokens are signed with a key that is published until they have ended.
//! - Whoever is disabled, or left the group that a program asks for, has no token that works.

pub mod claims;
pub mod client;
pub mod consent;
pub mod grant;
pub mod jwt;
pub mod key;
pub mod request;

/// The scopes that are known; others are ignored (RFC 6749 section 3.3).
pub const SCOPES: [(&str, &str); 5] = [
    ("openid", "know that it is you"),
    ("profile", "know your names and your time zone"),
    ("email", "know your mail address"),
    ("groups", "know in which groups you are"),
    ("offline_access", "do so while you are away"),
];

/// How long an access token and an ID token live.
pub const LIFE: chrono::Duration = chrono::Duration::hours(1);
