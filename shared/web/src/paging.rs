//! `?page=2` of a list.

use axum::extract::FromRequestParts;
use http::request::Parts;
use store::Paging;

use crate::{Error, Result};

/// The number of the page that the URL asks for; 1 when it asks for none.
#[derive(Clone, Copy, Debug)]
pub struct PageNumber(pub u64);

impl PageNumber {
    /// The page of `size` rows.
    pub fn of(self, size: u64) -> Paging {
        Paging::new(self.0, size)
    }

    /// Refuses a page beyond the end of its list; the first page of an empty list is one.
    pub fn within<T>(self, page: &store::Page<T>) -> Result<()> {
        match page.pages() {
            last if self.0 <= last => Ok(()),
            1 => Err(Error::NotFound(format!("There is no page {}: this list has one page.", self.0))),
            last => Err(Error::NotFound(format!("There is no page {}: this list ends with page {last}.", self.0))),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageNumber {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        match query.split('&').filter_map(|pair| pair.strip_prefix("page=")).find(|text| !text.is_empty()) {
            None => Ok(Self(1)),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(Self(number)),
                _ => {
                    let typed = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
                    let typed: String = typed.chars().filter(|c| !c.is_control()).take(40).collect();
                    Err(Error::NotFound(format!("There is no page {typed}: pages are counted from 1.")))
                }
            },
        }
    }
}
