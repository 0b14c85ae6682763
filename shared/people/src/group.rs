//! Groups of users.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use store::{Tuples, Tx};

use crate::entity::{group_member, role_grant, user, user_group};
use crate::{Grant, GroupId, Refusal, Role, UserId};

pub use crate::entity::user_group::Model as Group;

/// Makes a group.
pub async fn create(tx: &Tx, name: &str, description: &str) -> Result<Group, Refusal> {
    let name = crate::user::checked_name(name)?;
    let row = user_group::ActiveModel {
        name: Set(name.clone()),
        description: Set(description.trim().to_owned()),
        ..Default::default()
    };
    row.insert(tx).await.map_err(
        |error| {
            if store::unique_violation(&error) { Refusal::NameTaken(name) } else { error.into() }
        },
    )
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

/// Takes a role in a scope from a group.
pub async fn revoke(tx: &Tx, group: GroupId, role: Role, scope: &str) -> Result<(), Refusal> {
    role_grant::Entity::delete_many()
        .filter(role_grant::Column::GroupId.eq(group))
        .filter(role_grant::Column::Role.eq(role.word()))
        .filter(role_grant::Column::Scope.eq(scope))
        .exec(tx)
        .await?;
    Ok(())
}

/// The roles that everybody in a group holds.
pub async fn grants(conn: &impl ConnectionTrait, group: GroupId) -> Result<Vec<Grant>, DbErr> {
    let rows = role_grant::Entity::find().filter(role_grant::Column::GroupId.eq(group)).all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some(Grant { role: Role::from_word(&row.role)?, scope: row.scope })).collect())
}

/// Says anew what a group is for.
pub async fn describe(tx: &Tx, group: GroupId, description: &str) -> Result<(), Refusal> {
    let row = user_group::ActiveModel {
        id: Set(group),
        description: Set(description.trim().to_owned()),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Deletes a group with its memberships and roles.
pub async fn delete(tx: &Tx, group: GroupId) -> Result<(), Refusal> {
    user_group::Entity::delete_by_id(group).exec(tx).await?;
    Ok(())
}

/// How many members each group has.
pub async fn sizes(conn: &impl ConnectionTrait) -> Result<Vec<(GroupId, i64)>, DbErr> {
    group_member::Entity::find()
        .select_only()
        .column(group_member::Column::GroupId)
        .column_as(group_member::Column::UserId.count(), "members")
        .group_by(group_member::Column::GroupId)
        .tuples()
        .all(conn)
        .await
}

/// The groups of a user by name, each with whether they administer it.
pub async fn of_user(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<(Group, bool)>, DbErr> {
    let rows = group_member::Entity::find().filter(group_member::Column::UserId.eq(user)).all(conn).await?;
    let groups = user_group::Entity::find()
        .filter(user_group::Column::Id.is_in(rows.iter().map(|row| row.group_id)))
        .order_by_asc(user_group::Column::Name)
        .all(conn)
        .await?;
    let admin = |group: &Group| rows.iter().any(|row| row.group_id == group.id && row.is_admin);
    Ok(groups.into_iter().map(|group| (group.clone(), admin(&group))).collect())
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
