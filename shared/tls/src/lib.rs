//! TLS towards others: whom the hub believes when it connects to a mail server, an IRC network or a web server.
//!
//! Begin with [`Client`]. What failed is told by [`Failed`]; the sentence around it, and its mend, belong to who connects.

mod any;

use std::io;
use std::sync::{Arc, PoisonError};

use rustls::pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::any::AnyCertificate;

pub use tokio_rustls::client::TlsStream;

/// The certificates that a server shows, its own first.
pub type Chain = Vec<CertificateDer<'static>>;

/// The authorities that browsers believe (Mozilla's, as webpki-roots has them).
pub fn authorities() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// Why a server was not reached over TLS.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Name(#[from] InvalidDnsNameError),
    #[error(transparent)]
    Handshake(#[from] io::Error),
}

/// One who connects, and knows whom to believe.
pub struct Client {
    config: ClientConfig,
    any: Option<Arc<AnyCertificate>>,
}

impl Client {
    /// Believes whoever has a certificate for the name from one of these authorities.
    pub fn verifying(authorities: impl Into<Arc<RootCertStore>>) -> Result<Self, rustls::Error> {
        let config = builder()?.with_root_certificates(authorities).with_no_client_auth();
        Ok(Self { config, any: None })
    }

    /// The same, and shows a certificate of its own.
    pub fn showing(
        authorities: impl Into<Arc<RootCertStore>>,
        own: Chain,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let config = builder()?.with_root_certificates(authorities).with_client_auth_cert(own, key)?;
        Ok(Self { config, any: None })
    }

    /// Believes anybody (RFC 7435); the handshake itself is still checked, and what was shown is kept.
    pub fn believing() -> Result<Self, rustls::Error> {
        let any = Arc::new(AnyCertificate::default());
        let config = builder()?.dangerous().with_custom_certificate_verifier(any.clone()).with_no_client_auth();
        Ok(Self { config, any: Some(any) })
    }

    /// The stream, encrypted, with the certificates that were shown to one who believes anybody.
    pub async fn connect<S>(self, host: &str, stream: S) -> Result<(TlsStream<S>, Chain), Failed>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned())?;
        let stream = TlsConnector::from(Arc::new(self.config)).connect(name, stream).await?;
        let shown = self.any.map(|any| std::mem::take(&mut *any.shown.lock().unwrap_or_else(PoisonError::into_inner)));
        Ok((stream, shown.unwrap_or_default()))
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

#[cfg(test)]
mod tests;
