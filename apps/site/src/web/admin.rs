//! The builds of each site: what they complained of, build again, roll back.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::context;
use serde::Deserialize;
use serde_json::{Value, json};
use web::{Administrator, CsrfForm, Error, Result};

use crate::config::Source;
use crate::rebuild::JOB;
use crate::{Sites, publish, query};

pub async fn list(State(sites): State<Sites>, page: Administrator) -> Result<Response> {
    let conn = sites.hub.store.read();
    let mut shown = vec![];
    for site in sites.sites.iter() {
        let build = query::shown_build(&conn, &site.name).await?;
        let warnings: Value = build.and_then(|build| serde_json::from_str(&build.warnings).ok()).unwrap_or_default();
        let source = match &site.source {
            Source::Manual => "built into the program".to_owned(),
            Source::Place { path, branch, folder } => format!("{} {branch} {folder}", path.display()),
        };
        shown.push(json!({
            "name": site.name, "url": format!("{}/", site.mount), "source": source, "warnings": warnings,
            "builds": query::builds(&conn, &site.name).await?,
        }));
    }
    page.render("site/admin.html", context! { title: "Sites", sites: shown })
}

/// A form that only carries its token.
#[derive(Deserialize)]
pub struct Pressed {}

pub async fn build(
    State(sites): State<Sites>,
    _: Administrator,
    Path(name): Path<String>,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let site = sites.sites.iter().find(|site| site.name == name).ok_or_else(|| Error::no(format!("site {name}")))?;
    let tx = sites.hub.store.write().await?;
    jobs::enqueue(&tx, JOB, &site.name, json!({ "site": site.name })).await?;
    tx.commit().await?;
    Ok(web::see_other_saying(&sites.hub.settings, "/admin/sites", "The site is being built."))
}

pub async fn roll_back(
    State(sites): State<Sites>,
    _: Administrator,
    Path(name): Path<String>,
    CsrfForm(Pressed {}): CsrfForm<Pressed>,
) -> Result<Response> {
    let tx = sites.hub.store.write().await?;
    let back = publish::roll_back(&tx, &name).await?;
    tx.commit().await?;
    let said = if back.is_some() { "The build before is shown again." } else { "There is no build before this one." };
    Ok(web::see_other_saying(&sites.hub.settings, "/admin/sites", said))
}
