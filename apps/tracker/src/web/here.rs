//! Where a request stands: the visitor, the tracker, and the number of the issue when the path has one.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use people::Actor;
use web::{Error, Page, Result};

use crate::Tracker;
use crate::catalog::Catalog;
use crate::change::Via;
use crate::issue;
use crate::rules::{self, Deed};

/// The visitor in a tracker that they may read.
pub struct Here {
    pub page: Page,
    pub catalog: Catalog,
    /// The number of the issue that the path names.
    pub number: Option<i64>,
    /// What stands behind the last dot: `json`, `atom`, `csv`.
    pub format: String,
    pub pairs: Vec<(String, String)>,
}

impl Deref for Here {
    type Target = Page;
    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Here {
    /// The number of the issue, or that there is none.
    pub fn issue(&self) -> Result<i64> {
        self.number.ok_or_else(|| Error::no("such page here"))
    }

    /// Whether the visitor may do it; `own` when the issue is theirs.
    pub fn may(&self, deed: Deed, own: bool) -> bool {
        rules::allows(&self.catalog, self.page.actor(), deed, own, Via::Web)
    }

    /// Whether the visitor may file an issue, or is a stranger who may as soon as they have an account.
    pub fn offers_filing(&self) -> bool {
        let is_stranger = *self.page.actor() == Actor::Anonymous;
        self.may(Deed::File, false) || (is_stranger && self.catalog.tracker.may_file == "member")
    }

    /// Refuses unless the visitor may do it; a stranger is asked to sign in.
    pub fn permit(&self, deed: Deed) -> Result<()> {
        if *self.page.actor() == Actor::Anonymous && !self.may(deed, false) {
            return Err(Error::SignIn);
        }
        Ok(issue::permit(&self.catalog, self.page.actor(), deed, false, Via::Web)?)
    }
}

/// Words below a tracker that are not numbers of issues.
const WORDS: [&str; 8] = ["new", "files", "msg", "queries", "held", "settings", "leave", ""];

impl FromRequestParts<Tracker> for Here {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, tracker: &Tracker) -> Result<Self> {
        let page = Page::from_request_parts(parts, tracker).await?;
        let path = parts.uri.path().to_owned();
        let mut segments = path.trim_start_matches('/').split('/').skip(1).peekable();
        let first = segments.peek().copied().unwrap_or_default();
        let (bare, _) = split_format(first);
        let is_own = WORDS.contains(&bare) || bare.parse::<i64>().is_ok();
        let name = if is_own {
            String::new()
        } else {
            segments.next().map(|s| split_format(s).0.to_owned()).unwrap_or_default()
        };
        let last = segments.next().unwrap_or(if is_own { "" } else { first });
        let (number, format) = split_format(last);
        let conn = tracker.hub.store.read();
        let catalog = tracker.catalogs.named(&conn, &name).await?;
        let catalog = catalog.ok_or_else(|| Error::no(format!("tracker called {name}")))?;
        let here = Self {
            number: number.parse().ok(),
            format: format.to_owned(),
            pairs: pairs(parts.uri.query().unwrap_or_default()),
            page,
            catalog,
        };
        if !here.may(Deed::Read, false) {
            return Err(Error::SignIn);
        }
        Ok(here)
    }
}

fn split_format(segment: &str) -> (&str, &str) {
    match segment.rsplit_once('.') {
        Some((bare, format @ ("json" | "atom" | "csv"))) => (bare, format),
        _ => (segment, ""),
    }
}

/// The pairs of a query string, decoded.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .take(400)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}
