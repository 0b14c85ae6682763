#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{CertificateError, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server for hub.test that says hello, and its certificate.
fn server() -> (TlsAcceptor, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["hub.test".to_owned()]).unwrap();
    let (shown, key) = (made.cert.der().clone(), PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), shown)
}

/// What came of a connection, and what the server said.
async fn meet(acceptor: TlsAcceptor, client: Client, host: &str) -> Result<(String, Chain), Failed> {
    let (near, far) = tokio::io::duplex(16 << 10);
    let serving = tokio::spawn(async move {
        if let Ok(mut stream) = acceptor.accept(far).await {
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let (mut stream, chain) = client.connect(host, near).await?;
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    serving.await.unwrap();
    Ok((said, chain))
}

fn fault(failed: Failed) -> CertificateError {
    let Failed::Handshake(error) = failed else { panic!("{failed}") };
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(fault)) => fault.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_believes_anybody_keeps_what_was_shown() {
    let (acceptor, certificate) = server();
    let met = meet(acceptor, Client::believing().unwrap(), "another.test").await.unwrap();
    assert_eq!(met, ("hello".to_owned(), vec![certificate]));
}

#[tokio::test]
async fn who_verifies_asks_for_the_authority_and_for_the_name() {
    let (acceptor, certificate) = server();
    let mut known = RootCertStore::empty();
    known.add(certificate).unwrap();
    let known = Arc::new(known);
    let met = meet(acceptor.clone(), Client::verifying(known.clone()).unwrap(), "hub.test").await.unwrap();
    assert_eq!(met, ("hello".to_owned(), vec![]));
    let other = meet(acceptor.clone(), Client::verifying(known).unwrap(), "another.test").await.unwrap_err();
    assert!(matches!(fault(other), CertificateError::NotValidForNameContext { .. }));
    let stranger = meet(acceptor, Client::verifying(authorities()).unwrap(), "hub.test").await.unwrap_err();
    assert_eq!(fault(stranger), CertificateError::UnknownIssuer);
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let (acceptor, _) = server();
    let failed = meet(acceptor, Client::believing().unwrap(), "not a name").await.unwrap_err();
    assert!(matches!(failed, Failed::Name(_)), "{failed}");
}
