//! The listeners: who may connect, and what each connection is given.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jobs::Stop;
use kernel::{Guests, Hub};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::group::Spooler;
use super::session::{Door, Known, Protocol, closed, converse};
use super::wire::Bounds;
use super::{Mailboxes, deliver};
use crate::Config;

/// How long sessions may finish their mail when the hub stops; one that has not got its 250 by then has lost nothing.
const FAREWELL: Duration = Duration::from_secs(4);
/// How long the handshake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Why the hub cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "Mail cannot be taken at {address} (mail.{key}): {source}. Choose another address, or stop what listens there."
    )]
    Bind { key: &'static str, address: String, source: io::Error },
    #[error("The certificate for STARTTLS cannot be used (mail.tls_cert, mail.tls_key): {0}.")]
    Tls(String),
}

/// Bound sockets, before anybody is served.
pub struct Listeners {
    bound: Vec<(Protocol, TcpListener)>,
    tls: Option<TlsAcceptor>,
}

impl Listeners {
    /// Binds what the configuration names; port 0 takes a free one.
    pub async fn bind(config: &Config) -> Result<Self, ListenError> {
        let tls = acceptor(config)?;
        let mut bound = Vec::new();
        for (protocol, address) in [(Protocol::Smtp, &config.smtp), (Protocol::Lmtp, &config.lmtp)] {
            if address.is_empty() {
                continue;
            }
            let failed = |source| ListenError::Bind { key: protocol.name(), address: address.clone(), source };
            bound.push((protocol, TcpListener::bind(address.as_str()).await.map_err(failed)?));
        }
        Ok(Self { bound, tls })
    }

    /// Where SMTP listens.
    pub fn smtp(&self) -> Option<SocketAddr> {
        self.address(Protocol::Smtp)
    }

    /// Where LMTP listens.
    pub fn lmtp(&self) -> Option<SocketAddr> {
        self.address(Protocol::Lmtp)
    }

    fn address(&self, protocol: Protocol) -> Option<SocketAddr> {
        let (_, listener) = self.bound.iter().find(|(known, _)| *known == protocol)?;
        listener.local_addr().ok()
    }
}

/// The certificate and key for STARTTLS, when the configuration names them.
pub(crate) fn acceptor(config: &Config) -> Result<Option<TlsAcceptor>, ListenError> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let bad = |file: &str, error: &dyn std::fmt::Display| ListenError::Tls(format!("{file}: {error}"));
    match (config.tls_cert.as_str(), config.tls_key.as_str()) {
        ("", "") => return Ok(None),
        ("", _) | (_, "") => return Err(ListenError::Tls("name both the certificate and its key".into())),
        _ => {}
    }
    let chain = CertificateDer::pem_file_iter(&config.tls_cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(&config.tls_cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(&config.tls_key).map_err(|error| bad(&config.tls_key, &error))?;
    let server = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ListenError::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| ListenError::Tls(error.to_string()))?;
    Ok(Some(TlsAcceptor::from(Arc::new(server))))
}

/// Takes mail at the listeners and hands it to its mailboxes, until `stop`; mail that is being sent then is finished.
pub async fn serve(hub: Hub, mailboxes: Mailboxes, listeners: Listeners, config: Config, stop: Stop) {
    let delivering = tokio::spawn(deliver::run(hub.clone(), mailboxes.clone(), stop.clone()));
    let (spooler, committing) = Spooler::start(hub.clone());
    let mut listening = JoinSet::new();
    let budget = Bounds::default().budget;
    for (protocol, listener) in listeners.bound {
        let guests = Guests::new("mail", "mail.max_connections", config.max_connections);
        let bounds = Bounds { budget: budget.clone(), crowded: guests.crowded(), ..Bounds::default() };
        let door = Arc::new(Door {
            hub: hub.clone(),
            mailboxes: mailboxes.clone(),
            protocol,
            domain: config.domain.clone(),
            max_size: config.max_size.0,
            tls: listeners.tls.is_some(),
            spooler: spooler.clone(),
            stop: stop.clone(),
            known: Known::default(),
            bounds,
        });
        listening.spawn(listen(listener, door, listeners.tls.clone(), guests));
    }
    drop(spooler);
    while listening.join_next().await.is_some() {}
    for (name, task) in [("the spool", committing), ("delivery", delivering)] {
        if let Err(error) = task.await {
            tracing::error!(%error, "{name} did not end well");
        }
    }
}

async fn listen(listener: TcpListener, door: Arc<Door>, tls: Option<TlsAcceptor>, guests: Guests) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            () = door.stop.cancelled() => break,
            Some(_) = sessions.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    sessions.spawn(welcome(stream, peer.ip(), door.clone(), tls.clone(), guests.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, mostly: a moment later there may be some.
                    tracing::warn!(%error, "a mail connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, async { while sessions.join_next().await.is_some() {} }).await;
}

async fn welcome(stream: TcpStream, peer: IpAddr, door: Arc<Door>, tls: Option<TlsAcceptor>, guests: Guests) {
    let Some(_seat) = guests.seat(peer) else {
        let mut stream = stream;
        let _ = stream.write_all(b"421 4.7.0 Too many connections. Try again later.\r\n").await;
        return;
    };
    if let Err(error) = talk(stream, peer, &door, tls).await {
        tracing::debug!(%peer, %error, "a mail session broke off");
    }
}

async fn talk(stream: TcpStream, peer: IpAddr, door: &Door, tls: Option<TlsAcceptor>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(stream) = converse(door, stream, peer, false).await? else { return Ok(()) };
    let Some(tls) = tls else { return Ok(()) };
    let Ok(shaken) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else {
        closed(peer, door.protocol, &format!("did not end the handshake of TLS within {} s", HANDSHAKE.as_secs()));
        return Ok(());
    };
    let stream = shaken?;
    converse(door, stream, peer, true).await?;
    Ok(())
}
