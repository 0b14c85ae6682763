//! What the bot has to say: rows, said by [`crate::bot`] at the pace of the network.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use store::{StoreError, Tuples, Tx};

use crate::entity::say;

/// The bell that a commit with something to say rings.
pub const BELL: &str = "chat/say";

/// The most announcements that wait on a channel; one line stands for more.
const WAITING: u64 = 12;

/// The line that stands for the rest.
const REST: &str = "(more happened than fits here: see the activity page of the hub)";

/// How urgent a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Somebody asked.
    Answer = 0,
    /// Something happened.
    Announce = 1,
}

/// Lets the bot say something on a channel. When too many announcements wait there, one line stands for the rest.
pub async fn say(tx: &Tx, network: &str, channel: &str, rank: Rank, text: &str) -> Result<(), StoreError> {
    let mut text = text.to_owned();
    if rank == Rank::Announce {
        let waiting = waiting(network, channel);
        // While the line for the rest waits, whatever comes is part of the rest.
        if waiting.clone().filter(say::Column::Text.eq(REST)).count(tx).await? > 0 {
            return Ok(());
        }
        if waiting.count(tx).await? >= WAITING {
            REST.clone_into(&mut text);
        }
    }
    let row = say::ActiveModel {
        network: Set(network.to_owned()),
        channel: Set(channel.to_owned()),
        text: Set(text),
        rank: Set(rank as i64),
        created_at: Set(tx.now()),
        said_at: Set(None),
        ..Default::default()
    };
    row.insert(tx).await?;
    tx.ring(BELL);
    Ok(())
}

/// The announcements that wait on a channel.
fn waiting(network: &str, channel: &str) -> Select<say::Entity> {
    say::Entity::find()
        .filter(say::Column::Network.eq(network))
        .filter(say::Column::SaidAt.is_null())
        .filter(say::Column::Rank.eq(Rank::Announce as i64))
        .filter(say::Column::Channel.eq(channel))
}

/// What waits to be said on a network, answers first.
pub async fn pending(
    conn: &impl ConnectionTrait,
    network: &str,
    count: u64,
) -> Result<Vec<(i64, String, String)>, DbErr> {
    say::Entity::find()
        .select_only()
        .columns([say::Column::Id])
        .columns([say::Column::Channel, say::Column::Text])
        .filter(say::Column::Network.eq(network))
        .filter(say::Column::SaidAt.is_null())
        .order_by_asc(say::Column::Rank)
        .order_by_asc(say::Column::Id)
        .limit(count)
        .tuples()
        .all(conn)
        .await
}

/// Notes that a line was said.
pub async fn said(tx: &Tx, id: i64) -> Result<(), StoreError> {
    all_said(tx, &[id]).await
}

/// Notes that lines were said.
pub async fn all_said(tx: &Tx, ids: &[i64]) -> Result<(), StoreError> {
    say::Entity::update_many()
        .col_expr(say::Column::SaidAt, Expr::value(tx.now()))
        .filter(say::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}
