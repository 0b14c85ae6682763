//! The pages of accounts.

mod admin_groups;
mod admin_people;
mod again;
mod audit;
mod check;
mod confirm;
mod device;
mod form;
mod fresh;
mod invitations;
mod login;
mod me;
mod oidc;
mod people;
mod register;
mod reset;
mod setup;
mod tokens;

use axum::Router;
use axum::routing::{get, post};

use crate::Accounts;

#[cfg(feature = "fuzz")]
pub(crate) use check::basic;

/// The routes, with absolute paths.
pub fn routes(accounts: Accounts) -> Router {
    Router::new()
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/register", get(register::show).post(register::submit))
        .route("/confirm/{secret}", get(confirm::show).post(confirm::submit))
        .route("/login", get(login::show).post(login::submit))
        .route("/auth/check", get(check::check))
        .route("/login/again", get(again::show).post(again::submit))
        .route("/logout", post(login::logout))
        .route("/reset", get(reset::show).post(reset::ask))
        .route("/reset/{secret}", get(reset::choose).post(reset::submit))
        .merge(mine())
        .merge(admin())
        .merge(oidc::routes())
        .route("/people/", get(people::list))
        .route("/people/.atom", get(people::joined))
        .route("/people/{name}", get(people::show))
        .route("/people/{name}/.atom", get(people::feed))
        .with_state(accounts)
}

fn mine() -> Router<Accounts> {
    Router::new()
        .route("/me", get(me::own).post(me::describe))
        .route("/me/addresses", get(me::addresses).post(me::add_address))
        .route("/me/addresses/primary", post(me::make_primary))
        .route("/me/addresses/remove", post(me::remove_address))
        .route("/me/password", get(me::password).post(me::change_password))
        .route("/me/sessions", get(me::sessions))
        .route("/me/sessions/end", post(me::end_session))
        .route("/me/tokens", get(tokens::list).post(tokens::make))
        .route("/me/tokens/revoke", post(tokens::revoke))
}

fn admin() -> Router<Accounts> {
    Router::new()
        .route("/admin/people", get(admin_people::list).post(admin_people::add))
        .route("/admin/people/{name}", get(admin_people::show))
        .route("/admin/people/{name}/state", post(admin_people::set_state))
        .route("/admin/people/{name}/grant", post(admin_people::grant))
        .route("/admin/people/{name}/revoke", post(admin_people::revoke))
        .route("/admin/people/{name}/reset", post(admin_people::reset_link))
        .route("/admin/people/{name}/sessions", post(admin_people::end_sessions))
        .route("/admin/groups", get(admin_groups::list).post(admin_groups::make))
        .route("/admin/groups/{name}", get(admin_groups::show).post(admin_groups::describe))
        .route("/admin/groups/{name}/members", post(admin_groups::add))
        .route("/admin/groups/{name}/remove", post(admin_groups::remove))
        .route("/admin/groups/{name}/grant", post(admin_groups::grant))
        .route("/admin/groups/{name}/revoke", post(admin_groups::revoke))
        .route("/admin/groups/{name}/delete", post(admin_groups::delete))
        .route("/admin/invitations", get(invitations::list).post(invitations::make))
        .route("/admin/invitations/revoke", post(invitations::revoke))
        .route("/admin/audit", get(audit::lines))
}
