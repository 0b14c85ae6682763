//! Whether the address that people use leads to this hub: the name, the certificate, and who answers.

use std::net::{IpAddr, SocketAddr};

use kernel::Hub;
use tls::{Chain, Client};
use tokio::net::TcpStream;

use super::certificate::{self, Bearer};
use super::place::{host, is_local, split};
use super::{Finding, Notes, Resolver};
use crate::config::Config;
use crate::probe::{self, Answer, PATIENCE};
use crate::web::health;

const PROXY: &str = "docs/admin/install.md has the lines for nginx";

/// Asks the hub for `/healthz` the way people come to it.
pub(super) async fn door(config: &Config, hub: &Hub, resolver: &Resolver) -> Vec<Finding> {
    let mut notes = Notes::of("web");
    let url = config.hub.url();
    let (scheme, host) = split(&url);
    if is_local(host) {
        return notes.found;
    }
    // That the name has no address is told elsewhere.
    let Ok(addresses) = resolver.addresses(host).await else { return notes.found };
    if addresses.is_empty() {
        return notes.found;
    }
    let stream = match reach(&addresses, port(&url)).await {
        Ok(stream) => stream,
        Err(why) => {
            notes.warn(
                format!("{url} could not be reached from here: {why}."),
                "See whether the web server runs and a firewall is between. Some networks do not lead back to themselves: then try it from elsewhere.",
            );
            return notes.found;
        }
    };
    let path = format!("{}/healthz", path(&url));
    let answer = if scheme == "https" {
        match encrypted(stream, host).await {
            Ok((stream, chain)) => {
                certificate::judge(&mut notes, &Bearer::web(host), host, &chain, hub.now());
                probe::get(stream, host, &path).await
            }
            Err(why) => {
                notes.fault(
                    format!("{url} does not speak TLS as it should: {why}."),
                    format!("Let the web server answer there with a certificate ({PROXY}), or mend `url` in [hub]."),
                );
                return notes.found;
            }
        }
    } else {
        probe::get(stream, host, &path).await
    };
    heard(&mut notes, &url, &config.hub.listen, answer, &health::name(hub));
    notes.found
}

/// The port of a URL, that of its scheme where it names none.
fn port(url: &str) -> u16 {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let named = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    named.unwrap_or(if scheme == "https" { 443 } else { 80 })
}

/// The path of a URL, empty where it names none.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// A connection to the first of these addresses that answers.
async fn reach(addresses: &[IpAddr], port: u16) -> Result<TcpStream, String> {
    let mut last = String::new();
    for address in addresses {
        let place = SocketAddr::new(*address, port);
        match probe::connect(place).await {
            Ok(stream) => return Ok(stream),
            Err(why) => last = format!("{place}: {why}"),
        }
    }
    Err(last)
}

/// What the answer says about who gave it.
fn heard(notes: &mut Notes, url: &str, listen: &str, answer: Result<Answer, String>, name: &str) {
    let lead = format!("Let the web server hand {} to {listen} ({PROXY}).", host(split(url).1));
    match answer {
        Err(why) => notes.fault(format!("{url} does not answer as a web server does: {why}."), lead),
        Ok(answer) => match (answer.status, answer.field(health::NAME)) {
            (_, Some(theirs)) if theirs == name => notes.good(format!("{url} leads to this hub")),
            (_, Some(_)) => notes.fault(
                format!("{url} leads to another Guildhall, on other data."),
                format!("{lead} Or mend `url` in [hub]."),
            ),
            (502..=504, None) => notes.fault(
                format!("The web server at {url} answers {}: it does not reach the hub.", answer.status),
                format!(
                    "Start the hub (`systemctl start guildhall`), and see whether the web server hands on to {listen}."
                ),
            ),
            (300..=399, None) => notes.fault(
                format!("{url} sends people on to {}.", answer.field("location").unwrap_or("somewhere else")),
                "Set `url` in [hub] to the address at which they end.",
            ),
            (status, None) => notes.fault(
                format!("{url} is answered by something else than this hub (status {status} for /healthz)."),
                format!("{lead} Or mend `url` in [hub]."),
            ),
        },
    }
}

/// The stream over TLS, whatever the certificate, and the certificates that were shown.
async fn encrypted(stream: TcpStream, host: &str) -> Result<(impl probe::Wire, Chain), String> {
    let client = Client::believing().map_err(|error| error.to_string())?;
    match tokio::time::timeout(PATIENCE, client.connect(host, stream)).await {
        Ok(shaken) => shaken.map_err(|error| error.to_string()),
        Err(_) => Err("it does not answer".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_paths_of_urls_are_found() {
        for (url, wanted) in [
            ("https://hub.example.org", (443, "")),
            ("http://hub.example.org/hall", (80, "/hall")),
            ("https://hub.example.org:8443/a/b", (8443, "/a/b")),
        ] {
            assert_eq!((port(url), path(url)), wanted, "{url}");
        }
    }
}
