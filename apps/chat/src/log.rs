//! The log: the only writer of channels and their lines.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};

use crate::casemap::CaseMap;
use crate::entity::{channel, line};
use crate::keep::Equals;
use crate::{ChannelId, index};

/// The bell that a commit with new lines rings.
pub const BELL: &str = "chat/lines";

/// The most lines of one statement.
const AT_ONCE: usize = 500;

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
    let mut equals = Equals::default();
    let counted: Vec<(Line, u32)> = lines.iter().map(|line| (line.clone(), equals.before("", "", line))).collect();
    keep(tx, id, &counted).await
}

/// Keeps lines, each with the number of equal lines that came at its moment before it.
pub async fn keep(tx: &Tx, id: ChannelId, lines: &[(Line, u32)]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    for part in lines.chunks(AT_ONCE) {
        insert(tx, id, part).await?;
    }
    if let Some((topic, _)) = lines.iter().rev().find(|(line, _)| line.kind == "topic") {
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

async fn insert(tx: &Tx, id: ChannelId, lines: &[(Line, u32)]) -> Result<(), StoreError> {
    let marks = marks(tx, id, lines).await?;
    let rows: Vec<line::ActiveModel> = lines
        .iter()
        .zip(marks)
        .filter_map(|((line, _), mark)| {
            Some(line::ActiveModel {
                channel_id: Set(id),
                at: Set(line.at),
                day: Set(day(line)),
                mark: Set(mark?),
                kind: Set(line.kind.to_owned()),
                nick: Set(line.nick.clone()),
                account: Set(line.account.clone()),
                text: Set(line.text.clone()),
                raw: Set(line.raw.clone()),
                ..Default::default()
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let kept = line::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([line::Column::ChannelId, line::Column::Day, line::Column::Mark])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await;
    match kept {
        Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What makes a line the same as another: its millisecond, kind, nick and text, and how many equal ones came before.
#[derive(PartialEq, Eq)]
struct Same {
    at: i64,
    kind: String,
    nick: String,
    text: String,
    /// Not known of a line that is in the database: its mark stands for it.
    nth: Option<u32>,
}

impl Same {
    fn is(&self, other: &Self) -> bool {
        let content = |same: &Self| (same.at, same.kind.clone(), same.nick.clone(), same.text.clone());
        content(self) == content(other) && (self.nth.is_none() || self.nth == other.nth)
    }
}

/// The mark of each line; none for one that is there already. Where another line has the mark, the next one is taken.
async fn marks(tx: &Tx, id: ChannelId, lines: &[(Line, u32)]) -> Result<Vec<Option<String>>, StoreError> {
    let mut marks = vec![None; lines.len()];
    let mut open: Vec<usize> = (0..lines.len()).collect();
    let mut taken: HashMap<(String, String), Same> = HashMap::new();
    for attempt in 0_u32.. {
        let wanted: Vec<(usize, (String, String))> =
            open.iter().map(|at| (*at, (day(&lines[*at].0), mark(&lines[*at].0, lines[*at].1, attempt)))).collect();
        taken.extend(stored(tx, id, wanted.iter().map(|(_, place)| place)).await?);
        open.clear();
        for (at, place) in wanted {
            let (line, nth) = &lines[at];
            let same = Same {
                at: line.at.timestamp_millis(),
                kind: line.kind.to_owned(),
                nick: line.nick.clone(),
                text: line.text.clone(),
                nth: Some(*nth),
            };
            match taken.get(&place) {
                None => {
                    marks[at] = Some(place.1.clone());
                    taken.insert(place, same);
                }
                Some(known) if known.is(&same) => {}
                Some(_) => open.push(at),
            }
        }
        if open.is_empty() {
            break;
        }
    }
    Ok(marks)
}

/// The lines that have one of these days and marks.
async fn stored(
    tx: &Tx,
    id: ChannelId,
    places: impl Iterator<Item = &(String, String)>,
) -> Result<Vec<((String, String), Same)>, StoreError> {
    let (days, marks): (BTreeSet<String>, BTreeSet<String>) = places.cloned().unzip();
    let rows = line::Entity::find()
        .filter(line::Column::ChannelId.eq(id))
        .filter(line::Column::Day.is_in(days))
        .filter(line::Column::Mark.is_in(marks))
        .all(tx)
        .await?;
    let known = rows.into_iter().map(|row| {
        let same = Same { at: row.at.timestamp_millis(), kind: row.kind, nick: row.nick, text: row.text, nth: None };
        ((row.day, row.mark), same)
    });
    Ok(known.collect())
}

fn day(line: &Line) -> String {
    line.at.format("%Y-%m-%d").to_string()
}

/// The end of a line's permalink: its second, and four characters of what it is, of its millisecond and of how many
/// equal lines came before; `attempt` counts the marks that other lines of the second have already.
fn mark(line: &Line, nth: u32, attempt: u32) -> String {
    let millis = line.at.timestamp_subsec_millis();
    let again = if attempt == 0 { String::new() } else { format!("\0{attempt}") };
    let hash = Sha256::digest(format!("{}\0{}\0{}\0{millis}\0{nth}{again}", line.kind, line.nick, line.text));
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let short: String = hash[..4].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("{}-{short}", line.at.format("%H:%M:%S"))
}
