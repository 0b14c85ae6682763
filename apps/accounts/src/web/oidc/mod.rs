//! The endpoints of the OpenID provider, and the pages of those who register programs and let them know of them.

mod authorize;
mod clients;
mod discovery;
mod programs;
mod token;
mod userinfo;

pub(super) use authorize::{allow_form_to, keep_opener, origin_of};

use axum::Router;
use axum::routing::{get, post};

use crate::Accounts;

/// The routes, with absolute paths.
pub fn routes() -> Router<Accounts> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/oauth-authorization-server", get(discovery::configuration))
        .route("/oidc/jwks", get(discovery::jwks))
        .route("/oidc/authorize", get(authorize::ask).post(authorize::ask_by_post))
        .route("/oidc/consent", post(authorize::consent))
        .route("/oidc/token", post(token::exchange).options(discovery::preflight))
        .route("/oidc/userinfo", get(userinfo::show).post(userinfo::show_by_post).options(discovery::preflight))
        .route("/me/programs", get(programs::list))
        .route("/me/programs/end", post(programs::end))
        .route("/admin/programs", get(clients::list).post(clients::register))
        .route("/admin/programs/remove", post(clients::remove))
        .route("/admin/programs/rotate", post(clients::rotate))
}
