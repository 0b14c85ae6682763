//! The audit log, for administrators.

use axum::extract::{Query, State};
use axum::response::Response;
use kernel::context;
use serde::Deserialize;
use web::{Administrator, PageNumber};

use crate::Accounts;
use crate::audit::{self, Deed};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    person: String,
    #[serde(default)]
    kind: String,
}

/// The lines, newest first.
pub(super) async fn lines(
    State(accounts): State<Accounts>,
    page: Administrator,
    number: PageNumber,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    let conn = accounts.hub.store.read();
    let person = asked.person.trim();
    let user = if person.is_empty() { None } else { people::user::by_name(&conn, person).await? };
    let unknown = user.is_none() && !person.is_empty();
    let kinds: Vec<&str> = Deed::ALL.iter().map(|deed| deed.words()).collect();
    let kind = Some(asked.kind.clone()).filter(|kind| kinds.contains(&kind.as_str()));
    let wanted = audit::Wanted { user: user.map(|user| user.id), kind: kind.clone() };
    let lines = if unknown {
        store::Page::new(vec![], number.of(100), 0)
    } else {
        audit::lines(&conn, &wanted, number.of(100)).await?
    };
    number.within(&lines)?;
    page.render(
        "accounts/admin.audit.html",
        context! {
            title: "Audit log", page: lines, kinds, kind: kind.unwrap_or_default(), person, unknown,
        },
    )
}
