//! How much may come of the body of one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::request::Parts;

/// The most that may come of a request's body, bytes; in its extensions where bodies are counted. Only a reader that
/// throws away what it does not hold lets more come.
#[derive(Clone, Debug)]
pub struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// So much until a reader says otherwise.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// How much it is now.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Lets so much come of this request, since its reader throws away what is too much.
    pub(crate) fn raise(parts: &Parts, bytes: usize) {
        if let Some(Self(most)) = parts.extensions.get::<Self>() {
            most.fetch_max(bytes, Ordering::Relaxed);
        }
    }
}
