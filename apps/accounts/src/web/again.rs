//! Showing the password again, for a program that wants to be sure who sits there now.

use axum::extract::{Query, State};
use axum::response::Response;
use kernel::context;
use web::{CurrentUser, Fields};

use super::form::{self, Errors};
use super::{fresh, login};
use crate::Accounts;

/// The form.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    Query(asked): Query<login::Asked>,
) -> web::Result<Response> {
    let response = user.render("accounts/login.again.html", context_of(&user, &asked.next, Errors::new()))?;
    Ok(login::leading_to(&accounts, response, &asked.next).await)
}

fn context_of(user: &CurrentUser, next: &str, errors: Errors) -> kernel::Context {
    context! { title: "Show your password again", name: user.seat.user.name, next: form::next(next), errors }
}

/// Notes that the password was shown, and goes on.
pub(super) async fn submit(
    State(accounts): State<Accounts>,
    user: CurrentUser,
    fields: Fields,
) -> web::Result<Response> {
    let next = fields.get("next").to_owned();
    match (&user.seat.session, fresh::check(&accounts, &user, &fields).await) {
        (Some(session), Ok(())) => {
            let tx = accounts.hub.store.write().await?;
            web::session::confirmed(&tx, session.id).await?;
            tx.commit().await?;
            let mut response = web::see_other(form::next(&next));
            if next.starts_with("/oidc/authorize?") {
                super::oidc::keep_opener(&mut response);
            }
            Ok(response)
        }
        (None, _) => Err(web::Error::SignIn),
        (_, Err(refusal)) => {
            let response =
                user.refuse("accounts/login.again.html", context_of(&user, &next, form::explain(refusal)?))?;
            Ok(login::leading_to(&accounts, response, &next).await)
        }
    }
}
