//! Whether the address that people use leads to this hub: the name, the certificate, and who answers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Hub;
use rustls::CertificateError;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use tls::{Chain, Client};
use tokio::net::TcpStream;

use super::place::{host, is_local, split};
use super::{Finding, Notes, Resolver};
use crate::config::Config;
use crate::probe::{self, Answer, PATIENCE};
use crate::web::health;

/// How long before its end a certificate should have been renewed.
const DAYS: i64 = 14;
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
                judge(&mut notes, host, &chain, hub.now());
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

/// What browsers will say of the certificate.
fn judge(notes: &mut Notes, host: &str, chain: &[CertificateDer<'_>], now: DateTime<Utc>) {
    let renew = "Renew it (`certbot renew`, or as your authority says), and let the web server load it.";
    let Some(parsed) = chain.first().and_then(|first| ParsedCertificate::try_from(first).ok()) else {
        return notes.fault(format!("The certificate of {host} cannot be read."), renew);
    };
    let roots = tls::authorities();
    let known = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    let at = |time: DateTime<Utc>| {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(time.timestamp().max(0) as u64));
        let told = verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &chain[1..], time, known);
        told.err().map(|error| match error {
            rustls::Error::InvalidCertificate(fault) => fault,
            other => CertificateError::Other(rustls::OtherError(Arc::new(other))),
        })
    };
    let wrong_name = ServerName::try_from(host).map_or(true, |name| verify_server_name(&parsed, &name).is_err());
    if wrong_name {
        notes.fault(
            format!("The certificate shown for {host} is for another name: browsers turn people away."),
            format!("Get one for {host}, and let the web server show it for that name."),
        );
    }
    match at(now) {
        Some(fault) if is_expired(&fault) => {
            let since = ended(&fault).map(|when| format!(" on {when}")).unwrap_or_default();
            return notes.fault(format!("The certificate of {host} has expired{since}."), renew);
        }
        Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            return notes.fault(
                format!("The certificate of {host} is not valid yet."),
                "Set the clock of this machine right, or wait until it is.",
            );
        }
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => notes.warn(
            format!(
                "The certificate of {host} is of no authority that browsers know, or an intermediate one is missing."
            ),
            "Let the web server show the whole chain (fullchain.pem), or get a certificate that browsers know.",
        ),
        Some(other) => {
            notes.warn(format!("Browsers may refuse the certificate of {host}: {other}."), "Get another certificate.");
        }
        None => {}
    }
    match at(now + TimeDelta::days(DAYS)) {
        Some(fault) if is_expired(&fault) => {
            let when = ended(&fault).map_or_else(|| format!("in less than {DAYS} days"), |when| format!("on {when}"));
            notes.warn(format!("The certificate of {host} expires {when}."), renew);
        }
        None if !wrong_name => notes.good(format!("The certificate of {host} is valid for {DAYS} days and more")),
        _ => {}
    }
}

fn is_expired(fault: &CertificateError) -> bool {
    matches!(fault, CertificateError::Expired | CertificateError::ExpiredContext { .. })
}

/// The day on which a certificate ended or ends.
fn ended(fault: &CertificateError) -> Option<String> {
    let CertificateError::ExpiredContext { not_after, .. } = fault else { return None };
    let when = DateTime::<Utc>::from_timestamp(i64::try_from(not_after.as_secs()).ok()?, 0)?;
    Some(when.date_naive().to_string())
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

    #[test]
    fn a_day_is_read_from_a_fault() {
        let (time, not_after) =
            (UnixTime::since_unix_epoch(Duration::ZERO), UnixTime::since_unix_epoch(Duration::from_secs(86_400)));
        assert_eq!(ended(&CertificateError::ExpiredContext { time, not_after }).as_deref(), Some("1970-01-02"));
    }
}
