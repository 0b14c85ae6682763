//! The administrator's pages of the hub itself: an overview, the mail queue, the journal, the jobs.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use journal::query as entries;
use kernel::context;
use mail::outbound::{self, OutboxFilter, State as Fate};
use serde::{Deserialize, Serialize};
use web::{Administrator, CsrfForm, Error, Result};

use super::checkup::Checkup;
use super::{Pages, around, first};

const ROWS: u64 = 100;

pub async fn overview(
    State(pages): State<Pages>,
    Extension(checkup): Extension<Arc<Checkup>>,
    page: Administrator,
) -> Result<Response> {
    let conn = pages.hub.store.read();
    let mail = outbound::counts(&conn).await?;
    let waiting = mail.iter().find(|(state, _)| *state == Fate::Waiting).map_or(0, |(_, count)| *count);
    let tasks = checkup.tasks(&pages.hub).await.map_err(|error| Error::Internal(format!("{error:#}")))?;
    page.render(
        "hub/admin.html",
        context! {
            title: "Administration", tasks, looks: checkup.looks(), looked_at: checkup.looked_at(), mail_waiting: waiting,
            steps: first::steps(&pages, checkup.config()).await?,
            jobs_waiting: jobs::query::count(&conn, "waiting").await?, modules: pages.modules,
            last: entries::last(&conn).await?, data: pages.hub.settings.data.display().to_string(),
            database: if pages.hub.store.backend() == sea_orm::DbBackend::Postgres { "PostgreSQL" } else { "SQLite" },
        },
    )
}

/// Asks names, mail servers and IRC networks anew.
pub async fn look_again(
    State(pages): State<Pages>,
    Extension(checkup): Extension<Arc<Checkup>>,
    _: Administrator,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    checkup.look(&pages.hub).await;
    Ok(web::see_other_saying(&pages.hub.settings, "/admin", "Names, mail servers and IRC networks were asked."))
}

#[derive(Deserialize)]
pub struct MailAsked {
    state: Option<String>,
    before: Option<i64>,
}

pub async fn mail(
    State(pages): State<Pages>,
    Extension(checkup): Extension<Arc<Checkup>>,
    page: Administrator,
    Query(asked): Query<MailAsked>,
) -> Result<Response> {
    let conn = pages.hub.store.read();
    let state = Fate::ALL.into_iter().find(|state| asked.state.as_deref() == Some(state.as_str()));
    let filter = OutboxFilter { state, before: asked.before, limit: ROWS, ..OutboxFilter::default() };
    let copies = outbound::outbox(&conn, &filter).await?;
    let older = (copies.len() as u64 == ROWS).then(|| copies.last().map(|copy| copy.id)).flatten();
    let counts = outbound::counts(&conn).await?;
    page.render(
        "hub/admin_mail.html",
        context! {
            title: "Outgoing mail", copies, older, counts, state: state.map(Fate::as_str),
            sends: checkup.sends(), around: around::last(&pages.hub).await?,
        },
    )
}

pub async fn mail_copy(State(pages): State<Pages>, _: Administrator, Path(id): Path<i64>) -> Result<Response> {
    let raw = outbound::rendered(&pages.hub.store, id).await?.ok_or_else(|| Error::no(format!("mail {id}")))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], raw).into_response())
}

/// A form that only carries its token.
#[derive(Deserialize)]
pub struct Pressed {}

pub async fn mail_retry(
    State(pages): State<Pages>,
    _: Administrator,
    Path(id): Path<i64>,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let tx = pages.hub.store.write().await?;
    outbound::retry(&tx, id).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&pages.hub.settings, "/admin/mail", "It is tried again now."))
}

pub async fn mail_drop(
    State(pages): State<Pages>,
    _: Administrator,
    Path(id): Path<i64>,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let tx = pages.hub.store.write().await?;
    outbound::drop(&tx, id).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&pages.hub.settings, "/admin/mail", "It will not be sent."))
}

/// Where a subscriber stands.
#[derive(Serialize)]
struct Standing {
    name: &'static str,
    cursor: i64,
    derives: bool,
}

pub async fn journal(State(pages): State<Pages>, page: Administrator) -> Result<Response> {
    let conn = pages.hub.store.read();
    let mut subscribers = vec![];
    for name in pages.dispatcher.names() {
        let cursor = entries::cursor(&conn, name).await?.unwrap_or(0);
        subscribers.push(Standing { name, cursor, derives: pages.dispatcher.derives(name).unwrap_or(false) });
    }
    let wanted = entries::Wanted { echoes: true, ..entries::Wanted::default() };
    page.render(
        "hub/admin_journal.html",
        context! {
            title: "Journal", subscribers, parked: entries::parked(&conn).await?, last: entries::last(&conn).await?,
            activity: entries::stream(&conn, page.actor(), &wanted, ROWS).await?,
        },
    )
}

pub async fn jobs(State(pages): State<Pages>, page: Administrator) -> Result<Response> {
    let queued = jobs::query::queued(&pages.hub.store.read(), ROWS).await?;
    page.render("hub/admin_jobs.html", context! { title: "Jobs", queued })
}

pub async fn job_retry(
    State(pages): State<Pages>,
    _: Administrator,
    Path(id): Path<i64>,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let tx = pages.hub.store.write().await?;
    jobs::retry(&tx, id).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&pages.hub.settings, "/admin/jobs", "It runs again now."))
}
