//! The door of joining and leaving: what is asked by mail or on the web waits until its address confirms it.
//!
//! Asking says the same whether an address is a member or not, so that nobody learns who is (the answer goes to the
//! address itself).

use chrono::Duration;
use kernel::{Hub, context};
use people::{Actor, participant};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    Select,
};
use store::Tx;

use crate::entity::pending;
use crate::list::{self, List};
use crate::member::{self, draw_secret};
use crate::notice::{Notice, deciders};
use crate::{ListId, Refusal, url};

pub use crate::entity::pending::Model as Pending;

/// How long a secret that was mailed holds.
const LIFE: Duration = Duration::days(3);
/// How long somebody who wants to join waits for a moderator.
const PATIENCE: Duration = Duration::days(60);
/// How long delivery that bounces stopped can be turned on again by the link in its notice.
const SECOND_CHANCE: Duration = Duration::days(90);
/// For so long the same question is not mailed again, so that nobody is flooded by others' requests.
const PAUSE: Duration = Duration::hours(1);

/// What was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Joined,
    /// A moderator decides now.
    Waits,
    Left,
    /// Delivery is on again.
    Delivers,
}

/// Asks an address whether it wants to be a member. `answers` is the Message-ID of a mail that asked for it.
pub async fn ask_to_join(
    tx: &Tx,
    hub: &Hub,
    list: &List,
    name: &str,
    address: &str,
    answers: Option<&str>,
) -> Result<(), Refusal> {
    let address = checked(address)?;
    if member::banned(tx, list.id, &address).await?.is_some() || asked_lately(tx, list.id, "join", &address).await? {
        return Ok(());
    }
    if member::find(tx, list.id, &address).await?.is_some() {
        // One row stands for the mail, so that it is not sent again and again.
        remember(tx, list, "join", &address, name, LIFE).await?;
        return mail(tx, hub, list, Notice::to(&address, "already", context! {}), answers).await;
    }
    let secret = remember(tx, list, "join", &address, name, LIFE).await?;
    let link = hub.url(&url::confirm(&secret));
    let notice = Notice::to(&address, "confirm-join", context! { address, link, secret });
    mail(tx, hub, list, notice.replying_to(format!("-confirm+{secret}")), answers).await
}

/// Asks an address whether it wants to be no member any more. Nobody hears anything when it is none.
pub async fn ask_to_leave(
    tx: &Tx,
    hub: &Hub,
    list: &List,
    address: &str,
    answers: Option<&str>,
) -> Result<(), Refusal> {
    let address = checked(address)?;
    if member::find(tx, list.id, &address).await?.is_none() || asked_lately(tx, list.id, "leave", &address).await? {
        return Ok(());
    }
    let secret = remember(tx, list, "leave", &address, "", LIFE).await?;
    let link = hub.url(&url::confirm(&secret));
    let notice = Notice::to(&address, "confirm-leave", context! { address, link, secret });
    mail(tx, hub, list, notice.replying_to(format!("-confirm+{secret}")), answers).await
}

/// Makes an address a member that is known to belong to whoever asks; where the list wants it, a moderator decides.
pub async fn join(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    list: &List,
    name: &str,
    address: &str,
) -> Result<Confirmed, Refusal> {
    let address = checked(address)?;
    if member::banned(tx, list.id, &address).await?.is_some() {
        return Err(Refusal::Banned(address));
    }
    if list.needs_approval && !list::may_moderate(actor, list) && member::find(tx, list.id, &address).await?.is_none() {
        wait_for_moderator(tx, hub, list, name, &address).await?;
        return Ok(Confirmed::Waits);
    }
    if member::add(tx, actor, list, name, &address).await? {
        welcome(tx, hub, list, &address).await?;
    }
    Ok(Confirmed::Joined)
}

/// Uses a secret up.
pub async fn confirm(tx: &Tx, hub: &Hub, list: &List, pending: Pending) -> Result<Confirmed, Refusal> {
    pending::Entity::delete_by_id(pending.id).exec(tx).await?;
    let actor = participant::actor_of(tx, &pending.name, &pending.address).await?;
    match pending.kind.as_str() {
        "leave" => {
            if member::remove(tx, &actor, list, &pending.address, "asked to leave").await? {
                mail(tx, hub, list, Notice::to(&pending.address, "goodbye", context! {}), None).await?;
            }
            Ok(Confirmed::Left)
        }
        "deliver" => {
            if let Some(known) = member::find(tx, list.id, &pending.address).await? {
                let options = member::Options {
                    delivers: true,
                    own_posts: known.own_posts,
                    no_duplicates: known.no_duplicates,
                    is_hidden: known.is_hidden,
                };
                member::choose(tx, known, options).await?;
            }
            Ok(Confirmed::Delivers)
        }
        _ => join(tx, hub, &actor, list, &pending.name, &pending.address).await,
    }
}

/// Decides about somebody who wants to join.
pub async fn decide(tx: &Tx, hub: &Hub, actor: &Actor, list: &List, id: i64, lets_in: bool) -> Result<(), Refusal> {
    list::check_moderator(actor, list)?;
    let row = pending::Entity::find_by_id(id).one(tx).await?;
    let row = row.filter(|row| row.list_id == list.id && row.kind == "approve").ok_or(Refusal::Decided)?;
    pending::Entity::delete_by_id(row.id).exec(tx).await?;
    if lets_in && member::add(tx, actor, list, &row.name, &row.address).await? {
        welcome(tx, hub, list, &row.address).await?;
    }
    if !lets_in {
        mail(tx, hub, list, Notice::to(&row.address, "not-joined", context! {}), None).await?;
    }
    Ok(())
}

/// A secret with which an address turns delivery on again.
pub async fn second_chance(tx: &Tx, list: &List, address: &str) -> Result<String, Refusal> {
    remember(tx, list, "deliver", address, "", SECOND_CHANCE).await
}

/// What a secret stands for, when it still holds.
pub async fn by_secret(
    conn: &impl ConnectionTrait,
    secret: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Pending>, DbErr> {
    let hash = people::token::hash(&secret.to_lowercase());
    let row = pending::Entity::find().filter(pending::Column::Hash.eq(hash)).one(conn).await?;
    Ok(row.filter(|row| row.expires_at > now && row.kind != "approve"))
}

/// Who waits for a moderator to let them in, the first to ask first.
pub async fn waiting(conn: &impl ConnectionTrait, list: ListId) -> Result<Vec<Pending>, DbErr> {
    to_approve(list).order_by_asc(pending::Column::Id).all(conn).await
}

/// How many people wait for a moderator of a list.
pub async fn count(conn: &impl ConnectionTrait, list: ListId) -> Result<u64, DbErr> {
    store::count(conn, &to_approve(list)).await
}

fn to_approve(list: ListId) -> Select<pending::Entity> {
    pending::Entity::find().filter(pending::Column::ListId.eq(list)).filter(pending::Column::Kind.eq("approve"))
}

/// Forgets what was never confirmed.
pub async fn forget(tx: &Tx) -> Result<(), DbErr> {
    pending::Entity::delete_many().filter(pending::Column::ExpiresAt.lt(tx.now())).exec(tx).await?;
    Ok(())
}

fn checked(address: &str) -> Result<String, Refusal> {
    let address = address.trim().trim_matches(['<', '>']);
    if participant::is_address(address) { Ok(address.to_owned()) } else { Err(Refusal::BadAddress(address.to_owned())) }
}

async fn asked_lately(tx: &Tx, list: ListId, kind: &str, address: &str) -> Result<bool, DbErr> {
    let row = pending::Entity::find()
        .filter(pending::Column::ListId.eq(list))
        .filter(pending::Column::Kind.eq(kind))
        .filter(pending::Column::Address.eq(address))
        .filter(pending::Column::CreatedAt.gt(tx.now() - PAUSE))
        .one(tx)
        .await?;
    Ok(row.is_some())
}

async fn remember(
    tx: &Tx,
    list: &List,
    kind: &str,
    address: &str,
    name: &str,
    life: Duration,
) -> Result<String, Refusal> {
    let secret = draw_secret();
    let row = pending::ActiveModel {
        list_id: Set(list.id),
        kind: Set(kind.into()),
        address: Set(address.into()),
        name: Set(name.chars().filter(|c| !c.is_control()).take(200).collect()),
        hash: Set(people::token::hash(&secret)),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + life),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(secret)
}

async fn wait_for_moderator(tx: &Tx, hub: &Hub, list: &List, name: &str, address: &str) -> Result<(), Refusal> {
    if waiting(tx, list.id).await?.iter().any(|row| row.address.eq_ignore_ascii_case(address)) {
        return Ok(());
    }
    remember(tx, list, "approve", address, name, PATIENCE).await?;
    let link = hub.url(&url::of_list(&list.name, "queue"));
    let notice =
        Notice { to: deciders(tx, list).await?, ..Notice::to("", "wants-to-join", context! { address, name, link }) };
    notice.send(tx, hub, list).await
}

async fn welcome(tx: &Tx, hub: &Hub, list: &List, address: &str) -> Result<(), Refusal> {
    let token = member::find(tx, list.id, address).await?.map(|member| member.token).unwrap_or_default();
    let stop = hub.url(&url::unsubscribe(&token));
    mail(tx, hub, list, Notice::to(address, "welcome", context! { address, stop }), None).await
}

async fn mail(tx: &Tx, hub: &Hub, list: &List, notice: Notice<'_>, answers: Option<&str>) -> Result<(), Refusal> {
    match answers {
        Some(message_id) => notice.answering(message_id).send(tx, hub, list).await,
        None => notice.send(tx, hub, list).await,
    }
}
