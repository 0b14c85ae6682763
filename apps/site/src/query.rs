//! Reading the sites.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use store::{BlobId, Tuples};

use crate::entity::{asset, build, page, redirect};

pub use crate::entity::build::Model as Build;
pub use crate::entity::page::Model as StoredPage;

/// The build of a site that people see.
pub async fn shown_build(conn: &impl ConnectionTrait, site: &str) -> Result<Option<Build>, DbErr> {
    build::Entity::find().filter(build::Column::Site.eq(site)).filter(build::Column::IsShown.eq(true)).one(conn).await
}

/// A page of a build.
pub async fn page(conn: &impl ConnectionTrait, build: i64, path: &str) -> Result<Option<StoredPage>, DbErr> {
    page::Entity::find().filter(page::Column::BuildId.eq(build)).filter(page::Column::Path.eq(path)).one(conn).await
}

/// A file of a build that is no page.
pub async fn asset(conn: &impl ConnectionTrait, build: i64, path: &str) -> Result<Option<BlobId>, DbErr> {
    let row = asset::Entity::find()
        .filter(asset::Column::BuildId.eq(build))
        .filter(asset::Column::Path.eq(path))
        .one(conn)
        .await?;
    Ok(row.map(|row| BlobId(row.blob)))
}

/// Where an old address leads now.
pub async fn redirect(conn: &impl ConnectionTrait, site: &str, path: &str) -> Result<Option<String>, DbErr> {
    let row = redirect::Entity::find()
        .filter(redirect::Column::Site.eq(site))
        .filter(redirect::Column::Path.eq(path))
        .one(conn)
        .await?;
    Ok(row.map(|row| row.target))
}

/// Source to path, for every page of a build.
pub async fn sources(conn: &impl ConnectionTrait, build: i64) -> Result<BTreeMap<String, String>, DbErr> {
    let rows: Vec<(String, String)> = page::Entity::find()
        .select_only()
        .columns([page::Column::Source, page::Column::Path])
        .filter(page::Column::BuildId.eq(build))
        .filter(page::Column::Source.ne(""))
        .tuples()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A piece of news.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct News {
    pub path: String,
    pub title: String,
    pub summary: String,
    pub day: NaiveDate,
}

/// The news of a build, newest first.
pub async fn news(conn: &impl ConnectionTrait, build: i64, count: u64) -> Result<Vec<News>, DbErr> {
    page::Entity::find()
        .select_only()
        .columns([page::Column::Path, page::Column::Title, page::Column::Summary])
        .column(page::Column::Day)
        .filter(page::Column::BuildId.eq(build))
        .filter(page::Column::Day.is_not_null())
        .order_by_desc(page::Column::Day)
        .limit(count)
        .into_model()
        .all(conn)
        .await
}

/// A build, without its pages.
#[derive(Clone, Debug, Serialize, FromQueryResult)]
pub struct Past {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub revision: String,
    pub is_shown: bool,
    pub pages: i64,
}

/// The builds of a site that are kept, newest first.
pub async fn builds(conn: &impl ConnectionTrait, site: &str) -> Result<Vec<Past>, DbErr> {
    build::Entity::find()
        .select_only()
        .columns([build::Column::Id])
        .columns([build::Column::At])
        .columns([build::Column::Revision, build::Column::IsShown, build::Column::Pages])
        .filter(build::Column::Site.eq(site))
        .order_by_desc(build::Column::Id)
        .limit(20)
        .into_model()
        .all(conn)
        .await
}
