//! Browsers in which somebody has signed in before: a signed cookie, so that strangers who guess at an account slow
//! only themselves down. It opens nothing.

use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::Settings;
use sha2::Sha256;
use subtle::ConstantTimeEq;

const COOKIE: &str = "device";
/// Seconds for which a browser stays known.
const LIFE: i64 = 365 * 24 * 3600;

/// The mark of the browser, when it is known for the account that `who` (as typed) names.
pub fn known(settings: &Settings, headers: &HeaderMap, who: &str) -> Option<String> {
    let value = web::cookie::get(settings, headers, COOKIE)?;
    let (nonce, signature) = value.split_once('.')?;
    let wanted = sign(settings, nonce, who);
    bool::from(wanted.as_bytes().ct_eq(signature.as_bytes())).then(|| nonce.to_owned())
}

/// Lets the browser be known for the account that `who` (as typed) names.
pub fn remember(settings: &Settings, response: &mut Response, who: &str) {
    let nonce = web::session::draw_secret();
    let value = format!("{nonce}.{}", sign(settings, &nonce, who));
    web::cookie::set(settings, response, COOKIE, &value, Some(LIFE));
}

fn sign(settings: &Settings, nonce: &str, who: &str) -> String {
    // HMAC takes a key of any length, so this cannot fail; an empty signature is refused by its length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&settings.secret) else { return String::new() };
    mac.update(format!("device {nonce} {}", who.trim().to_lowercase()).as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
