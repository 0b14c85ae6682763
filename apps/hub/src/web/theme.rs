//! The administrator's pages of the theme: the project's own files, and every part of a page in every state.

use axum::extract::State;
use axum::response::Response;
use kernel::{context, overlay};
use serde::Serialize;
use web::{Administrator, Error, Result};

use super::Pages;
use super::settings::with_code;

#[derive(Serialize)]
struct OwnFile {
    name: String,
    complaint: Option<String>,
    /// Safe HTML.
    mend: String,
}

/// Which files of the theme the project has replaced, and which of them lag behind.
pub async fn overview(State(pages): State<Pages>, page: Administrator) -> Result<Response> {
    let folder = pages.hub.settings.data.join("theme");
    let shown = folder.display().to_string();
    let overlays = tokio::task::spawn_blocking(move || overlay::standing(&folder))
        .await
        .map_err(|error| Error::Internal(error.to_string()))?
        .map_err(|error| Error::Internal(format!("the folder {shown} cannot be read: {error}")))?;
    let own = |one: overlay::Overlay| {
        let (complaint, mend) = one.complaint().unzip();
        OwnFile { name: one.name, complaint, mend: with_code(&mend.unwrap_or_default()) }
    };
    let files: Vec<OwnFile> = overlays.into_iter().map(own).collect();
    page.render("hub/admin_theme.html", context! { title: "Theme", files, folder: shown })
}

/// Every component in every state.
pub async fn gallery(page: Administrator) -> Result<Response> {
    page.render("components/gallery.html", context! { title: "Every part of a page" })
}
