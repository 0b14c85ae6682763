//! The addresses of the chat's pages. The `#` of a channel is left out; other signs are kept.

use web::urlpart;

/// `/chat/libera/pypy/`
pub fn channel(network: &str, name: &str) -> String {
    format!("/chat/{}/{}/", urlpart(network), urlpart(name.strip_prefix('#').unwrap_or(name)))
}

/// `/chat/libera/pypy/2026-11-21`
pub fn day(network: &str, name: &str, day: &str) -> String {
    format!("{}{day}", channel(network, name))
}

/// `/chat/libera/pypy/2026-11-21#14:03:22-k3f9`
pub fn line(network: &str, name: &str, on: &str, mark: &str) -> String {
    format!("{}#{mark}", day(network, name, on))
}
