//! Builds of the sites, their pages and files, and addresses that moved.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let build = vec![
            id(),
            text("site"),
            time("at"),
            text("revision"),
            text("signature"),
            yes_no("is_shown"),
            number("pages"),
            text("warnings"),
            text("navigation"),
        ];
        let page = vec![
            id(),
            number("build_id"),
            text("path"),
            text("source"),
            text("title"),
            text("html"),
            text("summary"),
            text("toc"),
            ColumnDef::new("day").date().take(),
        ];
        let asset = vec![id(), number("build_id"), text("path"), text("blob")];
        let redirect = vec![id(), text("site"), text("path"), text("target")];
        manager.create_table(table("site_build", build)).await?;
        for (name, columns) in [("site_page", page), ("site_asset", asset)] {
            let table = table(name, columns).foreign_key(&mut belongs(name, "build_id", "site_build")).take();
            manager.create_table(table).await?;
        }
        manager.create_table(table("site_redirect", redirect)).await?;
        for index in [
            index("site_build", &["site", "is_shown"]),
            unique("site_page", &["build_id", "path"]),
            index("site_page", &["build_id", "day"]),
            unique("site_asset", &["build_id", "path"]),
            unique("site_redirect", &["site", "path"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
