//! Signing up.

use axum::extract::{Query, State};
use axum::response::Response;
use kernel::context;
use serde::Deserialize;
use web::{Fields, Page};

use super::form::{self, Errors};
use crate::audit::Client;
use crate::signup::{self, Answer, Wish};
use crate::{Accounts, Refusal, Signup, Ticket, password, strength, ticket};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    invitation: String,
}

/// The form, or why there is none.
pub(super) async fn show(
    State(accounts): State<Accounts>,
    page: Page,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    if page.seat().is_some() {
        return Ok(web::see_other("/me"));
    }
    let invitation = invitation(&accounts, &asked.invitation).await?;
    let closed = match accounts.config.signup {
        _ if invitation.is_some() => None,
        _ if !asked.invitation.is_empty() => Some(Refusal::DeadTicket("Ask for another invitation.")),
        Signup::Closed => Some(Refusal::Closed),
        Signup::Invite => Some(Refusal::InviteOnly),
        Signup::Open | Signup::Confirm | Signup::Approve => None,
    };
    let mut fields = Fields::default();
    if let Some(invitation) = &invitation {
        fields.0.push(("address".into(), invitation.address.clone()));
        fields.0.push(("invitation".into(), asked.invitation.clone()));
    }
    let mut context = context_of(&accounts, &fields, Errors::new());
    context.insert("closed", &closed.map(|refusal| refusal.to_string()));
    context.insert("host", &invitation.as_ref().map(crate::invitation::host));
    page.render("accounts/register.form.html", context)
}

async fn invitation(accounts: &Accounts, secret: &str) -> web::Result<Option<Ticket>> {
    Ok(ticket::find(&accounts.hub.store.read(), ticket::Kind::Invitation, secret, accounts.hub.now()).await?)
}

fn context_of(accounts: &Accounts, fields: &Fields, errors: Errors) -> kernel::Context {
    context! {
        title: "Sign up", errors, name: fields.get("name"), display_name: fields.get("display_name"),
        address: fields.get("address"), invitation: fields.get("invitation"), closed: None::<String>,
        host: None::<String>, approve: accounts.config.signup == Signup::Approve,
        open: accounts.config.signup == Signup::Open,
    }
}

/// Takes a sign-up.
pub(super) async fn submit(State(accounts): State<Accounts>, page: Page, fields: Fields) -> web::Result<Response> {
    accounts.letters.take(page.client())?;
    let client = Client::of(&page);
    let faults = faults(&accounts, &fields).await?;
    if !faults.is_empty() {
        return page.refuse("accounts/register.form.html", context_of(&accounts, &fields, faults));
    }
    match ask(&accounts, &fields, &client).await {
        Ok(Answer::Joined(user)) => super::login::open_session(&accounts, &user, &user.name, &client, "/me").await,
        Ok(Answer::AskedByMail) => {
            let hours = ticket::Kind::Signup.life().num_hours();
            let context = context! { title: "Read your mail", address: fields.get("address"), hours };
            page.render("accounts/register.sent.html", context)
        }
        Err(refusal) => {
            page.refuse("accounts/register.form.html", context_of(&accounts, &fields, form::explain(refusal)?))
        }
    }
}

/// Everything that is wrong with a sign-up, so that it is told at once.
async fn faults(accounts: &Accounts, fields: &Fields) -> web::Result<Errors> {
    let (name, address) = (fields.get("name"), fields.get("address"));
    let mut refusals: Vec<Refusal> = Vec::new();
    match people::user::checked_name(name) {
        Err(refusal) => refusals.push(refusal.into()),
        Ok(name) if people::user::by_name(&accounts.hub.store.read(), &name).await?.is_some() => {
            refusals.push(people::Refusal::NameTaken(name).into());
        }
        Ok(_) => {}
    }
    if !people::participant::is_address(address) {
        refusals.push(people::Refusal::BadAddress(address.to_owned()).into());
    }
    let judged = strength::judge(form::password(fields, "password"), &known(accounts, fields));
    refusals.extend(judged.err().map(Refusal::WeakPassword));
    let mut errors = Errors::new();
    for refusal in refusals {
        errors.append(&mut form::explain(refusal)?);
    }
    Ok(errors)
}

/// What is known of somebody who signs up: a password made of it is easy to guess.
fn known<'f>(accounts: &'f Accounts, fields: &'f Fields) -> [&'f str; 4] {
    [fields.get("name"), fields.get("address"), fields.get("display_name"), accounts.hub.settings.name.as_str()]
}

async fn ask(accounts: &Accounts, fields: &Fields, client: &Client) -> Result<Answer, Refusal> {
    let (name, address) = (fields.get("name"), fields.get("address"));
    let typed = form::password(fields, "password");
    let hash = password::prepare(&accounts.hasher, typed, &known(accounts, fields)).await?;
    let wish = Wish {
        name: name.into(),
        display_name: form::line(fields.get("display_name")),
        address: address.into(),
        hash,
        invited_by: None,
    };
    let tx = accounts.hub.store.write().await?;
    let invitation = ticket::find(&tx, ticket::Kind::Invitation, fields.get("invitation"), tx.now()).await?;
    let answer = signup::ask(&tx, accounts.config.signup, wish, invitation.as_ref(), client).await?;
    tx.commit().await?;
    Ok(answer)
}
