//! A connection to an IRC server, plain or TLS, read line by line with a bound.

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tls::{Client, Failed};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;

use crate::config::Network;
use crate::line::LONGEST;

/// Anything that bytes can be read from and written to.
pub trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Wire for T {}

/// Connects; the reason for a failure is a sentence.
pub async fn connect(network: &Network) -> Result<Box<dyn Wire>, String> {
    let server = &network.server;
    let stream = TcpStream::connect(server).await.map_err(|error| format!("{server} does not answer: {error}"))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    if !network.tls {
        return Ok(Box::new(stream));
    }
    let host = server.rsplit_once(':').map_or(server.as_str(), |(host, _)| host).trim_matches(['[', ']']);
    match client(network)?.connect(host, stream).await {
        Ok((stream, _)) => Ok(Box::new(stream)),
        Err(Failed::Name(_)) => Err(format!("{server} is not a host name")),
        Err(Failed::Handshake(error)) => Err(untrusted(server, &error)),
    }
}

/// Why TLS failed, with the mend where there is one.
fn untrusted(server: &str, error: &std::io::Error) -> String {
    use rustls::CertificateError as Fault;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(fault)) = inner else {
        return format!("{server} does not speak TLS as it should: {error}");
    };
    match fault {
        Fault::UnknownIssuer | Fault::BadSignature => format!(
            "the certificate of {server} is of no authority that the hub trusts; if the server is your own, name its \
             authority in tls_ca"
        ),
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            format!("the certificate of {server} is for another host; write the server's own name in server")
        }
        Fault::Expired | Fault::ExpiredContext { .. } => {
            format!("the certificate of {server} has expired; its administrator has to renew it")
        }
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            format!("the certificate of {server} is not valid yet; look at the clocks of both machines")
        }
        other => format!("the certificate of {server} is refused: {other:?}"),
    }
}

/// Whom the hub believes on this network, and the certificate that it shows there.
fn client(network: &Network) -> Result<Client, String> {
    let roots = if network.tls_ca.is_empty() { tls::authorities() } else { authority(&network.tls_ca)? };
    if network.tls_cert.is_empty() {
        return Client::verifying(roots).map_err(|error| error.to_string());
    }
    let key_file = if network.tls_key.is_empty() { &network.tls_cert } else { &network.tls_key };
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| format!("{key_file} holds no key: {error}"))?;
    Client::showing(roots, certificates(&network.tls_cert)?, key)
        .map_err(|error| format!("{} and {key_file} do not fit: {error}", network.tls_cert))
}

fn authority(file: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| format!("{file} holds no authority: {error}"))?;
    }
    Ok(roots)
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    found.collect::<Result<_, _>>().map_err(|error| format!("{file} is no PEM file: {error}"))
}

/// The next line without its end; `None` at the end of the stream. Of a line that is too long the beginning is given
/// and the rest is dropped. Cancelling loses nothing: what was read so far stays in `kept`.
pub async fn read_line<R: AsyncRead + Unpin>(
    reader: &mut BufReader<R>,
    kept: &mut Vec<u8>,
) -> std::io::Result<Option<Vec<u8>>> {
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = LONGEST.saturating_sub(kept.len());
        kept.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            let mut line = std::mem::take(kept);
            while line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_at_their_ends_and_at_the_bound() {
        let mut bytes = b"one\r\ntwo\n".to_vec();
        bytes.extend(vec![b'x'; LONGEST + 1000]);
        bytes.extend(b"\r\nafter\r\n");
        let mut reader = BufReader::new(&bytes[..]);
        let mut kept = vec![];
        let mut lengths = vec![];
        while let Some(line) = read_line(&mut reader, &mut kept).await.expect("a line") {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [3, 3, LONGEST, 5]);
    }
}
