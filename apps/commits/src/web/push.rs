//! The page of a push: what moved, and the commits that came with it.

use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::context;
use serde::Serialize;
use web::{Page, PageNumber};

use super::list::{self, ShownLine, Who};
use super::repository::head;
use super::{Commits, visible};
use crate::push::{Brief, MovedRef, Push, Summary, summary_of};
use crate::query::{self, Wanted};
use crate::{PushId, url};

/// Commits of a push on one page.
const SIZE: u64 = 200;

/// A ref that moved, with its commits on this page.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRef {
    pub name: String,
    pub kind: String,
    pub change: String,
    /// How its change is shown: `open`, `waiting`, `danger`, `note`.
    pub tone: &'static str,
    pub old: String,
    pub old_url: String,
    pub new: String,
    pub new_url: String,
    pub fresh: i64,
    pub lines: Vec<ShownLine>,
    pub gone: Vec<ShownBrief>,
    pub gone_total: u64,
    pub omitted: Vec<ShownBrief>,
    pub omitted_total: u64,
    pub added: Vec<ShownBrief>,
    pub added_total: u64,
}

/// A commit that is named in passing.
#[derive(Clone, Debug, Serialize)]
pub struct ShownBrief {
    pub short: String,
    pub url: String,
    pub subject: String,
}

fn briefs(repository: &str, briefs: Vec<Brief>) -> Vec<ShownBrief> {
    let show = |brief: Brief| ShownBrief {
        short: url::short(&brief.id),
        url: url::commit(repository, &brief.id),
        subject: brief.subject,
    };
    briefs.into_iter().map(show).collect()
}

fn shown_ref(repository: &str, moved: &MovedRef, lines: Vec<ShownLine>) -> ShownRef {
    let Summary { omitted, omitted_total, gone, gone_total, added, added_total, .. } = summary_of(moved);
    ShownRef {
        name: url::short_ref(&moved.refname).to_owned(),
        kind: moved.kind.clone(),
        change: moved.change.clone(),
        tone: match moved.change.as_str() {
            "created" => "open",
            "forced" => "waiting",
            "deleted" => "danger",
            _ => "note",
        },
        old: url::short(&moved.old_id),
        old_url: url::commit(repository, &moved.old_id),
        new: url::short(&moved.new_id),
        new_url: url::commit(repository, &moved.new_id),
        fresh: moved.fresh,
        lines,
        gone: briefs(repository, gone),
        gone_total,
        omitted: briefs(repository, omitted),
        omitted_total,
        added: briefs(repository, added),
        added_total,
    }
}

/// One push.
pub async fn show(
    State(_): State<Commits>,
    page: Page,
    Path((name, id)): Path<(String, PushId)>,
    number: PageNumber,
) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let conn = page.hub().store.read();
    let found = query::push(&conn, id).await?.filter(|(_, of)| of.id == repository.id);
    let (push, _) = found.ok_or_else(|| web::Error::no(format!("push {id} in {name}")))?;
    let wanted = Wanted { push: Some(id), ..Wanted::default() };
    let commits = query::lines(&conn, page.actor(), &wanted, number.of(SIZE)).await?;
    number.within(&commits)?;
    let paging = list::page_of(&commits);
    let of: Vec<Option<i64>> = commits.items.iter().map(|line| line.push_ref_id).collect();
    let lines = list::shown(&conn, commits.items, &list::names(std::slice::from_ref(&repository))).await?;
    let refs: Vec<ShownRef> = query::refs_of(&conn, id)
        .await?
        .iter()
        .map(|moved| {
            let own = lines.iter().zip(&of).filter(|(_, of)| **of == Some(moved.id.0)).map(|(line, _)| line.clone());
            shown_ref(&name, moved, own.collect())
        })
        .collect();
    let known = people::participant::shown(&conn, push.participant_id).await?;
    let pusher = Who::of(&known, push.participant_id, &push.pusher);
    page.render(
        "commits/push.show.html",
        context! {
            title: format!("Push {id} to {name}"), repository: head(&repository), id, pusher, at: push.at,
            source: push.source, total: push.total, described: paging.total, refs, page: paging,
        },
    )
}

/// A push in a list.
#[derive(Clone, Debug, Serialize)]
pub struct ShownPush {
    pub id: PushId,
    pub url: String,
    pub pusher: Who,
    pub at: DateTime<Utc>,
    pub total: i64,
    /// `main updated`, `v1 created`.
    pub what: Vec<String>,
    /// The subject of its newest commit; empty where it brought none.
    pub subject: String,
}

/// The pushes of a repository.
pub async fn list(
    State(_): State<Commits>,
    page: Page,
    Path(name): Path<String>,
    number: PageNumber,
) -> web::Result<Response> {
    let repository = visible(&page, &name).await?;
    let conn = page.hub().store.read();
    let pushes = query::pushes(&conn, repository.id, number.of(list::SIZE)).await?;
    number.within(&pushes)?;
    let paging = list::page_of(&pushes);
    let ids: Vec<PushId> = pushes.items.iter().map(|push| push.id).collect();
    let refs = query::refs_of_pushes(&conn, &ids).await?;
    let subjects = query::newest_of_pushes(&conn, &ids).await?;
    let known = people::participant::shown(&conn, pushes.items.iter().filter_map(|push| push.participant_id)).await?;
    let show = |push: Push| ShownPush {
        url: url::push(&name, push.id),
        pusher: Who::of(&known, push.participant_id, &push.pusher),
        what: refs
            .get(&push.id.0)
            .into_iter()
            .flatten()
            .map(|r| format!("{} {}", url::short_ref(&r.refname), r.change))
            .collect(),
        subject: subjects.get(&push.id.0).cloned().unwrap_or_default(),
        id: push.id,
        at: push.at,
        total: push.total,
    };
    let pushes: Vec<ShownPush> = pushes.items.into_iter().map(show).collect();
    page.render(
        "commits/pushes.html",
        context! {
            title: format!("Pushes to {name}"), repository: head(&repository), pushes, page: paging,
        },
    )
}
