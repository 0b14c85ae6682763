//! Forms that carry a CSRF token.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::{Error, Page, Result, csrf};

/// The largest form without files, bytes.
const LARGEST: usize = 4 << 20;

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
        let bytes = read(refuse_large(&parts, body, LARGEST).await?).await?;
        decode(&bytes)?.check(&page)?;
        let form = serde_html_form::from_bytes(&bytes)
            .map_err(|error| Error::Refused(format!("The form cannot be read: {error}.")))?;
        Ok(Self(form))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if !is_form {
            return Err(Error::Refused("The request carries no form.".into()));
        }
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, state).await?;
        let fields = decode(&read(refuse_large(&parts, body, LARGEST).await?).await?)?;
        fields.check(&page)?;
        Ok(fields)
    }
}

/// The most of a refused body that is read and thrown away, so that the browser hears the refusal instead of a broken
/// connection, bytes.
const DRAINED: u64 = 1 << 30;

/// Refuses a body that says itself to be larger than `most`, after it has come.
pub(crate) async fn refuse_large(parts: &Parts, body: Body, most: usize) -> Result<Body> {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_none_or(|length| length <= most as u64) {
        return Ok(body);
    }
    let mut rest = Limited::new(body, DRAINED as usize);
    while let Some(Ok(_)) = rest.frame().await {}
    Err(Error::TooLarge(format!("The form with its files is larger than {} MB.", most >> 20)))
}

pub(crate) async fn read(body: Body) -> Result<Vec<u8>> {
    match Limited::new(body, LARGEST).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::TooLarge("The form is larger than 4 MB.".into())),
        Err(_) => Err(Error::Refused("The connection broke before the whole form had come.".into())),
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Fields> {
    serde_html_form::from_bytes(bytes)
        .map(Fields)
        .map_err(|error| Error::Refused(format!("The form cannot be read: {error}.")))
}
