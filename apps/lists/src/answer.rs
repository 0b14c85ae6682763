//! How often a robot of ours answers one person: ten times a day, over all lists (RFC 3834 section 2).

use chrono::Duration;
use people::participant;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use store::Tx;

use crate::entity::answer;

/// Answers to one address in a day.
const MOST: i64 = 10;

/// Counts one more answer to an address; false when it has had enough today.
pub async fn may(tx: &Tx, address: &str) -> Result<bool, DbErr> {
    Ok(count(tx, participant::canonical(address)).await? <= MOST)
}

/// Whether nobody told this address of this cause today. Anybody can write somebody else's address into a mail, so what
/// a stranger's post brings about is told once a day at most.
pub async fn may_once(tx: &Tx, cause: &str, address: &str) -> Result<bool, DbErr> {
    Ok(count(tx, format!("{cause} {}", participant::canonical(address))).await? == 1 && may(tx, address).await?)
}

/// Counts one more under a key; how many there were today with it.
async fn count(tx: &Tx, key: String) -> Result<i64, DbErr> {
    let day = tx.now().format("%Y-%m-%d").to_string();
    let row = answer::ActiveModel { address_key: Set(key.clone()), day: Set(day.clone()), count: Set(1) };
    answer::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([answer::Column::AddressKey, answer::Column::Day])
                .value(answer::Column::Count, Expr::col((answer::Entity, answer::Column::Count)).add(1))
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let row = answer::Entity::find_by_id((key, day)).one(tx).await?;
    Ok(row.map_or(1, |row| row.count))
}

/// Forgets what was counted before yesterday.
pub async fn forget(tx: &Tx) -> Result<(), DbErr> {
    let day = (tx.now() - Duration::days(1)).format("%Y-%m-%d").to_string();
    answer::Entity::delete_many().filter(answer::Column::Day.lt(day)).exec(tx).await?;
    Ok(())
}
