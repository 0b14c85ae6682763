//! What jobs exclude each other: of a key one runs at a time, whichever hub takes it; and of a site one build is shown.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = text_null("key");
        manager.alter_table(Table::alter().table("job").add_column(&mut key).take()).await?;
        manager.execute(Query::update().table("job").value("key", Expr::col("waiting_key")).take()).await?;
        let running = Expr::col("state").eq("running");
        let one_runs =
            Index::create().name("job_key_running").table("job").col("key").unique().and_where(running).take();
        manager.create_index(one_runs).await?;
        // Two hubs that built one site at once may have left two builds shown; the later one stays.
        let sql = "UPDATE site_build SET is_shown = FALSE WHERE is_shown AND EXISTS (SELECT 1 FROM site_build AS later \
                   WHERE later.site = site_build.site AND later.is_shown AND later.id > site_build.id)";
        manager.get_connection().execute_unprepared(sql).await?;
        let shown = Expr::col("is_shown");
        let one_is_shown =
            Index::create().name("site_build_shown").table("site_build").col("site").unique().and_where(shown).take();
        manager.create_index(one_is_shown).await
    }
}
