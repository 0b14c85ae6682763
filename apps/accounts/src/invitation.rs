//! Invitations: a link by which somebody may sign up whatever the policy is.

use kernel::{Hub, context};
use people::participant::is_address;
use people::{Actor, User, may};
use store::Tx;

use crate::audit::{self, Client, Deed};
use crate::{Refusal, Ticket, letters, ticket};

/// Invites somebody and gives the path of the link; with an address the link is mailed there too.
pub async fn make(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    host: &User,
    address: &str,
    client: &Client,
) -> Result<String, Refusal> {
    if !may(actor, people::Role::Administrator, people::EVERYWHERE) {
        return Err(Refusal::Bad("Only administrators invite.".into()));
    }
    let address = address.trim();
    if !address.is_empty() && !is_address(address) {
        return Err(people::Refusal::BadAddress(address.to_owned()).into());
    }
    let secret = ticket::issue(tx, ticket::Kind::Invitation, None, address, &host.name).await?.secret;
    let path = format!("/register?invitation={secret}");
    audit::record(tx, actor, Deed::Invited, None, client, address).await?;
    if !address.is_empty() {
        let more =
            context! { host: shown(host), link: hub.url(&path), days: ticket::Kind::Invitation.life().num_days() };
        letters::send(tx, hub, "invitation", address, more).await?;
    }
    Ok(path)
}

/// Who invited: the name of a user.
pub fn host(invitation: &Ticket) -> String {
    invitation.data.clone()
}

fn shown(user: &User) -> &str {
    if user.display_name.is_empty() { &user.name } else { &user.display_name }
}

/// Takes an invitation back that nobody has used.
pub async fn take_back(tx: &Tx, actor: &Actor, id: i64, client: &Client) -> Result<(), Refusal> {
    let found = ticket::by_id(tx, id).await?.filter(|ticket| ticket.kind == ticket::Kind::Invitation.word());
    let Some(invitation) = found else { return Ok(()) };
    ticket::use_up(tx, invitation.id).await?;
    let detail = format!("took the invitation back: {}", invitation.address);
    audit::record(tx, actor, Deed::Invited, None, client, &detail).await?;
    Ok(())
}
