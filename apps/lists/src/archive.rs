//! The door of the archive: keeps posts, finds the thread of each, and indexes them.
//!
//! Any number of posts is kept with the same handful of statements, so that an import is as quick as the disk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use people::{ParticipantId, participant};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use store::{BlobId, Tuples, Tx, blobs};

use crate::entity::{attachment, known_id, post, thread as thread_row};
use crate::list::List;
use crate::reading::{self, Reading};
use crate::thread::Groups;
use crate::{ListId, PostId, Refusal, ThreadId, url};

/// Rows that one statement brings in; a row of posts has twenty parameters.
const ROWS: usize = 400;
/// Whose mail names no author.
const NOBODY: &str = "unknown@generated.invalid";

/// A mail on its way into the archive.
pub struct Arrival<'a> {
    pub raw: &'a [u8],
    pub reading: Reading,
    /// `mail`, `web` or `import`.
    pub source: &'static str,
    pub judgement: String,
}

/// A post in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: PostId,
    pub message_id: String,
    pub copy: i64,
    /// False when the very same bytes were there already.
    pub is_new: bool,
    /// The thread that a new post became part of; 0 when it was there already.
    pub thread: ThreadId,
}

/// Participants whose ids are known, by address: an import asks for each author once.
pub type People = HashMap<String, ParticipantId>;

/// Keeps posts; the answers come in the same order. The same bytes are kept once; other bytes of a known Message-ID are
/// kept beside the first, each with a permalink.
pub async fn keep(tx: &Tx, list: &List, arrivals: Vec<Arrival<'_>>, people: &mut People) -> Result<Vec<Kept>, Refusal> {
    // Where several hubs write, one archive is written by one of them at a time. Members may come and go meanwhile.
    crate::entity::list::Entity::find_by_id(list.id).lock(LockType::NoKeyUpdate).one(tx).await?;
    let known = known_posts(tx, list.id, arrivals.iter().map(|arrival| arrival.reading.hash.clone()).collect()).await?;
    let (mut kept, fresh) = sort_out(arrivals, known);
    if fresh.is_empty() {
        return Ok(kept.into_iter().map(|(_, kept)| kept).collect());
    }
    blobs::put_many(tx, &fresh.iter().map(|fresh| fresh.arrival.raw).collect::<Vec<_>>()).await?;
    for fresh in &fresh {
        let reading = &fresh.arrival.reading;
        if !people.contains_key(&reading.address) {
            let address = if reading.address.is_empty() { NOBODY } else { &reading.address };
            let id = participant::by_address(tx, &reading.author, address).await?;
            people.insert(reading.address.clone(), id);
        }
    }
    let threads = threads_of(tx, list, &fresh, people).await?;
    insert_posts(tx, list, &fresh, &threads, people).await?;
    let ids = known_posts(tx, list.id, fresh.iter().map(|fresh| fresh.arrival.reading.hash.clone()).collect()).await?;
    let ids: HashMap<(&str, i64), PostId> =
        ids.iter().flat_map(|(hash, rows)| rows.iter().map(|row| ((hash.as_str(), row.copy), row.id))).collect();
    for (place, kept) in &mut kept {
        if let Some((fresh, thread)) = place.map(|place| (&fresh[place], threads[place])) {
            kept.thread = thread;
            kept.id = ids.get(&(fresh.arrival.reading.hash.as_str(), fresh.copy)).copied().unwrap_or(kept.id);
        }
    }
    insert_files(tx, &fresh, &ids).await?;
    index(tx, list, &fresh, &ids, people).await?;
    let last = fresh.iter().map(|fresh| fresh.arrival.reading.at).max().unwrap_or(tx.now());
    crate::list::count(tx, list, fresh.len() as i64, last).await?;
    Ok(kept.into_iter().map(|(_, kept)| kept).collect())
}

/// A post that is not in the archive yet.
struct Fresh<'a> {
    arrival: Arrival<'a>,
    blob: BlobId,
    copy: i64,
}

/// What is known of a post that is there.
pub(crate) struct Known {
    pub id: PostId,
    pub copy: i64,
    pub blob: BlobId,
}

/// The posts of these hashes, by hash.
async fn known_posts(tx: &Tx, list: ListId, hashes: BTreeSet<String>) -> Result<HashMap<String, Vec<Known>>, DbErr> {
    let rows: Vec<(PostId, String, i64, BlobId)> = post::Entity::find()
        .select_only()
        .columns([post::Column::Id, post::Column::Hash, post::Column::Copy, post::Column::Blob])
        .filter(post::Column::ListId.eq(list))
        .filter(post::Column::Hash.is_in(hashes))
        .tuples()
        .all(tx)
        .await?;
    let mut known: HashMap<String, Vec<Known>> = HashMap::new();
    for (id, hash, copy, blob) in rows {
        known.entry(hash).or_default().push(Known { id, copy, blob });
    }
    Ok(known)
}

type Places = Vec<(Option<usize>, Kept)>;

/// Tells apart what is new; each answer of something new names its place among the new.
fn sort_out<'a>(arrivals: Vec<Arrival<'a>>, mut known: HashMap<String, Vec<Known>>) -> (Places, Vec<Fresh<'a>>) {
    let mut kept = Vec::with_capacity(arrivals.len());
    let mut fresh: Vec<Fresh<'a>> = Vec::new();
    let mut places: HashMap<(String, i64), usize> = HashMap::new();
    for arrival in arrivals {
        let blob = BlobId::of(arrival.raw);
        let hash = arrival.reading.hash.clone();
        let message_id = arrival.reading.message_id.clone();
        let rows = known.entry(hash.clone()).or_default();
        if let Some(same) = rows.iter().find(|row| row.blob == blob) {
            let place = places.get(&(hash, same.copy)).copied();
            kept.push((place, Kept { id: same.id, message_id, copy: same.copy, is_new: false, thread: ThreadId(0) }));
            continue;
        }
        let copy = rows.iter().map(|row| row.copy + 1).max().unwrap_or(0);
        rows.push(Known { id: PostId(0), copy, blob: blob.clone() });
        places.insert((hash, copy), fresh.len());
        kept.push((Some(fresh.len()), Kept { id: PostId(0), message_id, copy, is_new: true, thread: ThreadId(0) }));
        fresh.push(Fresh { arrival, blob, copy });
    }
    (kept, fresh)
}

/// The key under which a thread begins: unique in the list for ever.
fn beginning(fresh: &Fresh<'_>) -> String {
    format!("{}/{}", fresh.arrival.reading.hash, fresh.copy)
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Member {
    Name(String),
    Thread(ThreadId),
}

/// The thread of each new post: posts that name the same Message-IDs belong together, and threads that turn out to
/// belong together become one.
async fn threads_of(tx: &Tx, list: &List, fresh: &[Fresh<'_>], people: &People) -> Result<Vec<ThreadId>, Refusal> {
    let mut names: HashSet<String> = HashSet::new();
    let mut groups: Groups<Member> = Groups::default();
    for fresh in fresh {
        let own = &fresh.arrival.reading.hash;
        names.insert(own.clone());
        groups.of(Member::Name(own.clone()));
        for reference in &fresh.arrival.reading.refs {
            let hash = reading::hash(reference);
            groups.join(Member::Name(own.clone()), Member::Name(hash.clone()));
            names.insert(hash);
        }
    }
    let mut old: BTreeSet<ThreadId> = BTreeSet::new();
    let names: Vec<String> = names.into_iter().collect();
    for names in names.chunks(ROWS * 10) {
        let rows: Vec<(String, ThreadId)> = known_id::Entity::find()
            .select_only()
            .columns([known_id::Column::Hash, known_id::Column::ThreadId])
            .filter(known_id::Column::ListId.eq(list.id))
            .filter(known_id::Column::Hash.is_in(names))
            .tuples()
            .all(tx)
            .await?;
        for (hash, thread) in rows {
            groups.join(Member::Name(hash), Member::Thread(thread));
            old.insert(thread);
        }
    }
    let rows = if old.is_empty() {
        vec![]
    } else {
        thread_row::Entity::find().filter(thread_row::Column::Id.is_in(old)).all(tx).await?
    };
    let mut sets: BTreeMap<usize, Together> = BTreeMap::new();
    for row in rows {
        sets.entry(groups.of(Member::Thread(row.id))).or_default().old.push(row);
    }
    for (place, one) in fresh.iter().enumerate() {
        sets.entry(groups.of(Member::Name(one.arrival.reading.hash.clone()))).or_default().new.push(place);
    }
    let mut begun = Vec::new();
    let mut threads = vec![ThreadId(0); fresh.len()];
    for set in sets.values().filter(|set| !set.new.is_empty()) {
        let row = set.row(list, fresh, people);
        match set.old.iter().map(|row| row.id).min() {
            Some(id) => {
                unite(tx, id, &set.old).await?;
                let row = thread_row::ActiveModel { id: Set(id), ..row };
                thread_row::Entity::update(row).exec(tx).await?;
                set.new.iter().for_each(|place| threads[*place] = id);
            }
            None => begun.push((set, row)),
        }
    }
    begin(tx, list, fresh, begun, &mut threads).await?;
    remember_names(tx, list.id, fresh, &threads).await?;
    Ok(threads)
}

/// Threads and new posts that belong together.
#[derive(Default)]
struct Together {
    old: Vec<thread_row::Model>,
    /// Places among the new posts.
    new: Vec<usize>,
}

impl Together {
    /// The row of the thread that all of them are.
    fn row(&self, list: &List, fresh: &[Fresh<'_>], people: &People) -> thread_row::ActiveModel {
        struct End<'a> {
            is_reply: bool,
            at: DateTime<Utc>,
            message_id: &'a str,
            subject: String,
            participant: ParticipantId,
        }
        let new = self.new.iter().map(|place| {
            let reading = &fresh[*place].arrival.reading;
            End {
                is_reply: !reading.refs.is_empty(),
                at: reading.at,
                message_id: &reading.message_id,
                subject: reading::bare_subject(&reading.subject).to_owned(),
                participant: people.get(&reading.address).copied().unwrap_or(ParticipantId(0)),
            }
        });
        let old = self.old.iter().map(|row| End {
            is_reply: row.root_is_reply,
            at: row.started_at,
            message_id: &row.root_message_id,
            subject: row.subject.clone(),
            participant: row.participant_id,
        });
        let ends: Vec<End<'_>> = new.chain(old).collect();
        let first = ends.iter().min_by_key(|end| (end.is_reply, end.at, end.message_id));
        let newest = self.new.iter().map(|place| &fresh[*place].arrival.reading).max_by_key(|reading| reading.at);
        let newest =
            newest.map(|reading| (reading.at, people.get(&reading.address).copied().unwrap_or(ParticipantId(0))));
        let last = self.old.iter().map(|row| (row.last_at, row.last_participant_id)).chain(newest).max();
        let count = self.old.iter().map(|row| row.post_count).sum::<i64>() + self.new.len() as i64;
        let mut row = thread_row::ActiveModel { list_id: Set(list.id), post_count: Set(count), ..Default::default() };
        if let Some(first) = first {
            row.root_message_id = Set(first.message_id.to_owned());
            row.root_is_reply = Set(first.is_reply);
            row.subject = Set(first.subject.clone());
            row.participant_id = Set(first.participant);
            row.started_at = Set(first.at);
        }
        if let Some((at, participant)) = last {
            row.last_at = Set(at);
            row.last_participant_id = Set(participant);
        }
        row
    }
}

/// Lets every thread but `id` become part of `id`.
async fn unite(tx: &Tx, id: ThreadId, old: &[thread_row::Model]) -> Result<(), DbErr> {
    let others: Vec<ThreadId> = old.iter().map(|row| row.id).filter(|other| *other != id).collect();
    if others.is_empty() {
        return Ok(());
    }
    post::Entity::update_many()
        .col_expr(post::Column::ThreadId, Expr::value(id))
        .filter(post::Column::ThreadId.is_in(others.clone()))
        .exec(tx)
        .await?;
    known_id::Entity::update_many()
        .col_expr(known_id::Column::ThreadId, Expr::value(id))
        .filter(known_id::Column::ThreadId.is_in(others.clone()))
        .exec(tx)
        .await?;
    thread_row::Entity::delete_many().filter(thread_row::Column::Id.is_in(others)).exec(tx).await?;
    Ok(())
}

async fn begin(
    tx: &Tx,
    list: &List,
    fresh: &[Fresh<'_>],
    begun: Vec<(&Together, thread_row::ActiveModel)>,
    threads: &mut [ThreadId],
) -> Result<(), DbErr> {
    if begun.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = begun.iter().map(|(set, _)| beginning(&fresh[set.new[0]])).collect();
    let rows: Vec<_> = begun
        .iter()
        .zip(&keys)
        .map(|((_, row), key)| thread_row::ActiveModel { begun_by: Set(key.clone()), ..row.clone() })
        .collect();
    for rows in rows.chunks(ROWS) {
        thread_row::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    let ids: HashMap<String, ThreadId> = thread_row::Entity::find()
        .select_only()
        .columns([thread_row::Column::BegunBy, thread_row::Column::Id])
        .filter(thread_row::Column::ListId.eq(list.id))
        .filter(thread_row::Column::BegunBy.is_in(&keys))
        .tuples::<(String, ThreadId)>()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    for ((set, _), key) in begun.iter().zip(&keys) {
        let id = ids.get(key).copied().ok_or_else(|| DbErr::RecordNotFound(format!("the thread {key}")))?;
        set.new.iter().for_each(|place| threads[*place] = id);
    }
    Ok(())
}

/// Every Message-ID that a post has or names leads to its thread from now on.
async fn remember_names(tx: &Tx, list: ListId, fresh: &[Fresh<'_>], threads: &[ThreadId]) -> Result<(), DbErr> {
    let mut rows: BTreeMap<String, ThreadId> = BTreeMap::new();
    for (fresh, thread) in fresh.iter().zip(threads) {
        rows.insert(fresh.arrival.reading.hash.clone(), *thread);
        for reference in &fresh.arrival.reading.refs {
            rows.insert(reading::hash(reference), *thread);
        }
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(hash, thread)| known_id::ActiveModel { list_id: Set(list), hash: Set(hash), thread_id: Set(thread) })
        .collect();
    for rows in rows.chunks(ROWS * 10) {
        let insert = known_id::Entity::insert_many(rows.to_vec())
            .on_conflict(
                OnConflict::columns([known_id::Column::ListId, known_id::Column::Hash]).do_nothing().to_owned(),
            )
            .exec_without_returning(tx)
            .await;
        match insert {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn insert_posts(
    tx: &Tx,
    list: &List,
    fresh: &[Fresh<'_>],
    threads: &[ThreadId],
    people: &People,
) -> Result<(), DbErr> {
    let row = |(fresh, thread): (&Fresh<'_>, &ThreadId)| {
        let Arrival { raw, reading, source, judgement } = &fresh.arrival;
        post::ActiveModel {
            list_id: Set(list.id),
            thread_id: Set(*thread),
            message_id: Set(reading.message_id.clone()),
            hash: Set(reading.hash.clone()),
            copy: Set(fresh.copy),
            refs: Set(reading.refs.join(" ")),
            participant_id: Set(people.get(&reading.address).copied().unwrap_or(ParticipantId(0))),
            author: Set(reading.author.clone()),
            subject: Set(reading.subject.clone()),
            body: Set(reading.body.clone()),
            has_html: Set(reading.has_html),
            at: Set(reading.at),
            month: Set(reading::month(reading.at)),
            received_at: Set(tx.now()),
            source: Set((*source).to_owned()),
            blob: Set(fresh.blob.clone()),
            size: Set(raw.len() as i64),
            files: Set(reading.files.len() as i64),
            judgement: Set(judgement.clone()),
            ..Default::default()
        }
    };
    let rows: Vec<_> = fresh.iter().zip(threads).map(row).collect();
    for rows in rows.chunks(ROWS) {
        post::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn insert_files(tx: &Tx, fresh: &[Fresh<'_>], ids: &HashMap<(&str, i64), PostId>) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for fresh in fresh {
        let Some(id) = ids.get(&(fresh.arrival.reading.hash.as_str(), fresh.copy)) else { continue };
        for (position, (name, content_type, size)) in fresh.arrival.reading.files.iter().enumerate() {
            rows.push(attachment::ActiveModel {
                post_id: Set(*id),
                position: Set(position as i64),
                name: Set(name.clone()),
                content_type: Set(content_type.clone()),
                size: Set(*size as i64),
            });
        }
    }
    for rows in rows.chunks(ROWS * 5) {
        attachment::Entity::insert_many(rows.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// How the keys of a list's posts in the search index begin.
pub(crate) fn search_prefix(list: &str) -> String {
    format!("lists/post/{list}/")
}

/// The key of a post in the search index.
pub(crate) fn search_key(list: &List, post: PostId) -> String {
    format!("{}{post}", search_prefix(&list.name))
}

async fn index(
    tx: &Tx,
    list: &List,
    fresh: &[Fresh<'_>],
    ids: &HashMap<(&str, i64), PostId>,
    people: &People,
) -> Result<(), Refusal> {
    let document = |fresh: &Fresh<'_>| {
        let reading = &fresh.arrival.reading;
        let id = ids.get(&(reading.hash.as_str(), fresh.copy))?;
        Some(search::Document {
            key: search_key(list, *id),
            module: "lists",
            kind: "post",
            url: url::message(&list.name, &reading.message_id, fresh.copy),
            title: reading.subject.clone(),
            body: reading.body.clone(),
            participant: people.get(&reading.address).copied(),
            at: reading.at,
            audience: list.audience.clone(),
        })
    };
    search::put_many(tx, fresh.iter().filter_map(document).collect()).await?;
    Ok(())
}

/// Whether the archive has a mail of this Message-ID: the author, subject and text of each.
pub async fn of_hash(
    conn: &impl ConnectionTrait,
    list: ListId,
    hash: &str,
) -> Result<Vec<(PostId, String, String, String)>, DbErr> {
    post::Entity::find()
        .select_only()
        .columns([post::Column::Id, post::Column::Author, post::Column::Subject, post::Column::Body])
        .filter(post::Column::ListId.eq(list))
        .filter(post::Column::Hash.eq(hash))
        .tuples()
        .all(conn)
        .await
}
