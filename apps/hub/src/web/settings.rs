//! The administrator's pages of what is configured: the modules, and every key with its value.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use kernel::context;
use web::{Administrator, Result};

use crate::settings::Table;

/// Which modules there are, and whether they are on.
pub async fn modules(page: Administrator, Extension(tables): Extension<Arc<Vec<Table>>>) -> Result<Response> {
    let modules: Vec<&Table> = tables.iter().filter(|table| table.on.is_some()).collect();
    page.render("hub/admin_modules.html", context! { title: "Modules", modules })
}

/// Every key of the configuration: what it does, its value, and where the value comes from.
pub async fn show(page: Administrator, Extension(tables): Extension<Arc<Vec<Table>>>) -> Result<Response> {
    page.render("hub/admin_settings.html", context! { title: "Settings", tables: *tables })
}
