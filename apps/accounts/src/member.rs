//! What an administrator decides about somebody's account.

use people::{Actor, EVERYWHERE, GroupId, Role, User, may};
use store::Tx;

use crate::Refusal;
use crate::audit::{self, Client, Deed};

/// The states that an administrator gives.
pub const STATES: [&str; 3] = ["active", "waiting", "disabled"];

/// Gives an account a state. Who is not active has no session left and no token that opens anything.
pub async fn set_state(tx: &Tx, actor: &Actor, user: &User, state: &str, client: &Client) -> Result<(), Refusal> {
    administers(actor)?;
    if !STATES.contains(&state) {
        return Err(Refusal::Bad(format!("{state} is no state of an account.")));
    }
    people::profile::set_state(tx, user.id, state).await?;
    if state != "active" {
        web::session::end_all(tx, user.id, None).await?;
        keep_an_administrator(tx).await?;
    }
    audit::record(tx, actor, Deed::StateChanged, Some(user), client, state).await?;
    Ok(())
}

/// Gives somebody a role in a scope.
pub async fn grant(
    tx: &Tx,
    actor: &Actor,
    user: &User,
    role: Role,
    scope: &str,
    client: &Client,
) -> Result<(), Refusal> {
    administers(actor)?;
    let scope = checked_scope(scope)?;
    people::user::grant(tx, user.id, role, scope).await?;
    audit::record(tx, actor, Deed::RoleGranted, Some(user), client, &said(role, scope)).await?;
    Ok(())
}

/// Takes a role in a scope from somebody; the last administrator keeps theirs.
pub async fn revoke(
    tx: &Tx,
    actor: &Actor,
    user: &User,
    role: Role,
    scope: &str,
    client: &Client,
) -> Result<(), Refusal> {
    administers(actor)?;
    people::user::revoke(tx, user.id, role, scope).await?;
    keep_an_administrator(tx).await?;
    audit::record(tx, actor, Deed::RoleRevoked, Some(user), client, &said(role, scope)).await?;
    Ok(())
}

/// Gives or takes a role of a whole group.
pub async fn grant_group(
    tx: &Tx,
    actor: &Actor,
    group: &people::group::Group,
    role: Role,
    scope: &str,
    client: &Client,
) -> Result<(), Refusal> {
    administers(actor)?;
    let scope = checked_scope(scope)?;
    people::group::grant(tx, group.id, role, scope).await?;
    let detail = format!("{}: {}", group.name, said(role, scope));
    audit::record(tx, actor, Deed::RoleGranted, None, client, &detail).await?;
    Ok(())
}

/// Takes a role from a whole group.
pub async fn revoke_group(
    tx: &Tx,
    actor: &Actor,
    group: &people::group::Group,
    role: Role,
    scope: &str,
    client: &Client,
) -> Result<(), Refusal> {
    administers(actor)?;
    people::group::revoke(tx, group.id, role, scope).await?;
    keep_an_administrator(tx).await?;
    let detail = format!("{}: {}", group.name, said(role, scope));
    audit::record(tx, actor, Deed::RoleRevoked, None, client, &detail).await?;
    Ok(())
}

/// Adds somebody to a group, or changes whether they administer it. An administrator of the group may too.
pub async fn join(
    tx: &Tx,
    actor: &Actor,
    group: &people::group::Group,
    user: &User,
    is_admin: IsAdmin,
    client: &Client,
) -> Result<(), Refusal> {
    leads(tx, actor, group.id).await?;
    people::group::add(tx, group.id, user.id, is_admin == IsAdmin::Yes).await?;
    let what = if is_admin == IsAdmin::Yes { "administers" } else { "joins" };
    audit::record(tx, actor, Deed::GroupChanged, Some(user), client, &format!("{what} {}", group.name)).await?;
    Ok(())
}

/// Removes somebody from a group.
pub async fn leave(
    tx: &Tx,
    actor: &Actor,
    group: &people::group::Group,
    user: &User,
    client: &Client,
) -> Result<(), Refusal> {
    leads(tx, actor, group.id).await?;
    people::group::remove(tx, group.id, user.id).await?;
    keep_an_administrator(tx).await?;
    audit::record(tx, actor, Deed::GroupChanged, Some(user), client, &format!("leaves {}", group.name)).await?;
    Ok(())
}

/// Deletes a group; its members lose the roles that it gave them.
pub async fn dissolve(tx: &Tx, actor: &Actor, group: &people::group::Group, client: &Client) -> Result<(), Refusal> {
    administers(actor)?;
    people::group::delete(tx, group.id).await?;
    keep_an_administrator(tx).await?;
    audit::record(tx, actor, Deed::GroupChanged, None, client, &format!("deleted {}", group.name)).await?;
    Ok(())
}

/// Whether somebody administers a group that they join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsAdmin {
    Yes,
    No,
}

/// Refuses whoever administers neither the hub nor the group.
pub async fn leads(conn: &impl sea_orm::ConnectionTrait, actor: &Actor, group: GroupId) -> Result<(), Refusal> {
    if may(actor, Role::Administrator, EVERYWHERE) {
        return Ok(());
    }
    let members = people::group::members(conn, group).await?;
    let leads = members.iter().any(|(user, is_admin)| *is_admin && Some(user.id) == actor.user());
    if leads { Ok(()) } else { Err(Refusal::Bad("Only administrators of the group change it.".into())) }
}

fn administers(actor: &Actor) -> Result<(), Refusal> {
    let may = may(actor, Role::Administrator, EVERYWHERE);
    if may { Ok(()) } else { Err(Refusal::Bad("Only administrators of the hub may do that.".into())) }
}

fn checked_scope(scope: &str) -> Result<&str, Refusal> {
    let scope = scope.trim();
    let sound = scope.len() <= 200 && !scope.chars().any(|c| c.is_whitespace() || c.is_control());
    if sound {
        Ok(scope)
    } else {
        Err(Refusal::Bad(format!("{scope} is no scope. Write one like tracker/issues, or leave it empty.")))
    }
}

fn said(role: Role, scope: &str) -> String {
    format!("{} {}", role.word(), if scope.is_empty() { "everywhere" } else { scope })
}

async fn keep_an_administrator(tx: &Tx) -> Result<(), Refusal> {
    let holders = people::user::holders(tx, Role::Administrator, EVERYWHERE).await?;
    for id in holders {
        if people::user::by_id(tx, id).await?.is_some_and(|user| user.state == "active") {
            return Ok(());
        }
    }
    Err(Refusal::Bad("That would leave the hub without an administrator. Make somebody else one first.".into()))
}
