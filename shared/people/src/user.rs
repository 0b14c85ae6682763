//! Users: people with an account.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use store::{Tuples, Tx};

use crate::entity::{group_member, participant, role_grant, user, user_email};
use crate::participant::{by_address, canonical, is_address};
use crate::{Actor, Grant, Refusal, Role};

pub use crate::entity::user::Model as User;
pub use crate::entity::user_email::Model as Email;

store::id!(UserId, "A person with an account.");

/// The name in the form in which it is kept, or why it cannot be one.
pub fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim().to_lowercase();
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let sound = (2..=39).contains(&name.len())
        && name.chars().all(inner)
        && edge(name.chars().next())
        && edge(name.chars().next_back());
    if sound { Ok(name) } else { Err(Refusal::BadName(name)) }
}

/// Makes a user in `state` with one mail address. A confirmed address brings everything its participant ever wrote.
pub async fn create(
    tx: &Tx,
    name: &str,
    display_name: &str,
    address: &str,
    confirmed: bool,
    state: &str,
) -> Result<User, Refusal> {
    let address = canonical(address);
    if !is_address(&address) {
        return Err(Refusal::BadAddress(address));
    }
    let user = make(tx, name, display_name, state).await?;
    add_email(tx, user.id, &address, true).await?;
    if confirmed {
        confirm_email(tx, user.id, &address).await?;
    }
    Ok(user)
}

/// Makes a user in `state` who has no mail address yet.
pub async fn make(tx: &Tx, name: &str, display_name: &str, state: &str) -> Result<User, Refusal> {
    let name = checked_name(name)?;
    if by_name(tx, &name).await?.is_some() {
        return Err(Refusal::NameTaken(name));
    }
    let own = by_address(tx, &name, &format!("user:{name}")).await?;
    let row = user::ActiveModel {
        name: Set(name),
        display_name: Set(display_name.trim().to_owned()),
        state: Set(state.to_owned()),
        participant_id: Set(own),
        timezone: Set("UTC".into()),
        about: Set(String::new()),
        created_at: Set(tx.now()),
        seen_at: Set(None),
        ..Default::default()
    };
    let user = row.insert(tx).await?;
    join(tx, own, user.id).await?;
    Ok(user)
}

/// Adds an address that its owner has yet to confirm.
pub async fn add_email(tx: &Tx, user: UserId, address: &str, primary: bool) -> Result<(), Refusal> {
    let address = canonical(address);
    if !is_address(&address) {
        return Err(Refusal::BadAddress(address));
    }
    let known = user_email::Entity::find().filter(user_email::Column::Address.eq(&address)).one(tx).await?;
    if let Some(known) = known {
        return if known.user_id == user { Ok(()) } else { Err(Refusal::AddressTaken(address)) };
    }
    by_address(tx, "", &address).await?;
    let row = user_email::ActiveModel {
        user_id: Set(user),
        address: Set(address),
        confirmed_at: Set(None),
        is_primary: Set(primary),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// Confirms an address of a user: its participant is theirs from now on.
pub async fn confirm_email(tx: &Tx, user: UserId, address: &str) -> Result<(), Refusal> {
    let address = canonical(address);
    let row = user_email::Entity::find()
        .filter(user_email::Column::Address.eq(&address))
        .filter(user_email::Column::UserId.eq(user))
        .one(tx)
        .await?
        .ok_or_else(|| Refusal::BadAddress(address.clone()))?;
    let mut row = row.into_active_model();
    row.confirmed_at = Set(Some(tx.now()));
    row.update(tx).await?;
    let participant = by_address(tx, "", &address).await?;
    join(tx, participant, user).await
}

async fn join(tx: &Tx, participant: crate::ParticipantId, user: UserId) -> Result<(), Refusal> {
    let row = participant::ActiveModel { id: Set(participant), user_id: Set(Some(user)), ..Default::default() };
    row.update(tx).await?;
    Ok(())
}

/// The user of a name (any case).
pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<User>, DbErr> {
    user::Entity::find().filter(user::Column::Name.eq(name.trim().to_lowercase())).one(conn).await
}

/// The user of an id.
pub async fn by_id(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, DbErr> {
    user::Entity::find_by_id(id).one(conn).await
}

/// The user to whom a confirmed address belongs.
pub async fn by_email(conn: &impl ConnectionTrait, address: &str) -> Result<Option<User>, DbErr> {
    user::Entity::find()
        .join(
            sea_orm::JoinType::InnerJoin,
            user::Entity::belongs_to(user_email::Entity).from(user::Column::Id).to(user_email::Column::UserId).into(),
        )
        .filter(user_email::Column::Address.eq(canonical(address)))
        .filter(user_email::Column::ConfirmedAt.is_not_null())
        .one(conn)
        .await
}

/// The addresses of a user, the primary one first.
pub async fn emails(conn: &impl ConnectionTrait, id: UserId) -> Result<Vec<Email>, DbErr> {
    user_email::Entity::find()
        .filter(user_email::Column::UserId.eq(id))
        .order_by_desc(user_email::Column::IsPrimary)
        .order_by_asc(user_email::Column::Id)
        .all(conn)
        .await
}

/// Where mail for these users goes: the primary address of each, where it is confirmed and the user is active.
pub async fn mail_addresses(
    conn: &impl ConnectionTrait,
    ids: Vec<UserId>,
) -> Result<Vec<(UserId, String, String)>, DbErr> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    user_email::Entity::find()
        .select_only()
        .column(user_email::Column::UserId)
        .column(user::Column::DisplayName)
        .column(user_email::Column::Address)
        .join(
            sea_orm::JoinType::InnerJoin,
            user_email::Entity::belongs_to(user::Entity).from(user_email::Column::UserId).to(user::Column::Id).into(),
        )
        .filter(user_email::Column::UserId.is_in(ids))
        .filter(user_email::Column::IsPrimary.eq(true))
        .filter(user_email::Column::ConfirmedAt.is_not_null())
        .filter(user::Column::State.eq("active"))
        .tuples()
        .all(conn)
        .await
}

/// The user as an actor, with the roles and groups held at this moment; a user who is not active may nothing.
pub async fn actor(conn: &impl ConnectionTrait, id: UserId) -> Result<Actor, Refusal> {
    let (_, actor) = acting(conn, id).await?.ok_or_else(|| Refusal::NoSuchPerson(id.to_string()))?;
    Ok(actor)
}

/// A user, and the same as [`actor`] gives it.
pub async fn acting(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<(User, Actor)>, DbErr> {
    let Some(user) = by_id(conn, id).await? else { return Ok(None) };
    let name = if user.display_name.is_empty() { user.name.clone() } else { user.display_name.clone() };
    if user.state != "active" {
        let actor = Actor::Participant { id: user.participant_id, name };
        return Ok(Some((user, actor)));
    }
    let (mut groups, mut grants) = (vec![], vec![]);
    for row in
        conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), HELD, [id.into()])).await?
    {
        if let Some(group) = row.try_get::<Option<i64>>("", "group_id")? {
            groups.push(group);
        } else if let Some(role) = Role::from_word(&row.try_get::<String>("", "role")?) {
            grants.push(Grant { role, scope: row.try_get("", "scope")? });
        }
    }
    let actor = Actor::User { id, participant: user.participant_id, name, grants, groups };
    Ok(Some((user, actor)))
}

/// What a user holds, each row a group or a role with its scope: the groups, the roles of their own, those of the groups.
const HELD: &str = "\
    SELECT group_id, NULL AS role, NULL AS scope FROM group_member WHERE user_id = $1 UNION ALL \
    SELECT CAST(NULL AS BIGINT), role, scope FROM role_grant WHERE user_id = $1 UNION ALL \
    SELECT CAST(NULL AS BIGINT), g.role, g.scope FROM group_member m JOIN role_grant g ON g.group_id = m.group_id \
    WHERE m.user_id = $1";

/// Gives a role in a scope to a user; giving it twice changes nothing.
pub async fn grant(tx: &Tx, user: UserId, role: Role, scope: &str) -> Result<(), Refusal> {
    let held = role_grant::Entity::find()
        .filter(role_grant::Column::UserId.eq(user))
        .filter(role_grant::Column::Role.eq(role.word()))
        .filter(role_grant::Column::Scope.eq(scope))
        .one(tx)
        .await?;
    if held.is_none() {
        let row = role_grant::ActiveModel {
            role: Set(role.word().into()),
            scope: Set(scope.into()),
            user_id: Set(Some(user)),
            group_id: Set(None),
            ..Default::default()
        };
        row.insert(tx).await?;
    }
    Ok(())
}

/// Takes a role in a scope from a user.
pub async fn revoke(tx: &Tx, user: UserId, role: Role, scope: &str) -> Result<(), Refusal> {
    role_grant::Entity::delete_many()
        .filter(role_grant::Column::UserId.eq(user))
        .filter(role_grant::Column::Role.eq(role.word()))
        .filter(role_grant::Column::Scope.eq(scope))
        .exec(tx)
        .await?;
    Ok(())
}

/// Users who hold `role` (exactly) in `scope`, directly or through a group.
pub async fn holders(conn: &impl ConnectionTrait, role: Role, scope: &str) -> Result<Vec<UserId>, DbErr> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(role.word()))
        .filter(role_grant::Column::Scope.eq(scope))
        .all(conn)
        .await?;
    let mut users: Vec<UserId> = grants.iter().filter_map(|grant| grant.user_id).collect();
    let groups: Vec<_> = grants.iter().filter_map(|grant| grant.group_id).collect();
    if !groups.is_empty() {
        let members: Vec<UserId> = group_member::Entity::find()
            .select_only()
            .column(group_member::Column::UserId)
            .filter(group_member::Column::GroupId.is_in(groups))
            .tuples()
            .all(conn)
            .await?;
        users.extend(members);
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Whether there is nobody, or nobody else than one person.
pub async fn at_most_one(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let query = user::Entity::find().select_only().column(user::Column::Id).limit(2);
    Ok(query.tuples::<UserId>().all(conn).await?.len() < 2)
}

/// Active users who were seen after a time, the latest first: name and display name.
pub async fn seen_since(
    conn: &impl ConnectionTrait,
    since: chrono::DateTime<chrono::Utc>,
    count: u64,
) -> Result<Vec<(String, String)>, DbErr> {
    user::Entity::find()
        .select_only()
        .columns([user::Column::Name, user::Column::DisplayName])
        .filter(user::Column::SeenAt.gt(since))
        .filter(user::Column::State.eq("active"))
        .order_by_desc(user::Column::SeenAt)
        .limit(count)
        .tuples()
        .all(conn)
        .await
}

/// Notes that a user was here.
pub async fn seen(tx: &Tx, id: UserId) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(user::Column::SeenAt, sea_orm::sea_query::Expr::value(tx.now()))
        .filter(user::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
