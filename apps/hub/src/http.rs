//! HTTP connections: how many there may be, how long a request may take to come and an answer to go, and how much of
//! all requests is held at a time.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::header;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use jobs::Stop;
use kernel::{Budget, Guests, Held, Told};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep};
use tower::Service;
use web::Allowance;

/// How long the head of a request may take, and a connection be silent between requests.
const HEAD: Duration = Duration::from_secs(30);
/// The largest head of a request, bytes.
const LARGEST_HEAD: usize = 64 << 10;
/// How long the other side may keep the hub waiting with an answer: in this time it must take [`LEAST`] of it.
const STALLED: Duration = Duration::from_secs(60);
/// The same while answers that wait are [`ANSWERS`] nearly.
const STALLED_WHILE_CROWDED: Duration = Duration::from_secs(10);
/// What must be taken of an answer, bytes in a second.
const LEAST: u64 = 512;
/// How often that is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// What the system keeps of an answer that is not sent yet, bytes: what is more stays here, where it is counted.
const UNSENT: u32 = 32 << 10;
/// Bodies of requests that are held at a time, bytes.
const BODIES: usize = 256 << 20;
/// What one request holds of its body at most, bytes. More comes only where its reader throws away what is too much.
const ONE_BODY: usize = 64 << 20;
/// How long a request may take, from its head to the first of its answer.
const REQUEST: Duration = Duration::from_secs(60);
/// Large answers that are held at a time, bytes.
pub const ANSWERS: usize = 256 << 20;
/// What an answer may be without being counted, bytes; larger ones go out in pieces of so much.
const SMALL: usize = 64 << 10;

/// Serves until `stop`; then finishes what is under way.
pub async fn serve(listener: TcpListener, app: Router, most: usize, answers: Budget, stop: Stop) {
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
        let (stop, answers) = (stop.clone(), answers.clone());
        connections.spawn(async move {
            let _seat = seat;
            let _ = stream.set_nodelay(true);
            #[cfg(target_os = "linux")]
            let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT);
            let mut builder = Builder::new(TokioExecutor::new()).http1_only();
            builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LARGEST_HEAD);
            let talk = builder
                .serve_connection(TokioIo::new(Patient::new(stream, answers)), TowerToHyperService::new(service));
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
    static SLOW: Told = Told::new();
    static LARGE: Told = Told::new();
    let Err(error) = ended else { return };
    let error = error.to_string();
    if (error.contains("head is too large") || error.contains("URI too long")) && LARGE.is_due() {
        tracing::warn!(%peer, most = LARGEST_HEAD, "web connections are closed: the head of a request was too large");
    }
    if error.contains("timeout") && SLOW.is_due() {
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

/// What was read of a request's body, its share of what all may hold, and why no more of it is read.
struct Weight {
    held: Held,
    bytes: usize,
    refusal: Option<web::Error>,
}

impl Weight {
    /// Adds a piece; `false` where that is too much.
    fn add(&mut self, piece: usize, most: usize) -> bool {
        self.bytes += piece;
        if self.bytes > most {
            self.refusal = Some(web::Error::TooLarge(format!("The request is larger than {} MB.", most >> 20)));
        } else if !self.held.reach(self.bytes.min(ONE_BODY)) {
            let text = "At this moment the bodies of all requests together are too large";
            self.refusal = Some(web::Error::Busy(format!("{text}: {} MB is the most.", BODIES >> 20)));
        }
        self.refusal.is_none()
    }
}

/// Counts what is read of a request's body against what it and all together may hold; one that is too much is refused.
async fn weigh(State(bodies): State<Budget>, mut request: Request, next: Next) -> Response {
    let allowance = Allowance::new(ONE_BODY);
    request.extensions_mut().insert(allowance.clone());
    let weight = Arc::new(Mutex::new(Weight { held: bodies.begin(), bytes: 0, refusal: None }));
    let count = weight.clone();
    let (parts, body) = request.into_parts();
    let weighed = body.into_data_stream().map(move |chunk| {
        let chunk = chunk?;
        if count.lock().unwrap_or_else(PoisonError::into_inner).add(chunk.len(), allowance.bytes()) {
            Ok(chunk)
        } else {
            Err(axum::Error::new(io::Error::other("too much is being sent")))
        }
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(weighed))).await;
    let refusal = weight.lock().unwrap_or_else(PoisonError::into_inner).refusal.take();
    refusal.map_or(response, IntoResponse::into_response)
}

/// Ends a request that takes too long.
pub async fn hurry(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(REQUEST, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let seconds = REQUEST.as_secs();
        web::Error::Busy(format!("The request took longer than {seconds} seconds to come and be answered."))
            .into_response()
    })
}

/// Counts what is held of large answers until they are sent; one that is too much is put off.
pub async fn owe(State(answers): State<Budget>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let size = response.body().size_hint().exact().unwrap_or(0);
    if size <= SMALL as u64 {
        return response;
    }
    let mut held = answers.begin();
    if !held.reach(usize::try_from(size).unwrap_or(usize::MAX)) {
        let text = "At this moment the answers that wait to be read are too large";
        return web::Error::Busy(format!("{text}: {} MB is the most.", ANSWERS >> 20)).into_response();
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.entry(header::CONTENT_LENGTH).or_insert(size.into());
    let owed = Owed { source: body.into_data_stream(), rest: Bytes::new(), _held: held };
    // What packs it asks once more after the end.
    Response::from_parts(parts, Body::from_stream(futures::stream::unfold(owed, Owed::next).fuse()))
}

/// An answer on its way out: what was not handed over yet, and its share of what all may hold.
struct Owed {
    source: BodyDataStream,
    rest: Bytes,
    _held: Held,
}

impl Owed {
    async fn next(mut self) -> Option<(Result<Bytes, axum::Error>, Self)> {
        while self.rest.is_empty() {
            match self.source.next().await? {
                Ok(bytes) => self.rest = bytes,
                Err(error) => return Some((Err(error), self)),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(SMALL));
        Some((Ok(piece), self))
    }
}

/// A connection that ends when the other side reads nothing for too long, or next to nothing.
struct Patient<S> {
    stream: S,
    answers: Budget,
    /// Since when it is waited for the other side at this moment, and when that is looked at.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
    /// How long it was waited for in all since the reckoning began, and what was taken meanwhile.
    waited: Duration,
    taken: u64,
}

impl<S> Patient<S> {
    fn new(stream: S, answers: Budget) -> Self {
        Self { stream, answers, waits: None, waited: Duration::ZERO, taken: 0 }
    }

    /// The result of a write, or the end of the patience with it.
    fn timed(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.taken += *written.as_ref().unwrap_or(&0) as u64;
            if let Some((since, _)) = self.waits.take() {
                self.waited += since.elapsed();
            }
            return Poll::Ready(if self.is_too_slow(self.waited) {
                Err(io::ErrorKind::TimedOut.into())
            } else {
                written
            });
        }
        let (since, look) = self.waits.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(LOOK))));
        let since = *since;
        ready!(look.as_mut().poll(context));
        if self.is_too_slow(self.waited + since.elapsed()) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if let Some((_, look)) = &mut self.waits {
            look.as_mut().reset(Instant::now() + LOOK);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether too little was taken in the time for which the hub has waited; when it was enough, the reckoning begins
    /// anew.
    fn is_too_slow(&mut self, waited: Duration) -> bool {
        let patience = if self.answers.is_crowded() { STALLED_WHILE_CROWDED } else { STALLED };
        if waited < patience {
            return false;
        }
        if self.taken >= LEAST * patience.as_secs() {
            (self.waited, self.taken) = (Duration::ZERO, 0);
            if let Some((since, _)) = &mut self.waits {
                *since = Instant::now();
            }
            return false;
        }
        let (seconds, bytes) = (waited.as_secs(), self.taken);
        tracing::info!(seconds, bytes, "a web connection was closed: an answer was read too slowly");
        true
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a large page is when it has come, as it is and packed.
    #[tokio::test]
    async fn a_large_answer_comes_whole_and_gives_its_share_back() {
        let answers = Budget::new(ANSWERS);
        let page: String = (0..100_000).map(|n| format!("line {n}\n")).collect();
        let shown = page.clone();
        let mut app = Router::new()
            .route("/", axum::routing::get(move || async move { shown }))
            .layer(axum::middleware::from_fn_with_state(answers.clone(), owe))
            .layer(tower_http::compression::CompressionLayer::new());
        for packing in ["identity", "gzip"] {
            let request = http::Request::get("/").header(header::ACCEPT_ENCODING, packing).body(Body::empty());
            let Ok(response) = app.call(request.expect("a request")).await;
            let length = response.headers().get(header::CONTENT_LENGTH).cloned();
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("all of it");
            let mut text = String::new();
            if packing == "gzip" {
                io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).expect("gzip");
            } else {
                assert_eq!(length.expect("a length"), page.len().to_string().as_str());
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
            assert!(text == page, "{packing}");
            assert!(answers.begin().reach(ANSWERS), "nothing is held any more");
        }
    }

    /// Where no reader says that it throws away what is too much.
    #[tokio::test]
    async fn a_body_of_which_nobody_knows_the_end_is_cut() {
        let mut app = Router::new()
            .route("/", axum::routing::post(|body: Result<Bytes, _>| async move { body.map(|_: Bytes| "taken") }))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .layer(axum::middleware::from_fn_with_state(Budget::new(BODIES), weigh));
        for (pieces, status) in [(64, 200), (65, 413)] {
            let body = futures::stream::iter((0..pieces).map(|_| Ok::<_, io::Error>(vec![b'x'; 1 << 20])));
            let request = http::Request::post("/").body(Body::from_stream(body));
            let Ok(response) = app.call(request.expect("a request")).await;
            assert_eq!(response.status().as_u16(), status);
        }
    }

    #[test]
    fn a_minute_of_waiting_must_bring_its_share_and_less_time_is_given_in_a_crowd() {
        let answers = Budget::new(100);
        let minute = Duration::from_secs(60);
        let reader = |taken| Patient { taken, ..Patient::new(tokio::io::empty(), answers.clone()) };
        assert!(!reader(0).is_too_slow(minute - LOOK) && reader(0).is_too_slow(minute));
        assert!(reader(60 * LEAST - 1).is_too_slow(minute));
        let mut honest = reader(60 * LEAST);
        assert!(!honest.is_too_slow(minute));
        assert_eq!((honest.taken, honest.waited), (0, Duration::ZERO), "the next minute must bring its own");
        let mut crowd = answers.begin();
        assert!(crowd.reach(80));
        assert!(reader(0).is_too_slow(minute / 6) && !reader(10 * LEAST).is_too_slow(minute / 6));
    }
}
