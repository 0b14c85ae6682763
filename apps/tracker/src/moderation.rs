//! The door of held mail: what people without an account sent, until a moderator lets it in or throws it away.

use mail::Message;
use mail::fate::{Fate, Line};
use people::{Actor, Role, may};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use store::{BlobId, Tx, blobs};

use crate::catalog::Catalog;
use crate::entity::held;
use crate::inbound::{self, Letter};
use crate::{Refusal, Tracker, body};

pub use crate::entity::held::Model as Held;

/// The most mails that wait in a tracker; beyond it the oldest go (their bytes stay in the spool).
const MOST: u64 = 5_000;

/// Whether somebody decides about held mail.
pub fn may_moderate(catalog: &Catalog, actor: &Actor) -> bool {
    may(actor, Role::Moderator, &catalog.scope())
}

/// Keeps a mail for the moderators.
pub async fn hold(tx: &Tx, letter: &Letter<'_>) -> Result<(), Refusal> {
    let of_tracker = held::Entity::find().filter(held::Column::TrackerId.eq(letter.catalog.tracker.id));
    if of_tracker.clone().count(tx).await? >= MOST
        && let Some(oldest) = of_tracker.order_by_asc(held::Column::Id).one(tx).await?
    {
        held::Entity::delete_by_id(oldest.id).exec(tx).await?;
        let reply = format!("It was the oldest of the {MOST} mails that may be held, and made room for a newer one.");
        line(oldest, Fate::DroppedIn, reply).after(tx);
    }
    let text = body::content(letter.message.text(), body::Quotes::Trim);
    let row = held::ActiveModel {
        tracker_id: Set(letter.catalog.tracker.id),
        raw: Set(letter.raw.clone()),
        rcpt: Set(letter.rcpt.clone()),
        from_name: Set(letter.message.from.name.clone()),
        from_address: Set(letter.sender.clone()),
        subject: Set(letter.message.subject.chars().take(500).collect()),
        excerpt: Set(text.chars().take(1000).collect()),
        message_id: Set(letter.message.message_id.clone()),
        at: Set(tx.now()),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// Lets a held mail in, as if it had just come; its sender's later mails come in at once.
pub async fn accept(tx: &Tx, actor: &Actor, tracker: &Tracker, catalog: &Catalog, id: i64) -> Result<(), Refusal> {
    let row = own(tx, actor, catalog, id).await?;
    let bytes = blobs::get(tx.store(), tx, &BlobId(row.raw.clone())).await?;
    let message = Message::parse(&bytes);
    let detail = row.rcpt.split('@').next().and_then(|local| local.split_once('+')).map(|(_, detail)| detail);
    let letter = Letter {
        tracker,
        catalog,
        message: &message,
        raw: row.raw.clone(),
        rcpt: row.rcpt.clone(),
        wanted: detail.and_then(|number| number.parse().ok()),
        sender: row.from_address.clone(),
        is_automatic: message.is_automatic(),
        is_passed: true,
    };
    held::Entity::delete_by_id(row.id).exec(tx).await?;
    let (fate, reply) = match inbound::take(tx, &letter).await? {
        mail::Fate::Accepted => (Fate::Accepted, "A moderator of the tracker let it in.".into()),
        mail::Fate::Held(why) => (Fate::Held, why),
        mail::Fate::Dropped(why) => (Fate::DroppedIn, why),
        mail::Fate::Refused(why) | mail::Fate::Later(why) => (Fate::Refused, why),
    };
    line(row, fate, reply).after(tx);
    Ok(())
}

/// Throws a held mail away; its bytes stay in the spool.
pub async fn reject(tx: &Tx, actor: &Actor, catalog: &Catalog, id: i64) -> Result<(), Refusal> {
    let row = own(tx, actor, catalog, id).await?;
    held::Entity::delete_by_id(row.id).exec(tx).await?;
    line(row, Fate::DroppedIn, "A moderator of the tracker threw it away.".into()).after(tx);
    Ok(())
}

/// What became of a mail that was held.
fn line(row: Held, fate: Fate, reply: String) -> Line {
    Line { message_id: row.message_id, from: row.from_address, to: vec![row.rcpt], reply, ..Line::new(fate) }
}

async fn own(tx: &Tx, actor: &Actor, catalog: &Catalog, id: i64) -> Result<Held, Refusal> {
    if !may_moderate(catalog, actor) {
        return Err(Refusal::NotAllowed { who: actor.name().to_owned(), what: "decide about held mail here".into() });
    }
    let row = held::Entity::find_by_id(id).filter(held::Column::TrackerId.eq(catalog.tracker.id)).one(tx).await?;
    row.ok_or_else(|| Refusal::Other("That mail is not held any more: somebody decided about it.".into()))
}

/// What is held in a tracker, oldest first.
pub async fn all(conn: &impl ConnectionTrait, catalog: &Catalog) -> Result<Vec<Held>, DbErr> {
    held::Entity::find()
        .filter(held::Column::TrackerId.eq(catalog.tracker.id))
        .order_by_asc(held::Column::At)
        .order_by_asc(held::Column::Id)
        .limit(200)
        .all(conn)
        .await
}

/// How many mails are held in a tracker.
pub async fn count(conn: &impl ConnectionTrait, catalog: &Catalog) -> Result<u64, DbErr> {
    store::count(conn, &held::Entity::find().filter(held::Column::TrackerId.eq(catalog.tracker.id))).await
}
