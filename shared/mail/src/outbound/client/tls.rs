//! Encryption towards the smarthost.

use std::time::Duration;

use tls::Client;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::{Broken, Smarthost, Stream};

/// Whom to believe.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Whoever has a certificate for the name: a password follows.
    Verified,
    /// Anybody: the mail would otherwise go in the clear (RFC 7435).
    Anybody,
}

/// The stream, encrypted.
pub(super) async fn wrap<S>(stream: S, to: &Smarthost, trust: Trust) -> Result<Box<dyn Stream>, Broken>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: &dyn std::fmt::Display| Broken(format!("TLS with the smarthost {to} failed: {error}."));
    let client = match trust {
        Trust::Verified => Client::verifying(to.roots.clone()),
        Trust::Anybody => Client::believing(),
    };
    let shaking = client.map_err(|error| failed(&error))?.connect(&to.host, stream);
    match timeout(to.patience.min(Duration::from_secs(60)), shaking).await {
        Ok(Ok((stream, _))) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(failed(&"it does not answer")),
    }
}
