//! The door of bounces: counts what could not be delivered, and stops delivery to a member who cannot be reached.

use chrono::Duration;
use kernel::{Hub, context};
use people::participant;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use store::Tx;

use crate::bounce::Failed;
use crate::entity::bounce;
use crate::list::List;
use crate::member::{self, Member};
use crate::notice::{Notice, deciders};
use crate::{ListId, Refusal, subscription, url};

pub use crate::entity::bounce::Model as Bounce;

/// How long the log of bounces is kept.
const KEPT: Duration = Duration::days(90);

/// Counts one failure. A member scores once a day at most; after quiet days the score begins anew.
pub async fn record(tx: &Tx, hub: &Hub, list: &List, address: &str, failed: &Failed) -> Result<(), Refusal> {
    let Some(known) = member::find(tx, list.id, address).await? else { return Ok(()) };
    let today = known.bounced_at.is_some_and(|at| at.date_naive() == tx.now().date_naive());
    let scored = failed.scores() && !today;
    let row = bounce::ActiveModel {
        list_id: Set(list.id),
        address_key: Set(participant::canonical(address)),
        at: Set(tx.now()),
        status: Set(failed.status.chars().take(20).collect()),
        reason: Set(failed.reason.chars().filter(|c| !c.is_control()).take(500).collect()),
        scored: Set(scored),
        ..Default::default()
    };
    row.insert(tx).await?;
    if scored { score(tx, hub, list, known, failed).await } else { Ok(()) }
}

async fn score(tx: &Tx, hub: &Hub, list: &List, known: Member, failed: &Failed) -> Result<(), Refusal> {
    let stale = Duration::days(list.bounce_stale_days);
    let is_stale = known.bounced_at.is_none_or(|at| tx.now() - at > stale);
    let score = if is_stale { 1 } else { known.bounce_score + 1 };
    let stops = list.bounce_threshold > 0 && score >= list.bounce_threshold && known.delivery == "on";
    let address = known.address.clone();
    let mut row = known.into_active_model();
    row.bounce_score = Set(score);
    row.bounced_at = Set(Some(tx.now()));
    if stops {
        row.delivery = Set("bounces".into());
    }
    row.update(tx).await?;
    if !stops {
        return Ok(());
    }
    let secret = subscription::second_chance(tx, list, &address).await?;
    let link = hub.url(&url::confirm(&secret));
    let reason = if failed.reason.is_empty() { &failed.status } else { &failed.reason };
    Notice::to(&address, "bounced", context! { address, reason, link }).send(tx, hub, list).await?;
    let members = hub.url(&url::of_list(&list.name, "members"));
    let told = context! { address, reason, link: members };
    Notice { to: deciders(tx, list).await?, ..Notice::to("", "bounced-owner", told) }.send(tx, hub, list).await
}

/// What bounced lately for an address, newest first.
pub async fn of_member(
    conn: &impl ConnectionTrait,
    list: ListId,
    address: &str,
    count: u64,
) -> Result<Vec<Bounce>, DbErr> {
    bounce::Entity::find()
        .filter(bounce::Column::ListId.eq(list))
        .filter(bounce::Column::AddressKey.eq(participant::canonical(address)))
        .order_by_desc(bounce::Column::At)
        .limit(count)
        .all(conn)
        .await
}

/// Forgets old bounces.
pub async fn forget(tx: &Tx) -> Result<(), DbErr> {
    bounce::Entity::delete_many().filter(bounce::Column::At.lt(tx.now() - KEPT)).exec(tx).await?;
    Ok(())
}
