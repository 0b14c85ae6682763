//! An IRC server that does what a test says, line by line, plain or over TLS.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How long the other side may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A certificate that signs itself, with its key, as PEM files.
pub struct SelfSigned {
    pub certificate: PathBuf,
    pub key: PathBuf,
    made: rcgen::CertifiedKey<rcgen::KeyPair>,
    _folder: TempDir,
}

impl SelfSigned {
    /// A certificate for these names of hosts.
    pub fn of(names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Self::made(rcgen::generate_simple_self_signed(names).expect("a certificate"))
    }

    /// A certificate for this host that ended long ago.
    pub fn expired(name: &str) -> Self {
        Self::until(name, 2001, 1, 1)
    }

    /// A certificate for this host that ends with the beginning of this day.
    pub fn until(name: &str, year: i32, month: u8, day: u8) -> Self {
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(year, month, day);
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        let signing_key = rcgen::KeyPair::generate().expect("a key");
        let cert = params.self_signed(&signing_key).expect("a certificate");
        Self::made(rcgen::CertifiedKey { cert, signing_key })
    }

    fn made(made: rcgen::CertifiedKey<rcgen::KeyPair>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).expect("a written certificate");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("a written key");
        Self { certificate, key, made, _folder: folder }
    }

    /// A TLS server that shows this certificate, and takes one of `client` when it is shown.
    fn acceptor(&self, client: Option<&Self>) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("versions of TLS");
        let builder = match client {
            None => builder.with_no_client_auth(),
            Some(client) => {
                let mut roots = RootCertStore::empty();
                roots.add(client.made.cert.der().clone()).expect("a certificate");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::Pkcs8(self.made.signing_key.serialize_der().into());
        let config = builder.with_single_cert(vec![self.made.cert.der().clone()], key).expect("a certificate");
        TlsAcceptor::from(Arc::new(config))
    }
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// The server; each connection is taken by the test.
pub struct IrcPeer {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
}

impl IrcPeer {
    /// A server without TLS, on a port of its own.
    pub async fn plain() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port"), acceptor: None }
    }

    /// A server that shows this certificate; with `client`, a connection must show that one.
    pub async fn secure(own: &SelfSigned, client: Option<&SelfSigned>) -> Self {
        Self { acceptor: Some(own.acceptor(client)), ..Self::plain().await }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("an address")
    }

    /// The next connection that also gets through TLS.
    pub async fn accept(&self) -> IrcLink {
        loop {
            let (stream, _) = tokio::time::timeout(PATIENCE, self.listener.accept())
                .await
                .expect("nobody connects")
                .expect("a connection");
            if let Some(link) = self.handshake(stream).await {
                return link;
            }
        }
    }

    /// The next connection, whose client refuses TLS.
    pub async fn accept_refused(&self) {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        let (stream, _) = accepted.expect("nobody connects").expect("a connection");
        // With TLS 1.3 the server is done before the client has looked at the certificate; the refusal comes with the first read.
        if let Some(mut link) = self.handshake(stream).await {
            let mut line = String::new();
            let read = tokio::time::timeout(PATIENCE, link.wire.read_line(&mut line)).await.expect("an end");
            assert!(read.is_err(), "the client took the certificate and said {line:?}");
        }
    }

    async fn handshake(&self, stream: TcpStream) -> Option<IrcLink> {
        let wire: Box<dyn Wire> = match &self.acceptor {
            None => Box::new(stream),
            Some(acceptor) => Box::new(acceptor.accept(stream).await.ok()?),
        };
        Some(IrcLink { wire: BufReader::new(wire) })
    }
}

/// One connection of a client.
pub struct IrcLink {
    wire: BufReader<Box<dyn Wire>>,
}

impl IrcLink {
    /// Sends lines at once.
    pub async fn say(&mut self, lines: &[&str]) {
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        self.wire.get_mut().write_all(text.as_bytes()).await.expect("a sent line");
        self.wire.get_mut().flush().await.expect("a sent line");
    }

    /// The next line that contains `part`; others are passed over.
    pub async fn hear(&mut self, part: &str) -> String {
        let mut heard = vec![];
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let mut line = String::new();
            match tokio::time::timeout_at(end, self.wire.read_line(&mut line)).await {
                Ok(Ok(1..)) if line.contains(part) => return line.trim_end().to_owned(),
                Ok(Ok(1..)) => heard.push(line),
                other => panic!("{other:?} instead of {part}; heard {heard:#?}"),
            }
        }
    }

    /// Lets the client in without capabilities, and on one channel.
    pub async fn welcome(&mut self, nick: &str, channel: &str) {
        self.hear("USER ").await;
        self.say(&[&format!(":irc.test 001 {nick} :Welcome")]).await;
        self.hear("JOIN ").await;
        self.joined(nick, channel).await;
    }

    /// Tells the client that it is on a channel.
    pub async fn joined(&mut self, nick: &str, channel: &str) {
        self.say(&[
            &format!(":{nick}!bot@host.test JOIN {channel}"),
            &format!(":irc.test 353 {nick} = {channel} :{nick} ann bob"),
            &format!(":irc.test 366 {nick} {channel} :End of NAMES"),
        ])
        .await;
    }

    /// Waits for the end of what the client sends.
    pub async fn ended(&mut self) {
        let mut line = String::new();
        let end = tokio::time::Instant::now() + PATIENCE;
        while let Ok(Ok(1..)) = tokio::time::timeout_at(end, self.wire.read_line(&mut line)).await {
            line.clear();
        }
        assert!(tokio::time::Instant::now() < end, "the client does not close the connection");
    }
}
