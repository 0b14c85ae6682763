//! The door of posts that wait for a moderator.

use chrono::{DateTime, Utc};
use journal::Event;
use kernel::{Hub, context};
use mail::Message;
use mail::fate::{Fate, Line};
use people::{Actor, participant};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use store::{Tuples, Tx, blobs};

use crate::archive::Kept;
use crate::commands::Decision;
use crate::entity::held;
use crate::list::{self, List};
use crate::member::draw_secret;
use crate::notice::{Notice, deciders};
use crate::policy::Verdict;
use crate::post::{self, Submission};
use crate::reading::{self, Reading};
use crate::{HeldId, ListId, Refusal, answer, url};

pub use crate::entity::held::Model as Held;

/// Characters of a held post that its notice shows.
const EXCERPT: usize = 1_000;

/// Keeps a post until a moderator decides, and tells the moderators and its author.
pub async fn hold(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    list: &List,
    mail: Submission<'_>,
    reading: Reading,
    verdict: Verdict,
) -> Result<HeldId, Refusal> {
    let secret = draw_secret();
    blobs::put(tx, mail.raw).await?;
    let author = participant::by_address(tx, &reading.author, author_address(&reading)).await?;
    let row = held::ActiveModel {
        list_id: Set(list.id),
        participant_id: Set(author),
        author: Set(reading.author.clone()),
        address: Set(reading.address.clone()),
        message_id: Set(reading.message_id.clone()),
        subject: Set(reading.subject.clone()),
        excerpt: Set(reading.body.chars().take(EXCERPT).collect()),
        blob: Set(mail.blob.clone()),
        size: Set(mail.raw.len() as i64),
        envelope_from: Set(mail.envelope_from.unwrap_or_default().to_owned()),
        source: Set(mail.source().into()),
        rule: Set(verdict.rule.into()),
        reason: Set(verdict.reason.clone()),
        judgement: Set(post::judgement(&verdict)),
        hash: Set(people::token::hash(&secret)),
        received_at: Set(tx.now()),
        ..Default::default()
    };
    let row = row.insert(tx).await?;
    let page = url::of_list(&list.name, "queue");
    let event = Event::PostHeld {
        list: list.name.clone(),
        held: row.id.0,
        subject: row.subject.clone(),
        reason: row.reason.clone(),
        url: page.clone(),
    };
    journal::append(tx, actor, event)?;
    let link = hub.url(&page);
    let told = context! { held: &row, link };
    let notice = Notice { to: deciders(tx, list).await?, ..Notice::to("", "held", told.clone()) };
    notice.replying_to(format!("-confirm+{secret}")).send(tx, hub, list).await?;
    if let Some(sender) = mail.envelope_from.filter(|_| !mail.message.is_automatic()) {
        tell_author(tx, hub, list, &row, sender).await?;
    }
    Ok(row.id)
}

fn author_address(reading: &Reading) -> &str {
    if reading.address.is_empty() { "unknown@generated.invalid" } else { &reading.address }
}

async fn tell_author(tx: &Tx, hub: &Hub, list: &List, row: &Held, sender: &str) -> Result<(), Refusal> {
    if !participant::is_address(sender)
        || crate::inbound::is_ours(hub, sender)
        || !answer::may_once(tx, "held", sender).await?
    {
        return Ok(());
    }
    let notice = Notice::to(sender, "held-author", context! { held: row });
    notice.answering(&row.message_id).send(tx, hub, list).await
}

/// Does what a moderator decided.
pub async fn decide(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    list: &List,
    id: HeldId,
    decision: Decision,
) -> Result<Option<Kept>, Refusal> {
    list::check_moderator(actor, list)?;
    decide_as(tx, hub, actor, list, id, decision).await
}

/// Does what somebody decided who holds the secret that was mailed to the moderators.
pub(crate) async fn decide_as(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    list: &List,
    id: HeldId,
    decision: Decision,
) -> Result<Option<Kept>, Refusal> {
    let row =
        held::Entity::find_by_id(id).one(tx).await?.filter(|row| row.list_id == list.id).ok_or(Refusal::Decided)?;
    let gone = held::Entity::delete_by_id(id).exec(tx).await?;
    if gone.rows_affected == 0 {
        return Err(Refusal::Decided);
    }
    let (fate, reply) = match &decision {
        Decision::Accept => (Fate::Accepted, "A moderator let it in.".into()),
        Decision::Reject(reason) => (Fate::Refused, reason.clone()),
        Decision::Discard => (Fate::DroppedIn, "A moderator threw it away.".into()),
    };
    let (message_id, from, to) = (
        row.message_id.clone(),
        row.envelope_from.clone(),
        vec![format!("{}@{}", list.name, hub.settings.mail_domain)],
    );
    Line { message_id, from, to, reply, about: format!("list/{}", list.name), ..Line::new(fate) }.after(tx);
    match decision {
        Decision::Accept => release(tx, hub, actor, list, &row).await.map(Some),
        Decision::Discard => Ok(None),
        Decision::Reject(reason) => {
            let to = if row.envelope_from.is_empty() { &row.address } else { &row.envelope_from };
            if participant::is_address(to) {
                let notice = Notice::to(to, "rejected", context! { held: &row, reason });
                notice.answering(&row.message_id).send(tx, hub, list).await?;
            }
            Ok(None)
        }
    }
}

/// Posts what was held, in the name of its author.
async fn release(tx: &Tx, hub: &Hub, moderator: &Actor, list: &List, row: &Held) -> Result<Kept, Refusal> {
    let raw = blobs::get(tx.store(), tx, &row.blob).await?;
    let message = Message::parse(&raw);
    let reading = reading::read(&message, row.received_at, tx.now());
    let author = participant::actor_of(tx, &row.author, author_address(&reading)).await?;
    let steps = post::steps_of(&row.judgement, moderator);
    post::accept(tx, hub, &author, list, &raw, reading, post::source_from(&row.source), &steps).await
}

/// The post that a moderator's secret stands for.
pub async fn by_secret(conn: &impl ConnectionTrait, secret: &str) -> Result<Option<Held>, DbErr> {
    held::Entity::find().filter(held::Column::Hash.eq(people::token::hash(&secret.to_lowercase()))).one(conn).await
}

/// What waits on a list, the oldest first.
pub async fn waiting(conn: &impl ConnectionTrait, list: ListId) -> Result<Vec<Held>, DbErr> {
    use sea_orm::QuerySelect;
    held::Entity::find()
        .filter(held::Column::ListId.eq(list))
        .order_by_asc(held::Column::ReceivedAt)
        .order_by_asc(held::Column::Id)
        .limit(200)
        .all(conn)
        .await
}

/// How many posts wait on a list.
pub async fn count(conn: &impl ConnectionTrait, list: ListId) -> Result<u64, DbErr> {
    store::count(conn, &held::Entity::find().filter(held::Column::ListId.eq(list))).await
}

/// One post that waits.
pub async fn by_id(conn: &impl ConnectionTrait, list: ListId, id: HeldId) -> Result<Option<Held>, DbErr> {
    Ok(held::Entity::find_by_id(id).one(conn).await?.filter(|row| row.list_id == list))
}

/// How many posts wait on each list since before `before`.
pub async fn counts(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<Vec<(ListId, i64)>, DbErr> {
    use sea_orm::QuerySelect;
    held::Entity::find()
        .select_only()
        .column(held::Column::ListId)
        .column_as(held::Column::Id.count(), "posts")
        .filter(held::Column::ReceivedAt.lt(before))
        .group_by(held::Column::ListId)
        .tuples()
        .all(conn)
        .await
}
