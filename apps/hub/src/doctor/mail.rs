//! Whether mail finds its way out and in.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mail::outbound::{Signer, Smarthost};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::certificate::{self, Bearer};
use super::dns::{Kind, Record};
use super::place::{listed, unknown};
use super::{Finding, Notes, Resolver};
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);

/// What the configuration alone says.
pub(super) fn configured(config: &Config) -> Vec<Finding> {
    let mut notes = Notes::of("mail");
    if config.mail.domain == "localhost" {
        notes.fault(
            "The mail domain is localhost: nobody elsewhere can write to the hub.",
            "Set `domain` in [mail] to a name of yours, such as hub.example.org.",
        );
    }
    match Smarthost::of(&config.mail) {
        Ok(Some(_)) => {}
        Ok(None) => {
            notes.fault(
                "No smarthost is named: nothing leaves the hub, and people get no mail.",
                "Set `smarthost` in [mail], such as smtp://127.0.0.1:25 for a Postfix on this machine.",
            );
            notes.see("/admin/mail");
        }
        Err(why) => notes.fault(why, "See `guildhall check`."),
    }
    if config.mail.dkim_key.is_empty() && config.mail.domain != "localhost" {
        notes.warn(
            "Outgoing mail is not signed (DKIM); large providers take unsigned mail for spam.",
            "Make a key and name it in `dkim_key` in [mail] (docs/admin/mail.md), unless your smarthost signs.",
        );
    }
    notes.found
}

/// The certificate that the hub shows to those who hand mail in, as it lies on the disk.
pub(super) fn shown(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    let mut notes = Notes::of("mail");
    let (file, domain) = (&config.mail.tls_cert, &config.mail.domain);
    if file.is_empty() {
        return notes.found;
    }
    match CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(chain) => certificate::judge(&mut notes, &Bearer::mail(domain, file), domain, &chain, now),
        Err(error) => notes.fault(format!("The certificate {file} cannot be read: {error}."), "See `guildhall check`."),
    }
    notes.found
}

/// What the DNS says about the mail domain.
pub(super) async fn names(config: &Config, resolver: &Resolver) -> Vec<Finding> {
    let mut notes = Notes::of("dns");
    let domain = &config.mail.domain;
    if domain == "localhost" {
        return notes.found;
    }
    way_in(&mut notes, domain, resolver).await;
    let sender = format!("{domain}. TXT \"v=spf1 a mx ~all\"");
    text(&mut notes, resolver, domain, "v=spf1", "SPF", &format!("Add {sender}, with what your smarthost asks for."))
        .await;
    let name = format!("_dmarc.{domain}");
    text(&mut notes, resolver, &name, "v=DMARC1", "DMARC", &format!("Add {name}. TXT \"v=DMARC1; p=none\".")).await;
    if !config.mail.dkim_key.is_empty() {
        signature(&mut notes, config, resolver).await;
    }
    notes.found
}

/// Whether the DNS has the public half of the key with which mail is signed.
async fn signature(notes: &mut Notes, config: &Config, resolver: &Resolver) {
    let signer = match Signer::of(&config.mail) {
        Ok(Some(signer)) => signer,
        Ok(None) => return,
        Err(why) => return notes.fault(why, "See `guildhall check`."),
    };
    let name = format!("{}._domainkey.{}", config.mail.dkim_selector, config.mail.domain);
    let answer = resolver.texts(&name, "").await;
    compare(notes, &config.mail.dkim_key, &name, &signer, answer);
}

/// What is published at this name, beside the key in this file.
pub(super) fn compare(notes: &mut Notes, file: &str, name: &str, signer: &Signer, answer: Result<Vec<String>, String>) {
    let mend = format!("Add {name}. TXT \"{}\".", signer.record());
    match answer {
        Err(why) => unknown(notes, name, &why),
        Ok(found) if found.is_empty() => {
            notes.fault(format!("{name} has no DKIM key, so that every signature of the hub counts as broken."), mend);
        }
        Ok(found) if found.iter().any(|record| signer.is_told_by(record)) => {
            notes.good(format!("DKIM: {name} has the public half of {file}"));
        }
        Ok(_) => notes.fault(
            format!("The DKIM key at {name} is not that of {file}: every signature is broken."),
            format!("Put there instead: \"{}\".", signer.record()),
        ),
    }
}

async fn way_in(notes: &mut Notes, domain: &str, resolver: &Resolver) {
    let mend = format!("Add {domain}. MX 10 {domain}., or the server that takes mail for the hub.");
    match exchangers(domain, resolver).await {
        Err(why) => unknown(notes, domain, &why),
        Ok(found) if found.is_empty() => match resolver.addresses(domain).await {
            // RFC 5321 section 5.1: without MX the address itself is the way.
            Ok(found) if !found.is_empty() => {
                notes.warn(format!("{domain} has no MX; mail goes to its address ({}).", listed(&found)), mend);
            }
            _ => notes.fault(format!("{domain} has neither MX nor address: no mail from outside comes."), mend),
        },
        Ok(found) => {
            for name in &found {
                match resolver.addresses(name).await {
                    Ok(addresses) if addresses.is_empty() => notes.fault(
                        format!("The MX of {domain} is {name}, which has no address."),
                        format!("Add an A or AAAA record for {name}, or mend the MX."),
                    ),
                    Ok(addresses) => notes.good(format!("Mail for {domain} goes to {name} ({})", listed(&addresses))),
                    Err(why) => unknown(notes, name, &why),
                }
            }
        }
    }
}

/// The mail servers of a domain, the preferred first.
async fn exchangers(domain: &str, resolver: &Resolver) -> Result<Vec<String>, String> {
    let records = resolver.ask(domain, Kind::Mx).await?;
    let mut found: Vec<(u16, String)> = records
        .into_iter()
        .filter_map(|record| if let Record::Mx(rank, name) = record { Some((rank, name)) } else { None })
        .collect();
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

async fn text(notes: &mut Notes, resolver: &Resolver, name: &str, mark: &str, what: &str, mend: &str) {
    let answer = resolver.texts(name, mark).await;
    record(notes, name, what, mend, answer);
}

/// What the records of one kind say, of which there is to be one.
pub(super) fn record(notes: &mut Notes, name: &str, what: &str, mend: &str, answer: Result<Vec<String>, String>) {
    match answer {
        Err(why) => unknown(notes, name, &why),
        Ok(found) if found.is_empty() => {
            notes.warn(format!("{name} has no {what} record; mail from the hub may be taken for forged."), mend);
        }
        Ok(found) if found.len() > 1 => {
            let text = format!("{name} has {} {what} records; none of them counts.", found.len());
            notes.fault(text, format!("Leave one {what} record at {name}, with what all of them say."));
        }
        Ok(found) => notes.good(format!("{what}: {}", found[0].chars().take(100).collect::<String>())),
    }
}

/// Whether the server behind which all mail leaves greets.
pub(super) async fn smarthost(config: &Config) -> Vec<Finding> {
    let mut notes = Notes::of("smarthost");
    let Ok(Some(server)) = Smarthost::of(&config.mail) else { return notes.found };
    let (host, port) = server.place();
    let place = format!("{host}:{port}");
    let said = if server.is_wrapped() { reached(host, port).await } else { greeted(host, port).await };
    match said {
        Ok(said) => notes.good(format!("{place} answers{}", said.map(|line| format!(": {line}")).unwrap_or_default())),
        Err(why) => notes.fault(
            format!("The smarthost {place} does not take mail: {why}. What goes out waits and is tried again."),
            "See whether it runs, and whether a firewall is between.",
        ),
    }
    notes.found
}

/// Whether the hub's own servers answer, and whether mail from outside comes as far as a recipient.
pub(super) async fn inbound(config: &Config, resolver: &Resolver) -> Vec<Finding> {
    let mut notes = Notes::of("inbound");
    for (name, address) in [("SMTP", &config.mail.smtp), ("LMTP", &config.mail.lmtp)] {
        let Some((host, port)) = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)))
        else {
            continue;
        };
        match greeted(host.trim_matches(['[', ']']), port).await {
            Ok(_) => notes.good(format!("{name} answers at {address}")),
            Err(why) => notes.fault(
                format!("{name} does not answer at {address}: {why}."),
                "Start the service: `systemctl start guildhall`.",
            ),
        }
    }
    let domain = &config.mail.domain;
    let Ok(found) = exchangers(domain, resolver).await else { return notes.found };
    if let Some(name) = found.first() {
        let address = resolver.addresses(name).await.ok().and_then(|found| found.first().copied());
        let Some(address) = address else { return notes.found };
        match asked(&address.to_string(), 25, &format!("postmaster@{domain}")).await {
            Ok(reply) if reply.starts_with("25") => notes.good(format!("{name} takes mail for postmaster@{domain}")),
            Ok(reply) => notes.fault(
                format!("{name} does not take mail for postmaster@{domain}: it says \"{reply}\"."),
                "Let it hand the hub's domain to `lmtp` (docs/admin/mail.md has the lines for Postfix).",
            ),
            Err(why) => notes.warn(
                format!("{name} could not be reached from here on port 25: {why}."),
                "Many networks close that port to the outside; then send a mail to the hub from elsewhere and watch the log.",
            ),
        }
    }
    notes.found
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    match tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(connected) => connected.map_err(|error| error.to_string()),
        Err(_) => Err("it does not answer".into()),
    }
}

async fn reached(host: &str, port: u16) -> Result<Option<String>, String> {
    connect(host, port).await.map(|_| None)
}

async fn greeted(host: &str, port: u16) -> Result<Option<String>, String> {
    let mut talk = Talk::begin(host, port).await?;
    let _ = talk.say("QUIT").await;
    Ok(Some(talk.greeting))
}

/// Asks a server whether it would take mail for an address; nothing is sent.
async fn asked(host: &str, port: u16, address: &str) -> Result<String, String> {
    let mut talk = Talk::begin(host, port).await?;
    let name = "doctor.invalid";
    for line in [format!("EHLO {name}"), "MAIL FROM:<>".into()] {
        let reply = talk.say(&line).await?;
        if !reply.starts_with("25") {
            return Ok(reply);
        }
    }
    let reply = talk.say(&format!("RCPT TO:<{address}>")).await?;
    let _ = talk.say("QUIT").await;
    Ok(reply)
}

/// A conversation with a mail server (RFC 5321), one line at a time.
struct Talk {
    stream: BufReader<TcpStream>,
    greeting: String,
}

impl Talk {
    async fn begin(host: &str, port: u16) -> Result<Self, String> {
        let mut talk = Self { stream: BufReader::new(connect(host, port).await?), greeting: String::new() };
        talk.greeting = talk.hear().await?;
        if talk.greeting.starts_with("220") { Ok(talk) } else { Err(format!("it says \"{}\"", talk.greeting)) }
    }

    async fn say(&mut self, line: &str) -> Result<String, String> {
        let sent = self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await;
        sent.map_err(|error| error.to_string())?;
        self.hear().await
    }

    /// The last line of a reply, at most 200 characters and without control characters.
    async fn hear(&mut self) -> Result<String, String> {
        for _ in 0..50 {
            let mut line = vec![];
            let read = tokio::time::timeout(PATIENCE, self.stream.read_until(b'\n', &mut line)).await;
            match read.map_err(|_| "it does not answer".to_owned())?.map_err(|error| error.to_string())? {
                0 => return Err("it hung up".into()),
                _ if line.get(3) == Some(&b'-') => {}
                _ => {
                    let text = String::from_utf8_lossy(&line);
                    return Ok(text.trim_end().chars().filter(|c| !c.is_control()).take(200).collect());
                }
            }
        }
        Err("it talks without an end".into())
    }
}
