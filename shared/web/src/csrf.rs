//! The token that shows that a form came from a page of ours: a MAC over the visitor's own cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The name of the field that carries the token.
pub const FIELD: &str = "csrf";

/// The token of a visitor, whose cookie (session or visit) has the value `visitor`.
pub fn token(secret: &[u8], visitor: &str) -> String {
    // HMAC takes a key of any length, so this cannot fail; an empty token matches no form.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(b"csrf ");
    mac.update(visitor.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Whether `given` is the token `wanted`, in constant time.
pub(crate) fn matches(wanted: &str, given: &str) -> bool {
    !wanted.is_empty() && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
}
