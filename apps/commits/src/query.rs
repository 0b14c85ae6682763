//! All reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use people::{Actor, ParticipantId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use store::{Page, Paging, Tuples};

use crate::entity::{branch, push, push_ref, repository, revision};
use crate::push::{MovedRef, Push};
use crate::repository::Repository;
use crate::{PushId, RepositoryId};

pub use crate::entity::branch::Model as Branch;
pub use crate::entity::revision::Model as Revision;

/// The repository of a name.
pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<Repository>, DbErr> {
    repository::Entity::find().filter(repository::Column::Name.eq(name)).one(conn).await
}

/// The repository that lies in a folder.
pub async fn by_path(conn: &impl ConnectionTrait, path: &str) -> Result<Option<Repository>, DbErr> {
    let bare = path.strip_suffix("/.git").unwrap_or(path);
    let lies = Condition::any().add(repository::Column::Path.eq(path)).add(repository::Column::Path.eq(bare));
    repository::Entity::find().filter(lies).filter(repository::Column::Path.ne("")).one(conn).await
}

/// The repository of an id.
pub async fn by_id(conn: &impl ConnectionTrait, id: RepositoryId) -> Result<Option<Repository>, DbErr> {
    repository::Entity::find_by_id(id).one(conn).await
}

/// The repositories that `actor` may see, by name.
pub async fn repositories(conn: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Repository>, DbErr> {
    repository::Entity::find()
        .filter(repository::Column::Audience.is_in(actor.audiences()))
        .order_by_asc(repository::Column::Name)
        .limit(1_000)
        .all(conn)
        .await
}

/// The push that was made from a record.
pub async fn push_of_record(conn: &impl ConnectionTrait, id: RepositoryId, key: &str) -> Result<Option<Push>, DbErr> {
    push::Entity::find().filter(push::Column::RepositoryId.eq(id)).filter(push::Column::Record.eq(key)).one(conn).await
}

/// A push and its repository.
pub async fn push(conn: &impl ConnectionTrait, id: PushId) -> Result<Option<(Push, Repository)>, DbErr> {
    let Some(push) = push::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
    Ok(by_id(conn, push.repository_id).await?.map(|repository| (push, repository)))
}

/// The refs that a push moved, at most 1,000.
pub async fn refs_of(conn: &impl ConnectionTrait, id: PushId) -> Result<Vec<MovedRef>, DbErr> {
    push_ref::Entity::find()
        .filter(push_ref::Column::PushId.eq(id))
        .order_by_asc(push_ref::Column::Position)
        .limit(1_000)
        .all(conn)
        .await
}

/// The refs that these pushes moved, by push; of each at most those that stand first.
pub async fn refs_of_pushes(
    conn: &impl ConnectionTrait,
    ids: &[PushId],
) -> Result<BTreeMap<i64, Vec<MovedRef>>, DbErr> {
    let rows = push_ref::Entity::find()
        .filter(push_ref::Column::PushId.is_in(ids.iter().copied()))
        .filter(push_ref::Column::Position.lt(8))
        .order_by_asc(push_ref::Column::Position)
        .all(conn)
        .await?;
    let mut of: BTreeMap<i64, Vec<MovedRef>> = BTreeMap::new();
    for row in rows {
        of.entry(row.push_id.0).or_default().push(row);
    }
    Ok(of)
}

/// The subject of the newest commit that each of these pushes brought.
pub async fn newest_of_pushes(conn: &impl ConnectionTrait, ids: &[PushId]) -> Result<BTreeMap<i64, String>, DbErr> {
    let lasts = revision::Entity::find()
        .select_only()
        .column_as(revision::Column::Id.max(), "id")
        .filter(revision::Column::PushId.is_in(ids.iter().copied()))
        .group_by(revision::Column::PushId)
        .tuples::<i64>()
        .all(conn)
        .await?;
    let rows: Vec<(i64, String)> = revision::Entity::find()
        .select_only()
        .column(revision::Column::PushId)
        .column(revision::Column::Subject)
        .filter(revision::Column::Id.is_in(lasts))
        .tuples()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Commits of a push, oldest first.
pub async fn revisions_of_push(
    conn: &impl ConnectionTrait,
    id: PushId,
    offset: u64,
    count: u64,
) -> Result<Vec<Revision>, DbErr> {
    revision::Entity::find()
        .filter(revision::Column::PushId.eq(id))
        .order_by_asc(revision::Column::Position)
        .offset(offset)
        .limit(count)
        .all(conn)
        .await
}

/// What a list shows of a commit.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    pub id: i64,
    pub repository_id: RepositoryId,
    pub push_id: Option<PushId>,
    pub push_ref_id: Option<i64>,
    pub commit_id: String,
    pub author_name: String,
    pub participant_id: Option<ParticipantId>,
    pub authored_at: DateTime<Utc>,
    pub subject: String,
    pub files: i64,
    pub added: i64,
    pub removed: i64,
    pub branch: String,
}

/// Which commits a list has.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub repository: Option<RepositoryId>,
    pub branch: Option<String>,
    pub participants: Option<Vec<ParticipantId>>,
    pub push: Option<PushId>,
}

/// A page of the commits that `actor` may see, the last to come first; those of one push oldest first.
pub async fn lines(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    wanted: &Wanted,
    paging: Paging,
) -> Result<Page<Line>, DbErr> {
    use revision::Column::{
        Added, AuthorName, AuthoredAt, Branch, CommitId, Files, Id, ParticipantId, Position, PushId, PushRefId,
        Removed, RepositoryId, Subject,
    };
    let filter = Condition::all()
        .add_option(wanted.repository.map(|id| RepositoryId.eq(id)))
        .add_option(wanted.branch.as_ref().map(|branch| Branch.eq(branch)))
        .add_option(wanted.participants.clone().map(|ids| ParticipantId.is_in(ids)))
        .add_option(wanted.push.map(|id| PushId.eq(id)));
    let visible = sea_orm::sea_query::Query::select()
        .column(repository::Column::Id)
        .from(repository::Entity)
        .and_where(repository::Column::Audience.is_in(actor.audiences()))
        .to_owned();
    let query = revision::Entity::find().filter(filter).filter(RepositoryId.in_subquery(visible));
    let total = store::count(conn, &query).await?;
    let query = if wanted.push.is_some() { query.order_by_asc(Position) } else { query.order_by_desc(Id) };
    let rows = query
        .select_only()
        .columns([Id, RepositoryId, PushId, PushRefId, CommitId, AuthorName, ParticipantId, AuthoredAt, Subject])
        .columns([Files, Added, Removed, Branch])
        .offset(paging.offset())
        .limit(paging.size)
        .into_model()
        .all(conn)
        .await?;
    Ok(Page::new(rows, paging, total))
}

/// A commit by its whole id.
pub async fn revision(conn: &impl ConnectionTrait, id: RepositoryId, commit: &str) -> Result<Option<Revision>, DbErr> {
    revision::Entity::find()
        .filter(revision::Column::RepositoryId.eq(id))
        .filter(revision::Column::CommitId.eq(commit))
        .one(conn)
        .await
}

/// Commits whose id starts so, in the repositories that `actor` may see (or in one of them), at most `count`.
pub async fn abbreviated(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    repository: Option<RepositoryId>,
    start: &str,
    count: u64,
) -> Result<Vec<(String, String)>, DbErr> {
    revision::Entity::find()
        .select_only()
        .column(repository::Column::Name)
        .column(revision::Column::CommitId)
        .join(
            sea_orm::JoinType::InnerJoin,
            revision::Entity::belongs_to(repository::Entity)
                .from(revision::Column::RepositoryId)
                .to(repository::Column::Id)
                .into(),
        )
        .filter(revision::Column::CommitId.gte(start))
        .filter(revision::Column::CommitId.lt(format!("{start}g")))
        .filter(repository::Column::Vcs.ne("svn"))
        .filter(repository::Column::Audience.is_in(actor.audiences()))
        .filter(Condition::all().add_option(repository.map(|id| revision::Column::RepositoryId.eq(id))))
        .order_by_asc(revision::Column::Id)
        .limit(count)
        .tuples()
        .all(conn)
        .await
}

/// The repositories that have a Subversion revision of this number, the oldest first.
pub async fn numbered(conn: &impl ConnectionTrait, actor: &Actor, number: i64) -> Result<Vec<(String, String)>, DbErr> {
    revision::Entity::find()
        .select_only()
        .column(repository::Column::Name)
        .column(revision::Column::CommitId)
        .join(
            sea_orm::JoinType::InnerJoin,
            revision::Entity::belongs_to(repository::Entity)
                .from(revision::Column::RepositoryId)
                .to(repository::Column::Id)
                .into(),
        )
        .filter(revision::Column::Number.eq(number))
        .filter(repository::Column::Audience.is_in(actor.audiences()))
        .order_by_asc(repository::Column::Id)
        .limit(10)
        .tuples()
        .all(conn)
        .await
}

/// A page of the pushes of a repository, newest first.
pub async fn pushes(conn: &impl ConnectionTrait, id: RepositoryId, paging: Paging) -> Result<Page<Push>, DbErr> {
    let query = push::Entity::find().filter(push::Column::RepositoryId.eq(id));
    let total = store::count(conn, &query).await?;
    let items = query
        .order_by_desc(push::Column::At)
        .order_by_desc(push::Column::Id)
        .offset(paging.offset())
        .limit(paging.size)
        .all(conn)
        .await?;
    Ok(Page::new(items, paging, total))
}

/// Pushes of a repository whose mails have not been queued, oldest first.
pub async fn unmailed(conn: &impl ConnectionTrait, id: RepositoryId, count: u64) -> Result<Vec<Push>, DbErr> {
    push::Entity::find()
        .filter(push::Column::RepositoryId.eq(id))
        .filter(push::Column::MailedAt.is_null())
        .order_by_asc(push::Column::Id)
        .limit(count)
        .all(conn)
        .await
}

/// Where each ref stands.
pub async fn heads(conn: &impl ConnectionTrait, id: RepositoryId) -> Result<BTreeMap<String, String>, DbErr> {
    let rows: Vec<(String, String)> = branch::Entity::find()
        .select_only()
        .columns([branch::Column::Refname, branch::Column::Head])
        .filter(branch::Column::RepositoryId.eq(id))
        .tuples()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Branches and tags, the last to move first, at most `count`.
pub async fn branches(conn: &impl ConnectionTrait, id: RepositoryId, count: u64) -> Result<Vec<Branch>, DbErr> {
    branch::Entity::find()
        .filter(branch::Column::RepositoryId.eq(id))
        .order_by_desc(branch::Column::MovedAt)
        .order_by_asc(branch::Column::Refname)
        .limit(count)
        .all(conn)
        .await
}

/// Who wrote the commits of a repository: how many each, the busiest first, and when the last came.
pub async fn contributors(
    conn: &impl ConnectionTrait,
    id: RepositoryId,
    count: u64,
) -> Result<Vec<(ParticipantId, i64, DateTime<Utc>)>, DbErr> {
    revision::Entity::find()
        .select_only()
        .column(revision::Column::ParticipantId)
        .column_as(revision::Column::Id.count(), "commits")
        .column_as(revision::Column::AuthoredAt.max(), "last_at")
        .filter(revision::Column::RepositoryId.eq(id))
        .filter(revision::Column::ParticipantId.is_not_null())
        .group_by(revision::Column::ParticipantId)
        .order_by_desc(revision::Column::Id.count())
        .limit(count)
        .tuples()
        .all(conn)
        .await
}
