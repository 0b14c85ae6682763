//! Keeping a build and showing it: the only writer of builds.

use std::collections::{BTreeMap, BTreeSet};

use journal::Event;
use people::Actor;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{StoreError, Tuples, Tx, blobs};

use crate::config::{Site, Source};
use crate::entity::{asset, build, page, redirect};
use crate::generate::{Made, Page};
use crate::query::{self, Build};

/// Builds of a site that are kept, to roll back to.
const KEPT: u64 = 5;

/// What was made of a source, and of which state of it.
pub struct Built {
    pub made: Made,
    /// The revision of a repository; empty for a folder.
    pub revision: String,
    /// [`crate::source::signature`], from before the source was read.
    pub signature: String,
}

/// Keeps what was made and shows it from the commit on, all at once. Pages that moved are remembered: where a page of
/// the same source stood before leads to where it stands now.
///
/// `before` is the build that was shown before the source was read. When another one is shown by now, nothing is kept
/// and the answer is `None`: it may have been made from a later state of the source.
pub async fn publish(
    tx: &Tx,
    actor: &Actor,
    site: &Site,
    before: Option<&Build>,
    built: &Built,
) -> Result<Option<i64>, StoreError> {
    let made = &built.made;
    if !take_down(tx, &site.name, before).await? {
        return Ok(None);
    }
    let old_pages = match before {
        Some(build) => query::sources(tx, build.id).await?,
        None => BTreeMap::new(),
    };
    let id = keep(tx, site, built).await?;
    show(tx, id).await?;
    remember_moves(tx, site, made, &old_pages).await?;
    index(tx, site, made, &old_pages).await?;
    let event = Event::SiteBuilt {
        site: site.name.clone(),
        url: format!("{}/", site.mount),
        pages: made.pages.len() as u64,
        warnings: made.warnings.len() as u64,
        revision: built.revision.clone(),
    };
    journal::append(tx, actor, event)?;
    for news in made.pages.iter().filter(|page| page.date.is_some() && !old_pages.contains_key(&page.source)) {
        // The first build of a site is no news.
        if before.is_some() {
            let url = url(site, &news.path);
            let event = Event::NewsPublished { site: site.name.clone(), title: news.title.clone(), url };
            journal::append(tx, actor, event)?;
        }
    }
    sweep(tx, &site.name).await?;
    Ok(Some(id))
}

/// The address of a page.
pub(crate) fn url(site: &Site, path: &str) -> String {
    if path.is_empty() { format!("{}/", site.mount) } else { format!("{}/{path}", site.mount) }
}

async fn keep(tx: &Tx, site: &Site, Built { made, revision, signature }: &Built) -> Result<i64, StoreError> {
    let json = |value: serde_json::Result<String>| value.unwrap_or_else(|_| "[]".into());
    let row = build::ActiveModel {
        site: Set(site.name.clone()),
        at: Set(tx.now()),
        revision: Set(revision.clone()),
        signature: Set(signature.clone()),
        is_shown: Set(false),
        pages: Set(made.pages.len() as i64),
        warnings: Set(json(serde_json::to_string(&made.warnings))),
        navigation: Set(json(serde_json::to_string(&made.navigation))),
        ..Default::default()
    };
    let id = row.insert(tx).await?.id;
    let mut taken = BTreeSet::new();
    let pages: Vec<&Page> =
        made.pages.iter().map(AsRef::as_ref).filter(|page| taken.insert(page.path.as_str())).collect();
    for some in pages.chunks(100) {
        let rows = some.iter().map(|page| page::ActiveModel {
            build_id: Set(id),
            path: Set(page.path.clone()),
            source: Set(page.source.clone()),
            title: Set(page.title.clone()),
            html: Set(page.html.clone()),
            summary: Set(page.summary.clone()),
            toc: Set(json(serde_json::to_string(&page.toc))),
            day: Set(page.date),
            ..Default::default()
        });
        page::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let assets: Vec<_> = made.assets.iter().collect();
    for some in assets.chunks(100) {
        let bodies: Vec<&[u8]> = some.iter().map(|(_, asset)| asset.bytes.as_ref()).collect();
        let blobs = blobs::put_many(tx, &bodies).await?;
        let rows = some.iter().zip(blobs).map(|((path, _), blob)| asset::ActiveModel {
            build_id: Set(id),
            path: Set((*path).clone()),
            blob: Set(blob.0),
            ..Default::default()
        });
        asset::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(id)
}

/// Shows `before` no longer; false when it is not what is shown. Who does the same at this moment waits for this
/// transaction, and then hears that it is not. Where none was shown the index of shown builds lets the second fail.
async fn take_down(tx: &Tx, site: &str, before: Option<&Build>) -> Result<bool, StoreError> {
    let Some(before) = before else { return Ok(query::shown_build(tx, site).await?.is_none()) };
    let hidden = build::Entity::update_many()
        .col_expr(build::Column::IsShown, Expr::value(false))
        .filter(build::Column::Id.eq(before.id))
        .filter(build::Column::IsShown.eq(true))
        .exec(tx)
        .await?;
    Ok(hidden.rows_affected == 1)
}

/// Shows this build, where none is shown.
async fn show(tx: &Tx, id: i64) -> Result<(), StoreError> {
    build::Entity::update_many()
        .col_expr(build::Column::IsShown, Expr::value(true))
        .filter(build::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Shows the build before the one that is shown; its number, when there is one.
pub async fn roll_back(tx: &Tx, site: &str) -> Result<Option<i64>, StoreError> {
    let Some(shown) = query::shown_build(tx, site).await? else { return Ok(None) };
    let before = build::Entity::find()
        .filter(build::Column::Site.eq(site))
        .filter(build::Column::Id.lt(shown.id))
        .order_by_desc(build::Column::Id)
        .one(tx)
        .await?;
    let Some(before) = before else { return Ok(None) };
    if !take_down(tx, site, Some(&shown)).await? {
        return Ok(None);
    }
    show(tx, before.id).await?;
    Ok(Some(before.id))
}

async fn remember_moves(tx: &Tx, site: &Site, made: &Made, old: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let now: BTreeSet<&str> = made.pages.iter().map(|page| page.path.as_str()).collect();
    let mut moves: Vec<(String, String)> = vec![];
    for page in &made.pages {
        moves.extend(page.redirects.iter().map(|from| (from.clone(), page.path.clone())));
        let known = old.get(&page.source).filter(|_| !page.source.is_empty());
        if let Some(before) = known.filter(|before| **before != page.path) {
            moves.push((before.clone(), page.path.clone()));
        }
    }
    moves.retain(|(from, to)| from != to && !now.contains(from.as_str()));
    for (from, to) in moves {
        let row = redirect::ActiveModel {
            site: Set(site.name.clone()),
            path: Set(from),
            target: Set(to),
            ..Default::default()
        };
        redirect::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([redirect::Column::Site, redirect::Column::Path])
                    .update_column(redirect::Column::Target)
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn index(tx: &Tx, site: &Site, made: &Made, old: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let key = |path: &str| format!("site/{}/{path}", site.name);
    let now: BTreeSet<&str> = made.pages.iter().map(|page| page.path.as_str()).collect();
    for gone in old.values().filter(|path| !now.contains(path.as_str())) {
        search::remove(tx, &key(gone)).await?;
    }
    let kind = if site.source == Source::Manual { search::EXAMPLES } else { "page" };
    for page in &made.pages {
        let document = search::Document {
            key: key(&page.path),
            module: "site",
            kind,
            url: url(site, &page.path),
            title: page.title.clone(),
            body: [page.text.as_str(), &page.mentions.join("\n")].join("\n").trim_end().to_owned(),
            participant: None,
            at: tx.now(),
            audience: "public".into(),
        };
        search::put(tx, document).await?;
    }
    Ok(())
}

/// Forgets builds that are too old to roll back to.
async fn sweep(tx: &Tx, site: &str) -> Result<(), StoreError> {
    let old: Vec<i64> = build::Entity::find()
        .select_only()
        .column(build::Column::Id)
        .filter(build::Column::Site.eq(site))
        .filter(build::Column::IsShown.eq(false))
        .order_by_desc(build::Column::Id)
        .offset(KEPT)
        .limit(1000)
        .tuples()
        .all(tx)
        .await?;
    if !old.is_empty() {
        build::Entity::delete_many().filter(build::Column::Id.is_in(old)).exec(tx).await?;
    }
    Ok(())
}
