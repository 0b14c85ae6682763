//! HTTP connections: how many there may be, how long a request may take to come and an answer to go, and how much of
//! all requests is held at a time.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use jobs::Stop;
use kernel::{Budget, Guests, Held, Told};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep};
use tower::Service;

/// How long the head of a request may take, and a connection be silent between requests.
const HEAD: Duration = Duration::from_secs(30);
/// The largest head of a request, bytes.
const LARGEST_HEAD: usize = 64 << 10;
/// How long the other side may read nothing of an answer.
const STALLED: Duration = Duration::from_secs(60);
/// Bodies of requests that are held at a time, bytes.
const BODIES: usize = 256 << 20;
/// What one request holds of its body at most, bytes: what is longer is thrown away as it comes.
const ONE_BODY: usize = 64 << 20;

/// Serves until `stop`; then finishes what is under way.
pub async fn serve(listener: TcpListener, app: Router, most: usize, stop: Stop) {
    let app = app.layer(axum::middleware::from_fn_with_state(Budget::new(BODIES), weigh));
    let mut app = app.into_make_service_with_connect_info::<SocketAddr>();
    let guests = Guests::new("web", "hub.max_connections", most);
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: a moment later there may be some.
                    tracing::warn!(%error, "a web connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let Some(seat) = guests.seat(peer.ip()) else {
            connections.spawn(turn_away(stream));
            continue;
        };
        // The service of a connection is made at once; it cannot fail.
        let Ok(service) = app.call(peer).await;
        let stop = stop.clone();
        connections.spawn(async move {
            let _seat = seat;
            let _ = stream.set_nodelay(true);
            let mut builder = Builder::new(TokioExecutor::new()).http1_only();
            builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LARGEST_HEAD);
            let talk = builder.serve_connection(TokioIo::new(Patient::new(stream)), TowerToHyperService::new(service));
            let mut talk = std::pin::pin!(talk);
            tokio::select! {
                ended = talk.as_mut() => said(peer, ended),
                () = stop.cancelled() => {
                    talk.as_mut().graceful_shutdown();
                    said(peer, talk.await);
                }
            }
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn said(peer: SocketAddr, ended: Result<(), impl std::fmt::Display>) {
    static TOLD: Told = Told::new();
    let Err(error) = ended else { return };
    let error = error.to_string();
    if error.contains("timeout") && TOLD.is_due() {
        tracing::info!(%peer, seconds = HEAD.as_secs(), "web connections are closed: the head of a request was too slow");
    }
    tracing::debug!(%peer, error, "a web connection broke off");
}

/// Answers somebody for whom there is no place.
async fn turn_away(mut stream: TcpStream) {
    let text = "Too many connections to the hub. Try again in a moment.\n";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Retry-After: 5\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.write_all(answer.as_bytes())).await;
}

/// Counts what is read of a request's body against what all may hold together; one that is too much is put off.
async fn weigh(State(bodies): State<Budget>, request: Request, next: Next) -> Response {
    static TOLD: Told = Told::new();
    let held = Arc::new(Mutex::new((bodies.begin(), 0, false)));
    let count = held.clone();
    let (parts, body) = request.into_parts();
    let weighed = body.into_data_stream().map(move |chunk| {
        let chunk = chunk?;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        count.1 += chunk.len();
        let bytes = count.1.min(ONE_BODY);
        let held: &mut Held = &mut count.0;
        if held.reach(bytes) {
            return Ok(chunk);
        }
        count.2 = true;
        Err(axum::Error::new(io::Error::other("too much is being sent at a time")))
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(weighed))).await;
    let refused = held.lock().unwrap_or_else(PoisonError::into_inner).2;
    if !refused {
        return response;
    }
    if TOLD.is_due() {
        tracing::warn!(most = BODIES, "a request was put off: the bodies of all requests together are too large");
    }
    web::Error::Busy("The hub is reading too many large requests at this moment.".into()).into_response()
}

/// A connection that ends when the other side reads nothing for too long.
struct Patient<S> {
    stream: S,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    fn new(stream: S) -> Self {
        Self { stream, stalled: None }
    }

    /// The result of a write, or the end of the patience with it.
    fn timed<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALLED)));
        ready!(stalled.as_mut().poll(context));
        tracing::info!(seconds = STALLED.as_secs(), "a web connection was closed: nothing of an answer was read");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.timed(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.timed(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
