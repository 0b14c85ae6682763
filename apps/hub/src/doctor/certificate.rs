//! What others will say of a certificate: that of the web server, and that of the hub's own mail.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::CertificateError;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;

use super::{Notes, State};

/// How long before its end a certificate should have been renewed.
const DAYS: i64 = 14;

/// Who is shown it, and what follows where they do not believe it.
pub(super) struct Bearer {
    /// The certificate in the words of a sentence, after "The".
    pub what: String,
    pub renew: &'static str,
    /// How bad a foreign name is, and what comes of it.
    pub foreign: State,
    pub foreign_end: &'static str,
    pub foreign_mend: String,
    /// Who keeps the authorities that count.
    pub judges: &'static str,
    pub chain_mend: &'static str,
}

impl Bearer {
    /// The web server at this name.
    pub fn web(host: &str) -> Self {
        Self {
            what: format!("certificate of {host}"),
            renew: "Renew it (`certbot renew`, or as your authority says), and let the web server load it.",
            foreign: State::Fault,
            foreign_end: "browsers turn people away",
            foreign_mend: format!("Get one for {host}, and let the web server show it for that name."),
            judges: "browsers",
            chain_mend: "Let the web server show the whole chain (fullchain.pem), or get a certificate that browsers know.",
        }
    }

    /// The hub itself, to those who hand mail in. Most servers take any certificate there, but not all.
    pub fn mail(domain: &str, file: &str) -> Self {
        Self {
            what: format!("certificate of {domain} for STARTTLS ({file})"),
            renew: "Renew it (`certbot renew`, or as your authority says), lay it there, and restart the hub (docs/admin/mail.md).",
            foreign: State::Warning,
            foreign_end: "mail servers that compare it stay away",
            foreign_mend: format!(
                "Get one for {domain}, or for the name to which its MX leads, and name it in `tls_cert` in [mail]."
            ),
            judges: "mail servers",
            chain_mend: "Lay the whole chain (fullchain.pem) into `tls_cert` in [mail], or get a certificate of a known authority.",
        }
    }
}

/// What they will say of it, for this name.
pub(super) fn judge(notes: &mut Notes, bearer: &Bearer, name: &str, chain: &[CertificateDer<'_>], now: DateTime<Utc>) {
    let (what, renew, judges) = (&bearer.what, bearer.renew, bearer.judges);
    let Some(parsed) = chain.first().and_then(|first| ParsedCertificate::try_from(first).ok()) else {
        return notes.fault(format!("The {what} cannot be read."), renew);
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
    let wrong_name = ServerName::try_from(name).map_or(true, |name| verify_server_name(&parsed, &name).is_err());
    if wrong_name {
        let text = format!("The {what} is for another name: {}.", bearer.foreign_end);
        notes.note(bearer.foreign, text, &bearer.foreign_mend);
    }
    match at(now) {
        Some(fault) if is_expired(&fault) => {
            let since = ended(&fault).map(|when| format!(" on {when}")).unwrap_or_default();
            return notes.fault(format!("The {what} has expired{since}."), renew);
        }
        Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            return notes.fault(
                format!("The {what} is not valid yet."),
                "Set the clock of this machine right, or wait until it is.",
            );
        }
        Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => notes.warn(
            format!("The {what} is of no authority that {judges} know, or an intermediate one is missing."),
            bearer.chain_mend,
        ),
        Some(other) => {
            notes.warn(format!("Not all {judges} may take the {what}: {other}."), "Get another certificate.");
        }
        None => {}
    }
    match at(now + TimeDelta::days(DAYS)) {
        Some(fault) if is_expired(&fault) => {
            let when = ended(&fault).map_or_else(|| format!("in less than {DAYS} days"), |when| format!("on {when}"));
            notes.warn(format!("The {what} expires {when}."), renew);
        }
        None if !wrong_name => notes.good(format!("The {what} is valid for {DAYS} days and more")),
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
    fn a_day_is_read_from_a_fault() {
        let (time, not_after) =
            (UnixTime::since_unix_epoch(Duration::ZERO), UnixTime::since_unix_epoch(Duration::from_secs(86_400)));
        assert_eq!(ended(&CertificateError::ExpiredContext { time, not_after }).as_deref(), Some("1970-01-02"));
    }
}
