//! Forms that carry a CSRF token.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use futures::StreamExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::kept::{Kept, Typed};
use crate::{Allowance, Error, Page, Result, csrf};

/// The largest form without files, bytes.
const LARGEST: usize = 4 << 20;
/// The largest texts of a form that are given back to their author when they are refused, bytes.
pub(crate) const SALVAGED: usize = 16 << 20;
/// The most of a form without files that is too large that is heard to its end, bytes.
const DRAINED: usize = 256 << 20;
/// The most fields of a form: an empty one costs a hundred times the byte that it is sent with.
pub(crate) const MOST_FIELDS: usize = 10_000;
/// The largest form of a program, bytes.
const LARGEST_OF_PROGRAM: usize = 64 << 10;

/// The fields of a form in the order in which they came; a name may come several times.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The last value of a field, without the blanks around it; empty when it did not come.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether a field came at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// All values of a field that are not blank.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(field, value)| field == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }

    pub(crate) fn check(&self, page: &Page) -> Result<()> {
        if page.has_bearer() || csrf::matches(&page.csrf(), self.get(csrf::FIELD)) {
            Ok(())
        } else {
            Err(Error::StaleForm)
        }
    }
}

/// A form read into `T` after its token was found to be the visitor's.
pub struct CsrfForm<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for CsrfForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, state).await?;
        let fields = read(&page, &parts, body).await?;
        let form = serde_html_form::to_string(&fields.0)
            .map_err(|error| error.to_string())
            .and_then(|text| serde_html_form::from_str(&text).map_err(|error| error.to_string()))
            .map_err(|error| Error::Refused(format!("The form cannot be read: {error}.")))?;
        Ok(Self(form))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        refuse_other_kinds(&parts)?;
        let page = Page::from_request_parts(&mut parts, state).await?;
        read(&page, &parts, body).await
    }
}

/// The pairs of a small form without a token, as programs send them.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Pairs {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        refuse_other_kinds(&parts)?;
        let (mut data, mut bytes) = (body.into_data_stream(), vec![]);
        while let Some(chunk) = data.next().await {
            bytes.extend_from_slice(&chunk.map_err(|_| broken())?);
            if bytes.len() > LARGEST_OF_PROGRAM {
                let text = format!("The form of a program is larger than {} KB.", LARGEST_OF_PROGRAM >> 10);
                return Err(Error::TooLarge(text));
            }
        }
        Ok(Self(decode(&bytes)?.0))
    }
}

fn refuse_other_kinds(parts: &Parts) -> Result<()> {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        Ok(())
    } else {
        Err(Error::Refused("The request carries no form.".into()))
    }
}

/// Refuses a body that says itself to be larger than `most`, when its sender asks before sending it (RFC 9110 section
/// 10.1.1); others hear nothing before they have sent everything.
pub(crate) fn refuse_ahead(parts: &Parts, most: usize) -> Result<()> {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if parts.headers.contains_key(EXPECT) && length.is_some_and(|length| length > most as u64) {
        return Err(Error::TooLarge(format!("The form with its files is larger than {} MB.", most >> 20)));
    }
    Ok(())
}

/// Reads a form without files: its fields, and the refusal of one that is too large but small enough to be given back.
pub(crate) async fn take(parts: &Parts, body: Body) -> Result<(Fields, Option<Error>)> {
    Allowance::raise(parts, SALVAGED + 2 * DRAINED);
    let mut data = body.into_data_stream();
    let (mut bytes, mut drained) = (vec![], 0);
    while let Some(chunk) = data.next().await {
        let chunk = chunk.map_err(|_| broken())?;
        if drained == 0 && bytes.len() + chunk.len() <= SALVAGED {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = vec![];
            drained += chunk.len();
        }
        if drained > DRAINED {
            break;
        }
    }
    if drained > 0 {
        return Err(too_large());
    }
    let fault = (bytes.len() > LARGEST).then(too_large);
    Ok((decode(&bytes)?, fault))
}

fn broken() -> Error {
    Error::Refused("The connection broke before the whole form had come.".into())
}

fn too_large() -> Error {
    Error::TooLarge(format!("The form is larger than {} MB.", LARGEST >> 20))
}

pub(crate) fn too_many() -> Error {
    Error::TooLarge(format!("The form has more than {MOST_FIELDS} fields."))
}

/// Reads a form, puts it aside for a refusal, and finds its token to be the visitor's.
async fn read(page: &Page, parts: &Parts, body: Body) -> Result<Fields> {
    refuse_ahead(parts, LARGEST)?;
    let (fields, fault) = take(parts, body).await?;
    if let Some(fault) = fault {
        Kept::keep(parts, || Typed { fields: fields.0, files: vec![] });
        return Err(fault);
    }
    Kept::keep(parts, || Typed { fields: fields.0.clone(), files: vec![] });
    fields.check(page)?;
    Ok(fields)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Fields> {
    if bytes.iter().filter(|byte| **byte == b'&').count() >= MOST_FIELDS {
        return Err(too_many());
    }
    // NUL is no text, and PostgreSQL keeps none.
    let text = |text: String| text.replace('\0', "");
    serde_html_form::from_bytes::<Vec<(String, String)>>(bytes)
        .map(|fields| Fields(fields.into_iter().map(|(name, value)| (text(name), text(value))).collect()))
        .map_err(|error| Error::Refused(format!("The form cannot be read: {error}.")))
}
