//! Groups: administrators of the hub make them and give them roles, administrators of a group choose its members.

use axum::extract::{Path, State};
use axum::response::Response;
use kernel::{Context, context};
use people::group::{self, Group};
use people::{EVERYWHERE, Role, may};
use web::{Administrator, CurrentUser, Error, Fields};

use super::form::{self, Errors};
use crate::audit::{self, Client, Deed};
use crate::member::{self, IsAdmin};
use crate::{Accounts, Refusal, person};

/// All groups.
pub(super) async fn list(State(accounts): State<Accounts>, page: Administrator) -> web::Result<Response> {
    page.render("accounts/admin.groups.html", list_context(&accounts, &Fields::default(), Errors::new()).await?)
}

async fn list_context(accounts: &Accounts, fields: &Fields, errors: Errors) -> web::Result<Context> {
    let conn = accounts.hub.store.read();
    let sizes = group::sizes(&conn).await?;
    let size = |group: &Group| sizes.iter().find(|(id, _)| *id == group.id).map_or(0, |(_, members)| *members);
    let groups: Vec<_> = group::all(&conn)
        .await?
        .iter()
        .map(
            |group| serde_json::json!({ "name": group.name, "description": group.description, "members": size(group) }),
        )
        .collect();
    let (name, description) = (fields.get("name"), fields.get("description"));
    Ok(context! { title: "Groups", groups, errors, name, description })
}

/// Makes a group.
pub(super) async fn make(
    State(accounts): State<Accounts>,
    page: Administrator,
    fields: Fields,
) -> web::Result<Response> {
    let made = async {
        let tx = accounts.hub.store.write().await?;
        let group = group::create(&tx, fields.get("name"), &form::line(fields.get("description"))).await?;
        audit::record(&tx, page.actor(), Deed::GroupChanged, None, &Client::of(&page), &format!("made {}", group.name))
            .await?;
        tx.commit().await?;
        Ok::<_, Refusal>(group)
    };
    match made.await {
        Ok(group) => Ok(web::see_other(format!("/admin/groups/{}", group.name))),
        Err(refusal) => {
            page.refuse("accounts/admin.groups.html", list_context(&accounts, &fields, form::explain(refusal)?).await?)
        }
    }
}

/// A group that the visitor administers.
async fn find(accounts: &Accounts, page: &CurrentUser, name: &str) -> web::Result<Group> {
    let conn = accounts.hub.store.read();
    let group = group::by_name(&conn, name).await?.ok_or_else(|| Error::no(format!("group called {name}")))?;
    match member::leads(&conn, page.actor(), group.id).await {
        Ok(()) => Ok(group),
        Err(Refusal::Bad(why)) => Err(Error::Forbidden(why)),
        Err(refusal) => Err(refusal.into()),
    }
}

/// One group.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    page.render("accounts/admin.group.html", group_context(&accounts, &page, &group, Errors::new()).await?)
}

async fn group_context(accounts: &Accounts, page: &CurrentUser, group: &Group, errors: Errors) -> web::Result<Context> {
    let conn = accounts.hub.store.read();
    let members: Vec<_> = group::members(&conn, group.id)
        .await?
        .iter()
        .map(|(user, is_admin)| {
            serde_json::json!({
                "name": user.name, "display_name": person::shown(user), "state": user.state, "is_admin": is_admin,
            })
        })
        .collect();
    let grants: Vec<_> = group::grants(&conn, group.id)
        .await?
        .iter()
        .map(|grant| serde_json::json!({ "role": grant.role.word(), "scope": grant.scope }))
        .collect();
    let roles: Vec<&str> = Role::ALL.iter().skip(1).map(|role| role.word()).collect();
    let rules = may(page.actor(), Role::Administrator, EVERYWHERE);
    Ok(context! {
        title: group.name, group_name: group.name, description: group.description, members, grants, roles, rules, errors,
    })
}

async fn answer(
    accounts: &Accounts,
    page: &CurrentUser,
    group: &Group,
    done: Result<(), Refusal>,
    said: &str,
) -> web::Result<Response> {
    match done {
        Ok(()) => Ok(web::see_other_saying(&accounts.hub.settings, format!("/admin/groups/{}", group.name), said)),
        Err(refusal) => {
            let context = group_context(accounts, page, group, form::explain(refusal)?).await?;
            page.refuse("accounts/admin.group.html", context)
        }
    }
}

/// Says anew what a group is for.
pub(super) async fn describe(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        group::describe(&tx, group.id, &form::line(fields.get("description"))).await?;
        audit::record(&tx, page.actor(), Deed::GroupChanged, None, &Client::of(&page), &format!("described {name}"))
            .await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &group, done.await, "The description is kept.").await
}

/// Adds a member, or changes whether they administer the group.
pub(super) async fn add(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    let is_admin = if fields.has("is_admin") { IsAdmin::Yes } else { IsAdmin::No };
    let done = async {
        let tx = accounts.hub.store.write().await?;
        let who = fields.get("name");
        let user =
            people::user::by_name(&tx, who).await?.ok_or_else(|| people::Refusal::NoSuchPerson(who.to_owned()))?;
        member::join(&tx, page.actor(), &group, &user, is_admin, &Client::of(&page)).await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &group, done.await, "The member is in the group.").await
}

/// Removes a member.
pub(super) async fn remove(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    let user = super::admin_people::find(&accounts, fields.get("name")).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::leave(&tx, page.actor(), &group, &user, &Client::of(&page)).await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &group, done.await, &format!("{} has left the group.", user.name)).await
}

fn role(fields: &Fields) -> Result<Role, Refusal> {
    Role::from_word(fields.get("role")).ok_or_else(|| Refusal::Bad("Choose a role.".into()))
}

/// Gives everybody in the group a role in a scope.
pub(super) async fn grant(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::grant_group(&tx, page.actor(), &group, role(&fields)?, fields.get("scope"), &Client::of(&page)).await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &group, done.await, "The role is given.").await
}

/// Takes a role of the group.
pub(super) async fn revoke(
    State(accounts): State<Accounts>,
    page: CurrentUser,
    Path(name): Path<String>,
    fields: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::revoke_group(&tx, page.actor(), &group, role(&fields)?, fields.get("scope"), &Client::of(&page))
            .await?;
        Ok(tx.commit().await?)
    };
    answer(&accounts, &page, &group, done.await, "The role is taken.").await
}

/// Deletes a group.
pub(super) async fn delete(
    State(accounts): State<Accounts>,
    page: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> web::Result<Response> {
    let group = find(&accounts, &page.0, &name).await?;
    let done = async {
        let tx = accounts.hub.store.write().await?;
        member::dissolve(&tx, page.actor(), &group, &Client::of(&page)).await?;
        Ok::<_, Refusal>(tx.commit().await?)
    };
    match done.await {
        Ok(()) => {
            Ok(web::see_other_saying(&accounts.hub.settings, "/admin/groups", &format!("The group {name} is gone.")))
        }
        refused => answer(&accounts, &page.0, &group, refused, "").await,
    }
}
