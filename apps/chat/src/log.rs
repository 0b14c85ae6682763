//! The log: the only writer of channels and their lines.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};

use crate::casemap::CaseMap;
use crate::entity::{channel, line};
use crate::{ChannelId, index};

/// The bell that a commit with new lines rings.
pub const BELL: &str = "chat/lines";

/// One line to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: DateTime<Utc>,
    /// `say action notice join part quit kick nick topic gap`.
    pub kind: &'static str,
    pub nick: String,
    pub account: String,
    pub text: String,
    /// The bytes as they came, when they are not the UTF-8 of the text.
    pub raw: Option<Vec<u8>>,
}

/// The channel of a network, made when new.
pub async fn channel(tx: &Tx, network: &str, name: &str) -> Result<ChannelId, StoreError> {
    let folded = CaseMap::Rfc1459.fold(name);
    let find = || {
        channel::Entity::find()
            .filter(channel::Column::Network.eq(network))
            .filter(channel::Column::Folded.eq(&folded))
            .one(tx)
    };
    if let Some(known) = find().await? {
        return Ok(known.id);
    }
    let row = channel::ActiveModel {
        network: Set(network.to_owned()),
        name: Set(name.to_owned()),
        folded: Set(folded.clone()),
        topic: Set(String::new()),
        state: Set(String::new()),
        seen_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(channel::Entity::insert(row).exec(tx).await?.last_insert_id)
}

/// Notes whether the bot is on a channel: `on`, or why it is not.
pub async fn note_state(tx: &Tx, id: ChannelId, state: &str) -> Result<(), StoreError> {
    channel::Entity::update_many()
        .col_expr(channel::Column::State, Expr::value(state))
        .col_expr(channel::Column::SeenAt, Expr::value(tx.now()))
        .filter(channel::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps lines of a channel in their order. A line that is there already (a replay of the server) is left as it is.
pub async fn record(tx: &Tx, id: ChannelId, lines: &[Line]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().enumerate().map(|(order, line)| line::ActiveModel {
        channel_id: Set(id),
        at: Set(line.at),
        day: Set(line.at.format("%Y-%m-%d").to_string()),
        mark: Set(mark(line, order)),
        kind: Set(line.kind.to_owned()),
        nick: Set(line.nick.clone()),
        account: Set(line.account.clone()),
        text: Set(line.text.clone()),
        raw: Set(line.raw.clone()),
        ..Default::default()
    });
    let kept = line::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([line::Column::ChannelId, line::Column::Day, line::Column::Mark])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await;
    match kept {
        Ok(_) | Err(DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    if let Some(topic) = lines.iter().rev().find(|line| line.kind == "topic") {
        channel::Entity::update_many()
            .col_expr(channel::Column::Topic, Expr::value(&topic.text))
            .filter(channel::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    jobs::enqueue(tx, index::NAME, &id.to_string(), serde_json::json!({ "channel": id })).await?;
    tx.ring(BELL);
    Ok(())
}

/// The end of a line's permalink: its second, and four characters of what it is; two equal lines of one second differ
/// by their milliseconds.
fn mark(line: &Line, order: usize) -> String {
    let millis = line.at.timestamp_subsec_millis();
    // Without the server's time, lines that are read at once have one time; their order tells them apart.
    let order = if millis == 0 { order } else { 0 };
    let hash = Sha256::digest(format!("{}\0{}\0{}\0{millis}\0{order}", line.kind, line.nick, line.text));
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let short: String = hash[..4].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("{}-{short}", line.at.format("%H:%M:%S"))
}
