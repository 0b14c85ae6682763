//! `?page=2` of a list.

use axum::extract::FromRequestParts;
use http::request::Parts;
use store::Paging;

/// The number of the page that the URL asks for; 1 when it asks for none.
#[derive(Clone, Copy, Debug)]
pub struct PageNumber(pub u64);

impl PageNumber {
    /// The page of `size` rows.
    pub fn of(self, size: u64) -> Paging {
        Paging::new(self.0, size)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageNumber {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let number = query.split('&').filter_map(|pair| pair.strip_prefix("page=")).find_map(|text| text.parse().ok());
        Ok(Self(number.unwrap_or(1)))
    }
}
