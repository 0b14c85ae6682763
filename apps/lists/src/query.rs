//! All reads of this app.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use people::{Actor, ParticipantId, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use store::{BlobId, Page, Paging, Tuples};

use crate::entity::{attachment, list, member, post, thread};
use crate::list::List;
use crate::member::Member;
use crate::{ListId, PostId, ThreadId};

/// Posts that one page of a thread or a month shows.
pub const SHOWN: u64 = 1_000;

/// A post as trees, tables and feeds need it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    pub id: PostId,
    pub message_id: String,
    pub copy: i64,
    pub refs: String,
    pub participant_id: ParticipantId,
    pub author: String,
    pub subject: String,
    pub at: DateTime<Utc>,
    pub files: i64,
}

/// A post with its text.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Post {
    pub id: PostId,
    pub list_id: ListId,
    pub thread_id: ThreadId,
    pub message_id: String,
    pub hash: String,
    pub copy: i64,
    pub refs: String,
    pub participant_id: ParticipantId,
    pub author: String,
    pub subject: String,
    pub body: String,
    pub has_html: bool,
    pub at: DateTime<Utc>,
    pub source: String,
    pub blob: BlobId,
    pub size: i64,
    pub files: i64,
    pub judgement: String,
}

fn lines() -> sea_orm::Select<post::Entity> {
    use post::Column as C;
    post::Entity::find().select_only().columns([C::Id, C::MessageId, C::Copy, C::Refs, C::ParticipantId]).columns([
        C::Author,
        C::Subject,
        C::At,
        C::Files,
    ])
}

fn posts() -> sea_orm::Select<post::Entity> {
    use post::Column as C;
    post::Entity::find()
        .select_only()
        .columns([C::Id, C::ListId, C::ThreadId, C::MessageId, C::Hash, C::Copy, C::Refs, C::ParticipantId, C::Author])
        .columns([C::Subject, C::Body, C::HasHtml, C::At, C::Source, C::Blob, C::Size, C::Files, C::Judgement])
}

/// The lists that `actor` may know of, by name.
pub async fn lists(conn: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<List>, DbErr> {
    let all = list::Entity::find().order_by_asc(list::Column::Name).all(conn).await?;
    let shown =
        |list: &List| crate::list::may_moderate(actor, list) || list.is_listed && crate::list::may_read(actor, list);
    Ok(all.into_iter().filter(shown).collect())
}

/// Every list by name.
pub async fn all_lists(conn: &impl ConnectionTrait) -> Result<Vec<List>, DbErr> {
    list::Entity::find().order_by_asc(list::Column::Name).all(conn).await
}

/// Of these lists the ones that a user is a member of.
pub async fn joined(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<ListId>, DbErr> {
    let own = journal::query::participants_of(conn, user).await?;
    member::Entity::find()
        .select_only()
        .column(member::Column::ListId)
        .distinct()
        .filter(member::Column::ParticipantId.is_in(own))
        .tuples()
        .all(conn)
        .await
}

/// The page `paging` of the threads of a list, the last active first.
pub async fn threads(conn: &impl ConnectionTrait, list: ListId, paging: Paging) -> Result<Page<thread::Model>, DbErr> {
    let found = thread::Entity::find().filter(thread::Column::ListId.eq(list));
    let total = store::count(conn, &found).await?;
    let items = found
        .order_by_desc(thread::Column::LastAt)
        .order_by_desc(thread::Column::Id)
        .offset(paging.offset())
        .limit(paging.size)
        .all(conn)
        .await?;
    Ok(Page::new(items, paging, total))
}

/// The months in which somebody wrote, newest first, with how many posts each has.
pub async fn months(conn: &impl ConnectionTrait, list: ListId) -> Result<Vec<(String, i64)>, DbErr> {
    post::Entity::find()
        .select_only()
        .column(post::Column::Month)
        .column_as(post::Column::Id.count(), "posts")
        .filter(post::Column::ListId.eq(list))
        .group_by(post::Column::Month)
        .order_by_desc(post::Column::Month)
        .tuples()
        .all(conn)
        .await
}

/// The posts of a month, oldest first.
pub async fn of_month(
    conn: &impl ConnectionTrait,
    list: ListId,
    month: &str,
    paging: Paging,
) -> Result<Page<Line>, DbErr> {
    let found = lines().filter(post::Column::ListId.eq(list)).filter(post::Column::Month.eq(month));
    let total = post::Entity::find()
        .filter(post::Column::ListId.eq(list))
        .filter(post::Column::Month.eq(month))
        .count(conn)
        .await?;
    let items = found
        .order_by_asc(post::Column::At)
        .order_by_asc(post::Column::Id)
        .offset(paging.offset())
        .limit(paging.size)
        .into_model()
        .all(conn)
        .await?;
    Ok(Page::new(items, paging, total))
}

/// The posts of one Message-ID-Hash, the first kept first.
pub async fn of_hash(conn: &impl ConnectionTrait, list: ListId, hash: &str) -> Result<Vec<Post>, DbErr> {
    posts()
        .filter(post::Column::ListId.eq(list))
        .filter(post::Column::Hash.eq(hash))
        .order_by_asc(post::Column::Copy)
        .into_model()
        .all(conn)
        .await
}

/// Where a Message-ID stands, in any list: the list and the Message-ID.
pub async fn anywhere(conn: &impl ConnectionTrait, hash: &str) -> Result<Vec<(List, String)>, DbErr> {
    let found: Vec<(ListId, String)> = post::Entity::find()
        .select_only()
        .columns([post::Column::ListId, post::Column::MessageId])
        .filter(post::Column::Hash.eq(hash))
        .filter(post::Column::Copy.eq(0))
        .order_by_asc(post::Column::Id)
        .tuples()
        .all(conn)
        .await?;
    let lists = list::Entity::find().filter(list::Column::Id.is_in(found.iter().map(|(id, _)| *id))).all(conn).await?;
    let of = |(id, message_id): (ListId, String)| {
        lists.iter().find(|list| list.id == id).map(|list| (list.clone(), message_id))
    };
    Ok(found.into_iter().filter_map(of).collect())
}

/// The lines of a thread's tree, the first [`SHOWN`] by time.
pub async fn tree(conn: &impl ConnectionTrait, thread: ThreadId) -> Result<Vec<Line>, DbErr> {
    lines()
        .filter(post::Column::ThreadId.eq(thread))
        .order_by_asc(post::Column::At)
        .order_by_asc(post::Column::Id)
        .limit(SHOWN)
        .into_model()
        .all(conn)
        .await
}

/// The posts of a thread with their texts, the first [`SHOWN`] by time.
pub async fn of_thread(conn: &impl ConnectionTrait, thread: ThreadId) -> Result<Vec<Post>, DbErr> {
    posts()
        .filter(post::Column::ThreadId.eq(thread))
        .order_by_asc(post::Column::At)
        .order_by_asc(post::Column::Id)
        .limit(SHOWN)
        .into_model()
        .all(conn)
        .await
}

/// The newest posts of a list or of one of its threads, for a feed.
pub async fn newest(
    conn: &impl ConnectionTrait,
    list: ListId,
    thread: Option<ThreadId>,
    count: u64,
) -> Result<Vec<Post>, DbErr> {
    let found = match thread {
        Some(thread) => posts().filter(post::Column::ThreadId.eq(thread)),
        None => posts().filter(post::Column::ListId.eq(list)),
    };
    found.order_by_desc(post::Column::At).order_by_desc(post::Column::Id).limit(count).into_model().all(conn).await
}

/// Lists in one statement of [`newest_of`].
const TOGETHER: usize = 100;

/// The newest posts of any of these lists, for a feed. Each list gives its newest from its own index, so that it costs the
/// same however much else came meanwhile.
pub async fn newest_of(conn: &impl ConnectionTrait, lists: &[ListId], count: usize) -> Result<Vec<Post>, DbErr> {
    let mut newest: Vec<(DateTime<Utc>, PostId)> = vec![];
    for lists in lists.chunks(TOGETHER) {
        let of_list = |at: usize| {
            format!(
                "SELECT * FROM (SELECT id, at FROM list_post WHERE list_id = ${at} ORDER BY at DESC, id DESC LIMIT {count}) AS list_{at}"
            )
        };
        let sql = (1..=lists.len()).map(of_list).collect::<Vec<_>>().join(" UNION ALL ");
        let values = lists.iter().map(|list| (*list).into());
        let found =
            conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
        for row in found {
            newest.push((row.try_get("", "at")?, row.try_get("", "id")?));
        }
    }
    newest.sort_unstable_by(|a, b| b.cmp(a));
    let ids = newest.into_iter().take(count).map(|(_, id)| id);
    let found = posts().filter(post::Column::Id.is_in(ids));
    found.order_by_desc(post::Column::At).order_by_desc(post::Column::Id).into_model().all(conn).await
}

/// One thread.
pub async fn thread(conn: &impl ConnectionTrait, id: ThreadId) -> Result<Option<thread::Model>, DbErr> {
    thread::Entity::find_by_id(id).one(conn).await
}

/// The attachments of posts, by post.
pub async fn files(
    conn: &impl ConnectionTrait,
    posts: impl IntoIterator<Item = PostId>,
) -> Result<HashMap<PostId, Vec<attachment::Model>>, DbErr> {
    let ids: Vec<PostId> = posts.into_iter().collect();
    let mut files: HashMap<PostId, Vec<attachment::Model>> = HashMap::new();
    if ids.is_empty() {
        return Ok(files);
    }
    let rows = attachment::Entity::find()
        .filter(attachment::Column::PostId.is_in(ids))
        .order_by_asc(attachment::Column::PostId)
        .order_by_asc(attachment::Column::Position)
        .all(conn)
        .await?;
    for row in rows {
        files.entry(row.post_id).or_default().push(row);
    }
    Ok(files)
}

/// Which posts an mbox holds.
#[derive(Clone, Debug)]
pub enum Slice {
    List(ListId),
    Month(ListId, String),
    Thread(ThreadId),
}

/// The next `count` posts of a slice after the post `after`, in the order in which they were kept.
pub async fn slice(
    conn: &impl ConnectionTrait,
    slice: &Slice,
    after: PostId,
    count: u64,
) -> Result<Vec<(PostId, BlobId, DateTime<Utc>)>, DbErr> {
    let found = post::Entity::find()
        .select_only()
        .columns([post::Column::Id, post::Column::Blob, post::Column::At])
        .filter(post::Column::Id.gt(after));
    let found = match slice {
        Slice::List(list) => found.filter(post::Column::ListId.eq(*list)),
        Slice::Month(list, month) => found.filter(post::Column::ListId.eq(*list)).filter(post::Column::Month.eq(month)),
        Slice::Thread(thread) => found.filter(post::Column::ThreadId.eq(*thread)),
    };
    found.order_by(post::Column::Id, Order::Asc).limit(count).tuples().all(conn).await
}

/// The page `paging` of the members of a list by address; hidden ones only for moderators.
pub async fn members(
    conn: &impl ConnectionTrait,
    list: ListId,
    with_hidden: bool,
    text: &str,
    paging: Paging,
) -> Result<Page<Member>, DbErr> {
    let mut found = member::Entity::find().filter(member::Column::ListId.eq(list));
    if !with_hidden {
        found = found.filter(member::Column::IsHidden.eq(false));
    }
    let text = text.trim().to_lowercase();
    if !text.is_empty() {
        let plain = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let like = LikeExpr::new(format!("%{plain}%")).escape('!');
        let name = Expr::expr(Func::lower(Expr::col(member::Column::Name))).like(like.clone());
        found = found.filter(Condition::any().add(member::Column::AddressKey.like(like)).add(name));
    }
    let total = store::count(conn, &found).await?;
    let items =
        found.order_by_asc(member::Column::AddressKey).offset(paging.offset()).limit(paging.size).all(conn).await?;
    Ok(Page::new(items, paging, total))
}

/// The addresses of all members, lower case, in order.
pub async fn addresses(conn: &impl ConnectionTrait, list: ListId) -> Result<Vec<String>, DbErr> {
    member::Entity::find()
        .select_only()
        .column(member::Column::AddressKey)
        .filter(member::Column::ListId.eq(list))
        .order_by_asc(member::Column::AddressKey)
        .tuples()
        .all(conn)
        .await
}

/// How many members each list has.
pub async fn member_counts(conn: &impl ConnectionTrait) -> Result<HashMap<ListId, i64>, DbErr> {
    let rows: Vec<(ListId, i64)> = member::Entity::find()
        .select_only()
        .column(member::Column::ListId)
        .column_as(member::Column::Id.count(), "members")
        .join(
            JoinType::InnerJoin,
            member::Entity::belongs_to(list::Entity).from(member::Column::ListId).to(list::Column::Id).into(),
        )
        .group_by(member::Column::ListId)
        .tuples()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
