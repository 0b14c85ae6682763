//! The search box: `#12`, a commit, a Message-ID or `@name` lead there; anything else is looked for everywhere.

use axum::extract::{Query, State};
use axum::response::Response;
use kernel::context;
use markup::autolink::{self, Kind};
use search::{Found, Piece, Question, find};
use serde::{Deserialize, Serialize};
use web::{Page, PageNumber, Result};

use super::Pages;

const ROWS: u64 = 25;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    module: Option<String>,
    #[serde(default)]
    sort: String,
}

/// One find, its excerpt cut where the match begins and ends.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    found: Found,
    parts: Vec<Piece>,
}

pub async fn show(
    State(pages): State<Pages>,
    page: Page,
    Query(asked): Query<Asked>,
    number: PageNumber,
) -> Result<Response> {
    let text = asked.q.trim().chars().take(500).collect::<String>();
    if asked.module.is_none()
        && let Some(url) = straight(&text)
    {
        return Ok(web::see_other(url));
    }
    if asked.module.is_none()
        && let Some(url) = of_message_id(&pages, &page, &text).await?
    {
        return Ok(web::see_other(url));
    }
    let module = asked.module.filter(|module| pages.modules.contains(&module.as_str()));
    let question = Question { text, module, newest: asked.sort == "newest", ..Question::default() };
    let results = find(&pages.hub.store.read(), page.actor(), &question, number.of(ROWS)).await?;
    number.within(&results)?;
    let results = results.map(|found| Shown { parts: found.parts(), found });
    page.render(
        "hub/search.html",
        context! {
            title: "Search", q: question.text, module: question.module, newest: question.newest, results,
            modules: pages.modules, most: search::MOST,
        },
    )
}

/// Where a Message-ID leads, with its brackets or without; a mail address looks the same and leads nowhere.
async fn of_message_id(pages: &Pages, page: &Page, query: &str) -> Result<Option<String>> {
    let bare = query.strip_prefix("Message-ID:").unwrap_or(query).trim();
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    let is_one =
        bare.contains('@') && !bare.starts_with('@') && !bare.contains(|c: char| c.is_whitespace() || c == '<');
    if !is_one {
        return Ok(None);
    }
    for finder in &*pages.finders {
        if let Some(url) = finder.find(&pages.hub, page.actor(), bare).await? {
            return Ok(Some(url));
        }
    }
    Ok(None)
}

/// Where a query leads that names one thing.
fn straight(query: &str) -> Option<String> {
    if let Some(name) = query.strip_prefix('@') {
        return people::user::checked_name(name).ok().map(|name| format!("/people/{name}"));
    }
    let references = autolink::find(query);
    match references.as_slice() {
        // An address of the web or of a mail leads nowhere of ours; a Message-ID is asked of the modules.
        [one] if one.range == (0..query.len()) && !matches!(one.kind, Kind::Message(_)) => {
            Some(autolink::url_of(one)).filter(|url| url.starts_with('/'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_names_one_thing_leads_there() {
        assert_eq!(straight("#12").as_deref(), Some("/issues/12"));
        assert_eq!(straight("@Ann").as_deref(), Some("/people/ann"));
        assert_eq!(straight("crash on #12"), None);
        assert_eq!(straight("crash"), None);
        for elsewhere in ["https://evil.example/", "www.evil.example", "ann@example.org", "<1@x.org>"] {
            assert_eq!(straight(elsewhere), None, "{elsewhere}");
        }
    }
}
