//! What a user says of themselves, which addresses are theirs, and the state that an administrator gives them.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use store::{Page, Paging, Tx};

use crate::entity::{participant, role_grant, user, user_email};
use crate::participant::canonical;
use crate::{Grant, Refusal, Role, User, UserId};

/// What a user says of themselves.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub display_name: String,
    /// Markdown.
    pub about: String,
    /// A name of the tz database: `Europe/Berlin`.
    pub timezone: String,
}

/// Keeps what a user says of themselves.
pub async fn describe(tx: &Tx, id: UserId, profile: &Profile) -> Result<(), Refusal> {
    let row = user::ActiveModel {
        id: Set(id),
        display_name: Set(profile.display_name.trim().to_owned()),
        about: Set(profile.about.trim().to_owned()),
        timezone: Set(profile.timezone.clone()),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Gives a user a state: `active`, `unconfirmed`, `waiting` or `disabled`.
pub async fn set_state(tx: &Tx, id: UserId, state: &str) -> Result<(), Refusal> {
    user::ActiveModel { id: Set(id), state: Set(state.to_owned()), ..Default::default() }.update(tx).await?;
    Ok(())
}

/// Notes that a user has just signed in.
pub async fn seen(tx: &Tx, id: UserId) -> Result<(), Refusal> {
    user::ActiveModel { id: Set(id), seen_at: Set(Some(tx.now())), ..Default::default() }.update(tx).await?;
    Ok(())
}

/// Lets mail for a user go to this confirmed address of theirs.
pub async fn set_primary(tx: &Tx, id: UserId, address: &str) -> Result<(), Refusal> {
    let address = canonical(address);
    let own = || user_email::Entity::update_many().filter(user_email::Column::UserId.eq(id));
    let chosen = own()
        .col_expr(user_email::Column::IsPrimary, Expr::value(true))
        .filter(user_email::Column::Address.eq(&address))
        .filter(user_email::Column::ConfirmedAt.is_not_null())
        .exec(tx)
        .await?;
    if chosen.rows_affected == 0 {
        return Err(Refusal::BadAddress(address));
    }
    own()
        .col_expr(user_email::Column::IsPrimary, Expr::value(false))
        .filter(user_email::Column::Address.ne(&address))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes an address from a user. What was written from it stays theirs; what comes from it later is not.
pub async fn remove_email(tx: &Tx, id: UserId, address: &str) -> Result<(), Refusal> {
    let address = canonical(address);
    let row = user_email::Entity::find()
        .filter(user_email::Column::UserId.eq(id))
        .filter(user_email::Column::Address.eq(&address))
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(()) };
    if row.is_primary {
        return Err(Refusal::PrimaryAddress(address));
    }
    user_email::Entity::delete_by_id(row.id).exec(tx).await?;
    participant::Entity::update_many()
        .col_expr(participant::Column::Address, Expr::value(format!("was:{}:{address}", row.id)))
        .filter(participant::Column::UserId.eq(id))
        .filter(participant::Column::Address.eq(&address))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which users are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those whose name or display name contains this.
    pub text: String,
}

/// One page of users by name.
pub async fn list(conn: &impl ConnectionTrait, wanted: &Wanted, paging: Paging) -> Result<Page<User>, DbErr> {
    let text = wanted.text.trim().to_lowercase();
    let like = format!("%{}%", text.replace(['%', '_'], ""));
    let shown = Expr::cust("lower(\"user\".\"display_name\")");
    let matching =
        (!text.is_empty()).then(|| Condition::any().add(user::Column::Name.like(&like)).add(shown.like(&like)));
    let filter = Condition::all()
        .add_option(wanted.state.clone().map(|state| user::Column::State.eq(state)))
        .add_option(matching);
    let total = store::count(conn, &user::Entity::find().filter(filter.clone())).await?;
    let rows = user::Entity::find()
        .filter(filter)
        .order_by_asc(user::Column::Name)
        .limit(paging.size)
        .offset(paging.offset())
        .all(conn)
        .await?;
    Ok(Page::new(rows, paging, total))
}

/// The states that a user can be in.
const STATES: [&str; 4] = ["active", "unconfirmed", "waiting", "disabled"];

/// How many users are in each state, counted up to [`store::COUNTED`].
pub async fn states(conn: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    let mut states = Vec::with_capacity(STATES.len());
    for state in STATES {
        let count = store::count(conn, &user::Entity::find().filter(user::Column::State.eq(state))).await?;
        states.push((state.to_owned(), count as i64));
    }
    states.retain(|(_, count)| *count > 0);
    Ok(states)
}

/// The roles that a user holds directly, not through a group.
pub async fn grants(conn: &impl ConnectionTrait, id: UserId) -> Result<Vec<Grant>, DbErr> {
    let rows = role_grant::Entity::find().filter(role_grant::Column::UserId.eq(id)).all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some(Grant { role: Role::from_word(&row.role)?, scope: row.scope })).collect())
}

/// The names and addresses under which a user was seen anywhere: mail, IRC, commits.
pub async fn participants(conn: &impl ConnectionTrait, id: UserId) -> Result<Vec<participant::Model>, DbErr> {
    participant::Entity::find()
        .filter(participant::Column::UserId.eq(id))
        .order_by_asc(participant::Column::Id)
        .all(conn)
        .await
}
