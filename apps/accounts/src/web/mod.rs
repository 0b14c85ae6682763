//! The pages of accounts.

mod confirm;
mod device;
mod form;
mod fresh;
mod login;
mod me;
mod register;
mod reset;
mod setup;

use axum::Router;
use axum::routing::{get, post};

use crate::Accounts;

/// The routes, with absolute paths.
pub fn routes(accounts: Accounts) -> Router {
    Router::new()
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/register", get(register::show).post(register::submit))
        .route("/confirm/{secret}", get(confirm::show).post(confirm::submit))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(login::logout))
        .route("/reset", get(reset::show).post(reset::ask))
        .route("/reset/{secret}", get(reset::choose).post(reset::submit))
        .merge(mine())
        .with_state(accounts)
}

fn mine() -> Router<Accounts> {
    Router::new()
        .route("/me", get(me::profile).post(me::describe))
        .route("/me/addresses", get(me::addresses).post(me::add_address))
        .route("/me/addresses/primary", post(me::make_primary))
        .route("/me/addresses/remove", post(me::remove_address))
        .route("/me/password", get(me::password).post(me::change_password))
        .route("/me/sessions", get(me::sessions))
        .route("/me/sessions/end", post(me::end_session))
}
