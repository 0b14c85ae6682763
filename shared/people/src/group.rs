//! Groups of users.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use store::Tx;

use crate::entity::{group_member, role_grant, user, user_group};
use crate::{GroupId, Refusal, Role, UserId};

pub use crate::entity::user_group::Model as Group;

/// Makes a group.
pub async fn create(tx: &Tx, name: &str, description: &str) -> Result<Group, Refusal> {
    let name = crate::user::checked_name(name)?;
    let row = user_group::ActiveModel {
        name: Set(name.clone()),
        description: Set(description.trim().to_owned()),
        ..Default::default()
    };
    row.insert(tx).await.map_err(|error| {
        if store::unique_violation(&error) { Refusal::NameTaken(name) } else { error.into() }
    })
}

/// Adds a user, or changes whether they administer the group.
pub async fn add(tx: &Tx, group: GroupId, user: UserId, is_admin: bool) -> Result<(), Refusal> {
    let row = group_member::ActiveModel { group_id: Set(group), user_id: Set(user), is_admin: Set(is_admin) };
    group_member::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([group_member::Column::GroupId, group_member::Column::UserId])
                .update_column(group_member::Column::IsAdmin)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Removes a user from a group.
pub async fn remove(tx: &Tx, group: GroupId, user: UserId) -> Result<(), Refusal> {
    group_member::Entity::delete_by_id((group, user)).exec(tx).await?;
    Ok(())
}

/// Gives a role in a scope to everybody in a group.
pub async fn grant(tx: &Tx, group: GroupId, role: Role, scope: &str) -> Result<(), Refusal> {
    let row = role_grant::ActiveModel {
        role: Set(role.word().into()),
        scope: Set(scope.into()),
        user_id: Set(None),
        group_id: Set(Some(group)),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// All groups by name.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Group>, DbErr> {
    user_group::Entity::find().order_by_asc(user_group::Column::Name).all(conn).await
}

/// The group of a name.
pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<Group>, DbErr> {
    user_group::Entity::find().filter(user_group::Column::Name.eq(name)).one(conn).await
}

/// The members of a group, each with whether they administer it.
pub async fn members(conn: &impl ConnectionTrait, id: GroupId) -> Result<Vec<(user::Model, bool)>, DbErr> {
    let rows = group_member::Entity::find().filter(group_member::Column::GroupId.eq(id)).all(conn).await?;
    let users = user::Entity::find()
        .filter(user::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
        .order_by_asc(user::Column::Name)
        .all(conn)
        .await?;
    let admin = |user: &user::Model| rows.iter().any(|row| row.user_id == user.id && row.is_admin);
    Ok(users.into_iter().map(|user| (user.clone(), admin(&user))).collect())
}
