//! A body, handed to the reader of its parts piece by piece. That reader (multer) takes all that has come and bounds
//! nothing while it looks for a boundary or the end of a part's head; so it is given more only where it cannot go on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream, Bytes};
use futures::Stream;

/// What is given at a time, bytes.
const PIECE: usize = 64 << 10;
/// What may come before the first part or as the head of one, bytes.
const LARGEST_HEAD: usize = 256 << 10;

/// How a body is getting on. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Pace(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Whether the reader goes on with what it has before it is given more.
    pauses: AtomicBool,
    /// Bytes given since the reader last found something, and in all.
    since: AtomicUsize,
    all: AtomicUsize,
}

impl Pace {
    /// The reader found something: it may have found more in what it has.
    pub fn found(&self) {
        self.0.pauses.store(true, Ordering::Relaxed);
        self.0.since.store(0, Ordering::Relaxed);
    }

    /// Whether the reader found nothing in too much.
    pub fn is_lost(&self) -> bool {
        self.0.since.load(Ordering::Relaxed) > LARGEST_HEAD
    }

    /// How much has come.
    pub fn all(&self) -> usize {
        self.0.all.load(Ordering::Relaxed)
    }
}

/// The body, of which at most `most` bytes come.
pub(crate) fn doled(body: Body, most: usize) -> (Body, Pace) {
    let pace = Pace::default();
    let doled = Doled { body: body.into_data_stream(), rest: Bytes::new(), most, pace: pace.clone() };
    (Body::from_stream(doled), pace)
}

struct Doled {
    body: BodyDataStream,
    rest: Bytes,
    most: usize,
    pace: Pace,
}

impl Stream for Doled {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pace = self.pace.0.clone();
        if pace.pauses.swap(false, Ordering::Relaxed) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                other => return Poll::Ready(other),
            }
        }
        let length = self.rest.len().min(PIECE);
        let since = pace.since.fetch_add(length, Ordering::Relaxed) + length;
        let all = pace.all.fetch_add(length, Ordering::Relaxed) + length;
        if since > LARGEST_HEAD || all > self.most {
            return Poll::Ready(Some(Err(axum::Error::new(std::io::Error::other("too much of a form")))));
        }
        pace.pauses.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}
