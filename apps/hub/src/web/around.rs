//! The administrator's button that sends a mail around, and how the last one fared.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::Hub;
use serde::Serialize;
use web::{Administrator, CsrfForm, Result};

use super::Pages;
use super::admin::Pressed;
use super::checkup::{Checkup, Task, task};
use crate::doctor;

/// How the last mail around fared.
#[derive(Serialize)]
pub struct Fared {
    kind: &'static str,
    label: &'static str,
    asked: DateTime<Utc>,
    told: Task,
}

/// How the last one fared, when there was one.
pub async fn last(hub: &Hub) -> Result<Option<Fared>> {
    let Some(round) = doctor::round::last(&hub.store.read()).await? else { return Ok(None) };
    let (kind, label) = match (&round.left, &round.back) {
        (_, Some(_)) => ("done", "back"),
        _ if round.is_under_way(hub.now()) => ("waiting", "under way"),
        (Some(Ok(_)), None) => ("danger", "missing"),
        _ => ("danger", "not sent"),
    };
    let told = task(round.told(hub, doctor::round::PATIENCE));
    Ok(Some(Fared { kind, label, asked: round.asked, told }))
}

/// Lets one leave, unless one is under way.
pub async fn send(
    State(pages): State<Pages>,
    Extension(checkup): Extension<Arc<Checkup>>,
    _: Administrator,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let (hub, back) = (&pages.hub, "/admin/mail#around");
    if !checkup.sends() {
        return Ok(web::see_other_saying(&hub.settings, back, "No smarthost is named in [mail]: nothing leaves."));
    }
    let tx = hub.store.write().await?;
    if doctor::round::last(&tx).await?.is_some_and(|round| round.is_under_way(tx.now())) {
        return Ok(web::see_other_saying(&hub.settings, back, "One is under way already."));
    }
    doctor::ask(&tx).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(
        &hub.settings,
        back,
        "A mail is under way. Reload in a moment to see whether it came back.",
    ))
}
