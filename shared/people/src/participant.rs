//! Participants: who stands behind a contribution, with or without an account.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use store::{Tuples, Tx};

use crate::entity::{participant, user};
use crate::{Actor, Refusal, UserId};

store::id!(ParticipantId, "Whoever stands behind a contribution.");

/// How a participant is shown: a name, and a page when there is an account behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Participant {
    pub id: ParticipantId,
    pub name: String,
    /// The user's name in URLs, when there is an account.
    pub user: Option<String>,
    /// `/people/NAME`, when there is an account.
    pub url: Option<String>,
    /// The address or foreign name; strangers must not be shown it.
    #[serde(skip)]
    pub address: String,
}

/// A mail address in the form in which it is kept and compared: trimmed, lower case.
pub fn canonical(address: &str) -> String {
    address.trim().trim_matches(['<', '>']).to_lowercase()
}

/// Whether a text can be a mail address at all: one `@` with something around it, no blanks or control characters.
pub fn is_address(text: &str) -> bool {
    let sound = !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'));
    let parts = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && local.len() <= 64 && !domain.is_empty() && !domain.starts_with('.') && !local.contains('@')
    });
    sound && parts && text.len() <= 254
}

/// The participant of a mail address, made when new. `name` is used for a new one only.
pub async fn by_address(tx: &Tx, name: &str, address: &str) -> Result<ParticipantId, Refusal> {
    let address = canonical(address);
    if let Some(known) = find(tx, &address).await? {
        return Ok(known);
    }
    let name = if name.trim().is_empty() { address.split('@').next().unwrap_or(&address) } else { name.trim() };
    let row = participant::ActiveModel {
        user_id: Set(None),
        name: Set(name.chars().filter(|c| !c.is_control()).take(200).collect()),
        address: Set(address.clone()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let inserted = participant::Entity::insert(row)
        .on_conflict(OnConflict::column(participant::Column::Address).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    match inserted {
        Ok(_) | Err(DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    find(tx, &address).await?.ok_or(Refusal::NoSuchPerson(address))
}

async fn find(conn: &impl ConnectionTrait, address: &str) -> Result<Option<ParticipantId>, DbErr> {
    participant::Entity::find()
        .select_only()
        .column(participant::Column::Id)
        .filter(participant::Column::Address.eq(address))
        .tuples()
        .one(conn)
        .await
}

/// Who writes from a mail address: the user to whom the address belongs, else a participant without account.
pub async fn actor_of(tx: &Tx, name: &str, address: &str) -> Result<Actor, Refusal> {
    let id = by_address(tx, name, address).await?;
    let row = participant::Entity::find_by_id(id).one(tx).await?;
    match row.as_ref().and_then(|row| row.user_id) {
        Some(user) => crate::user::actor(tx, user).await,
        None => Ok(Actor::Participant { id, name: row.map_or_else(|| address.to_owned(), |row| row.name) }),
    }
}

/// How these participants are shown, in one query.
pub async fn shown(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ParticipantId>,
) -> Result<HashMap<ParticipantId, Participant>, DbErr> {
    let mut ids: Vec<ParticipantId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    type Row = (ParticipantId, String, String, Option<UserId>, Option<String>, Option<String>);
    let rows: Vec<Row> = participant::Entity::find()
        .select_only()
        .columns([participant::Column::Id, participant::Column::Name, participant::Column::Address])
        .column(participant::Column::UserId)
        .column(user::Column::Name)
        .column(user::Column::DisplayName)
        .join(
            sea_orm::JoinType::LeftJoin,
            participant::Entity::belongs_to(user::Entity).from(participant::Column::UserId).to(user::Column::Id).into(),
        )
        .filter(participant::Column::Id.is_in(ids))
        .tuples()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, address, _, user, display)| {
            let url = user.as_ref().map(|user| format!("/people/{user}"));
            let name = display.filter(|name| !name.is_empty()).unwrap_or(name);
            (id, Participant { id, name, user, url, address })
        })
        .collect())
}
