//! Mails that are written after the answer, so that the answer tells nobody which addresses are known; and sweeping.

use async_trait::async_trait;
use chrono::Duration;
use jobs::{Every, Job, JobError};
use kernel::{Hub, context};
use people::UserId;
use serde_json::{Value, json};
use store::{StoreError, Tx};

use crate::{Refusal, Ticket, audit, letters, oidc, ticket};

/// All jobs of accounts.
pub fn all() -> Vec<std::sync::Arc<dyn Job>> {
    vec![
        std::sync::Arc::new(MailSignup),
        std::sync::Arc::new(MailAddress),
        std::sync::Arc::new(MailReset),
        std::sync::Arc::new(SweepAccounts),
    ]
}

/// Lets a mail go out about the ticket of a sign-up.
pub(crate) async fn mail_signup(tx: &Tx, ticket: i64) -> Result<(), StoreError> {
    jobs::enqueue(tx, "MailSignup", &ticket.to_string(), json!(ticket)).await
}

/// Lets a mail go out that asks whether the address of a ticket is a user's.
pub(crate) async fn mail_address(tx: &Tx, ticket: i64) -> Result<(), StoreError> {
    jobs::enqueue(tx, "MailAddress", &ticket.to_string(), json!(ticket)).await
}

/// Lets a mail go out with a reset link, when `who` is the name or an address of somebody.
pub async fn mail_reset(tx: &Tx, who: &str) -> Result<(), StoreError> {
    let who = people::participant::canonical(who);
    jobs::enqueue(tx, "MailReset", &who, json!(who)).await
}

async fn ticket_of(tx: &Tx, payload: &Value) -> Result<Option<Ticket>, JobError> {
    let id = payload.as_i64().ok_or_else(|| JobError::Fail("The payload is the number of a ticket.".into()))?;
    Ok(ticket::by_id(tx, id).await?.filter(|ticket| ticket.expires_at > tx.now() && !ticket::is_used(ticket)))
}

impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            refusal => Self::Fail(refusal.to_string()),
        }
    }
}

/// Mails the link that confirms a sign-up, or to somebody who has an account already, that they have.
struct MailSignup;

#[async_trait]
impl Job for MailSignup {
    fn name(&self) -> &'static str {
        "MailSignup"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let tx = hub.store.write().await?;
        let Some(ticket) = ticket_of(&tx, &payload).await? else { return Ok(()) };
        let address = &ticket.address;
        if let Some(user) = people::user::by_email(&tx, address).await? {
            ticket::use_up(&tx, ticket.id).await?;
            let more = context! { name: user.name, login: hub.url("/login"), reset: hub.url("/reset") };
            letters::send(&tx, hub, "known", address, more).await?;
        } else {
            let secret = ticket::renew(&tx, ticket.id).await?;
            let name = crate::signup::wish(&ticket)?.name;
            let more = context! { name, link: hub.url(&format!("/confirm/{secret}")) };
            letters::send(&tx, hub, "signup", address, more).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Mails the link that confirms a further address.
struct MailAddress;

#[async_trait]
impl Job for MailAddress {
    fn name(&self) -> &'static str {
        "MailAddress"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let tx = hub.store.write().await?;
        let Some(ticket) = ticket_of(&tx, &payload).await? else { return Ok(()) };
        let Some(user) = people::user::by_id(&tx, ticket.user_id.unwrap_or(UserId(0))).await? else { return Ok(()) };
        let address = &ticket.address;
        match people::user::by_email(&tx, address).await? {
            Some(other) if other.id != user.id => {
                ticket::use_up(&tx, ticket.id).await?;
                let more = context! { name: user.name, other: other.name };
                letters::send(&tx, hub, "taken", address, more).await?;
            }
            _ => {
                let secret = ticket::renew(&tx, ticket.id).await?;
                let more = context! { name: user.name, link: hub.url(&format!("/confirm/{secret}")) };
                letters::send(&tx, hub, "address", address, more).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

/// Mails the link by which somebody chooses a new password; an unknown address gets nothing.
struct MailReset;

#[async_trait]
impl Job for MailReset {
    fn name(&self) -> &'static str {
        "MailReset"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let who = payload.as_str().unwrap_or_default().to_owned();
        let tx = hub.store.write().await?;
        let user = match people::user::by_email(&tx, &who).await? {
            Some(user) => Some(user),
            None => people::user::by_name(&tx, &who).await?,
        };
        let Some(user) = user.filter(|user| user.state == "active") else { return Ok(()) };
        let emails = people::user::emails(&tx, user.id).await?;
        let confirmed = || emails.iter().filter(|email| email.confirmed_at.is_some());
        // The address that was typed, when it is theirs; else the one to which their mail goes.
        let Some(to) = confirmed().find(|email| email.address == who).or_else(|| confirmed().next()) else {
            return Ok(());
        };
        let secret = ticket::issue(&tx, ticket::Kind::Reset, Some(user.id), "", "").await?.secret;
        let minutes = ticket::Kind::Reset.life().num_minutes();
        let more = context! { name: user.name, link: hub.url(&format!("/reset/{secret}")), minutes };
        letters::send(&tx, hub, "reset", &to.address, more).await?;
        Ok(tx.commit().await?)
    }
}

/// Deletes sessions, tickets and tokens that have ended and refusals that are old, and rotates the signing key.
struct SweepAccounts;

#[async_trait]
impl Job for SweepAccounts {
    fn name(&self) -> &'static str {
        "SweepAccounts"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::hours(1)))
    }

    async fn run(&self, hub: &Hub, _: Value) -> Result<(), JobError> {
        let tx = hub.store.write().await?;
        let (sessions, tickets) = (web::session::sweep(&tx).await?, ticket::sweep(&tx).await?);
        let lines = audit::sweep(&tx).await?;
        oidc::grant::sweep(&tx).await?;
        oidc::key::tend(&tx).await?;
        tx.commit().await?;
        tracing::debug!(sessions, tickets, lines, "swept what had ended");
        Ok(())
    }
}
