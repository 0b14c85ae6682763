//! The mail addresses of a user. An address that is not confirmed is a ticket and nothing else: it keeps nobody who
//! can confirm it from having it.

use kernel::{Hub, context};
use people::participant::{canonical, is_address};
use people::{Actor, User};
use store::Tx;

use crate::audit::{self, Client, Deed};
use crate::{Refusal, Ticket, letters, ticket};

/// Asks, by a mail to the address, whether it is the user's. Whether somebody else has it shows only in that mail.
pub async fn ask(tx: &Tx, user: &User, address: &str, client: &Client) -> Result<(), Refusal> {
    let address = canonical(address);
    if !is_address(&address) {
        return Err(people::Refusal::BadAddress(address).into());
    }
    let known = people::user::emails(tx, user.id).await?;
    if known.iter().any(|email| email.address == address && email.confirmed_at.is_some()) {
        return Err(Refusal::Bad(format!("{address} is yours already.")));
    }
    if ticket::living(tx, ticket::Kind::Address, Some(user.id), tx.now()).await?.len() >= 10 {
        return Err(Refusal::Bad("Ten of your addresses wait to be confirmed. Confirm or remove one first.".into()));
    }
    let issued = ticket::issue(tx, ticket::Kind::Address, Some(user.id), &address, "").await?;
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::AddressAsked, Some(user), client, &address).await?;
    crate::jobs::mail_address(tx, issued.id).await?;
    Ok(())
}

/// Confirms the address of a ticket, which is used up: what was ever written from it is the user's now.
pub async fn confirm(tx: &Tx, ticket: &Ticket, user: &User, client: &Client) -> Result<(), Refusal> {
    if !ticket::spend(tx, ticket).await? {
        return Err(Refusal::DeadTicket("Ask for a new one under Addresses."));
    }
    settle(tx, user, &ticket.address).await?;
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::AddressConfirmed, Some(user), client, &ticket.address).await?;
    Ok(())
}

/// Joins an address that is known to be the user's; the first one is where their mail goes.
pub(crate) async fn settle(tx: &Tx, user: &User, address: &str) -> Result<(), Refusal> {
    let is_first = people::user::emails(tx, user.id).await?.is_empty();
    people::user::add_email(tx, user.id, address, is_first).await?;
    people::user::confirm_email(tx, user.id, address).await?;
    let actor = people::user::actor(tx, user.id).await?;
    let event = journal::Event::EmailConfirmed { user: user.id.0, name: user.name.clone() };
    journal::append(tx, &actor, event)?;
    Ok(())
}

/// Takes an address from the user, confirmed or not.
pub async fn remove(tx: &Tx, actor: &Actor, user: &User, address: &str, client: &Client) -> Result<(), Refusal> {
    let address = canonical(address);
    for waiting in ticket::living(tx, ticket::Kind::Address, Some(user.id), tx.now()).await? {
        if waiting.address == address {
            ticket::use_up(tx, waiting.id).await?;
        }
    }
    people::profile::remove_email(tx, user.id, &address).await?;
    audit::record(tx, actor, Deed::AddressRemoved, Some(user), client, &address).await?;
    Ok(())
}

/// Lets the user's mail go to one of their confirmed addresses; the one before is told.
pub async fn make_primary(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    user: &User,
    address: &str,
    client: &Client,
) -> Result<(), Refusal> {
    let address = canonical(address);
    let emails = people::user::emails(tx, user.id).await?;
    let before = emails.iter().find(|email| email.is_primary && email.confirmed_at.is_some());
    people::profile::set_primary(tx, user.id, &address).await?;
    audit::record(tx, actor, Deed::AddressPrimary, Some(user), client, &address).await?;
    if let Some(before) = before.filter(|before| before.address != address) {
        let more = context! { name: user.name, chosen: address, reset: hub.url("/reset") };
        letters::send(tx, hub, "moved", &before.address, more).await?;
    }
    Ok(())
}
