//! What a person typed, kept while a request is answered, so that a refusal can give it back.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, BodyDataStream};
use futures::Stream;
use http::Method;
use http::header::{CONTENT_TYPE, EXPECT};
use http::request::Parts;

use crate::{csrf, form, upload};

/// The fields of a form and the names of its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub fields: Vec<(String, String)>,
    /// The field and the name of each file; browsers do not let a page fill these in.
    pub files: Vec<(String, String)>,
}

impl Typed {
    /// Whether there is nothing worth giving back.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.fields.iter().all(|(name, value)| name == csrf::FIELD || value.trim().is_empty())
    }
}

/// What a form's reader puts aside, in the extensions of the request.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Option<Typed>>>);

impl Kept {
    /// Puts what was read aside, when somebody asked for it.
    pub fn keep(parts: &Parts, typed: impl FnOnce() -> Typed) {
        let Some(Self(kept)) = parts.extensions.get::<Self>() else { return };
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(typed());
    }

    fn take(&self) -> Option<Typed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that is lent to a handler; what the handler leaves can still be read.
#[derive(Clone)]
struct Lent(Arc<Mutex<BodyDataStream>>);

impl Lent {
    fn body(&self) -> Body {
        let Self(lent) = self.clone();
        Body::from_stream(futures::stream::poll_fn(move |context| {
            Pin::new(&mut *lent.lock().unwrap_or_else(PoisonError::into_inner)).poll_next(context)
        }))
    }
}

/// A form on its way through a handler.
pub(crate) struct Form {
    kept: Kept,
    rest: Lent,
}

impl Form {
    /// Lends a form to whoever answers it; the request as it was for anything that is not a form.
    pub fn lend(parts: &mut Parts, body: Body) -> (Option<Self>, Body) {
        if parts.method != Method::POST || !is_form(parts) {
            return (None, body);
        }
        let rest = Lent(Arc::new(Mutex::new(body.into_data_stream())));
        let (kept, lent) = (Kept::default(), rest.body());
        parts.extensions.insert(kept.clone());
        (Some(Self { kept, rest }), lent)
    }

    /// What the person typed: as it was read, or, when the request was refused before that, what is read now.
    pub async fn typed(self, parts: &Parts) -> Option<Typed> {
        if let Some(typed) = self.kept.take() {
            return Some(typed);
        }
        // Who asks first has not sent anything yet.
        if parts.headers.contains_key(EXPECT) {
            return None;
        }
        let body = self.rest.body();
        if !upload::is_multipart(parts) {
            return form::take(parts, body).await.ok().map(|(fields, _)| Typed { fields: fields.0, files: vec![] });
        }
        let (submission, _) = upload::take(parts, body).await.ok()?;
        Some(submission.typed())
    }
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/form-data")
}
