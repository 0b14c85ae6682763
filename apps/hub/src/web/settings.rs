//! The administrator's pages of what is configured: the modules, and every key with its value.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use kernel::context;
use web::{Administrator, Result};

use crate::settings::{Key, Table};

/// Which modules there are, and whether they are on.
pub async fn modules(page: Administrator, Extension(tables): Extension<Arc<Vec<Table>>>) -> Result<Response> {
    let modules: Vec<Table> = tables.iter().filter(|table| table.on.is_some()).map(shown).collect();
    page.render("hub/admin_modules.html", context! { title: "Modules", modules })
}

/// Every key of the configuration: what it does, its value, and where the value comes from.
pub async fn show(page: Administrator, Extension(tables): Extension<Arc<Vec<Table>>>) -> Result<Response> {
    let tables: Vec<Table> = tables.iter().map(shown).collect();
    page.render("hub/admin_settings.html", context! { title: "Settings", tables })
}

/// A table whose sentences are safe HTML.
fn shown(table: &Table) -> Table {
    let key = |key: &Key| Key { about: with_code(&key.about), ..key.clone() };
    Table { about: with_code(&table.about), keys: table.keys.iter().map(key).collect(), ..table.clone() }
}

/// A doc line as safe HTML: what stands between backticks is code.
pub(super) fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(place, part)| match (place % 2, markup::escape(part)) {
        (1, part) => format!("<code>{part}</code>"),
        (_, part) => part,
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::with_code;

    #[test]
    fn backticks_become_code() {
        let text = "`sqlite` (a file) or `<data>/x`.";
        assert_eq!(with_code(text), "<code>sqlite</code> (a file) or <code>&lt;data&gt;/x</code>.");
    }
}
