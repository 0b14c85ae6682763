//! Cookies: `HttpOnly`, `SameSite=Lax`, and `__Host-` with `Secure` where the hub is reached over TLS.

use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use kernel::Settings;

/// The full name of a cookie.
fn name(settings: &Settings, short: &str) -> String {
    if settings.is_https() { format!("__Host-{short}") } else { format!("guildhall-{short}") }
}

/// The value of a cookie.
pub fn get(settings: &Settings, headers: &HeaderMap, short: &str) -> Option<String> {
    named(headers, &name(settings, short))
}

/// The value of the cookie with this full name.
pub(crate) fn named(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

/// Sets a cookie; without `seconds` it lives as long as the browser, with 0 it is deleted.
pub fn set(settings: &Settings, response: &mut Response, short: &str, value: &str, seconds: Option<i64>) {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", name(settings, short));
    if let Ok(value) = HeaderValue::from_str(&line) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Answers a POST with a GET of `url`, whose page says `text` once.
pub fn see_other_saying(settings: &Settings, url: impl AsRef<str>, text: &str) -> Response {
    let mut response = Redirect::to(url.as_ref()).into_response();
    set(settings, &mut response, "said", &crate::urlpart(text), Some(60));
    response
}

/// What the last answer wanted this page to say.
pub(crate) fn said(settings: &Settings, headers: &HeaderMap) -> Option<String> {
    let value = get(settings, headers, "said")?;
    let text = percent_encoding::percent_decode_str(&value).decode_utf8_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}
