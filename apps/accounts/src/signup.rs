//! Signing up. Nobody has an account before it is due: what a stranger typed waits on a ticket, so that a name or an
//! address is never held by somebody who did not show that the address is theirs.

use kernel::Hub;
use people::{Actor, EVERYWHERE, Role, User};
use serde::{Deserialize, Serialize};
use store::Tx;

use crate::audit::{self, Client, Deed};
use crate::config::Signup;
use crate::{Refusal, Ticket, address, password, ticket};

/// What somebody wants to be here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Wish {
    pub name: String,
    pub display_name: String,
    #[serde(skip)]
    pub address: String,
    /// The hash of the password.
    pub hash: String,
    /// Who invited them, when somebody did; nobody has to let them in then.
    pub invited_by: Option<String>,
}

/// What came of a sign-up.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The account is there and open.
    Joined(User),
    /// A mail says how to go on.
    AskedByMail,
}

/// Takes a sign-up. Whether the address is known shows only in the mail that it gets.
pub async fn ask(
    tx: &Tx,
    policy: Signup,
    wish: Wish,
    invitation: Option<&Ticket>,
    client: &Client,
) -> Result<Answer, Refusal> {
    let mut wish = wish;
    wish.name = people::user::checked_name(&wish.name)?;
    if people::user::by_name(tx, &wish.name).await?.is_some() {
        return Err(people::Refusal::NameTaken(wish.name).into());
    }
    if !people::participant::is_address(&wish.address) {
        return Err(people::Refusal::BadAddress(wish.address).into());
    }
    match (policy, invitation) {
        (_, Some(_)) | (Signup::Open | Signup::Confirm | Signup::Approve, None) => {}
        (Signup::Invite, None) => return Err(Refusal::InviteOnly),
        (Signup::Closed, None) => return Err(Refusal::Closed),
    }
    if let Some(invitation) = invitation {
        wish.invited_by = Some(crate::invitation::host(invitation));
        // The mail with the invitation has shown that the address is theirs.
        let same = people::participant::canonical(&wish.address) == invitation.address;
        if same && people::user::by_email(tx, &wish.address).await?.is_none() {
            spend(tx, invitation).await?;
            let user = join(tx, &wish, "active", client).await?;
            address::settle(tx, &user, &wish.address).await?;
            return Ok(Answer::Joined(user));
        }
        spend(tx, invitation).await?;
    }
    if policy == Signup::Open && invitation.is_none() {
        let user = join(tx, &wish, "active", client).await?;
        address::ask(tx, &user, &wish.address, client).await?;
        return Ok(Answer::Joined(user));
    }
    let data = serde_json::to_string(&wish).map_err(|error| Refusal::Bad(error.to_string()))?;
    let issued = ticket::issue(tx, ticket::Kind::Signup, None, &wish.address, &data).await?;
    audit::record(tx, &Actor::Anonymous, Deed::SignedUp, None, client, &wish.name).await?;
    crate::jobs::mail_signup(tx, issued.id).await?;
    Ok(Answer::AskedByMail)
}

/// What the ticket of a sign-up holds.
pub fn wish(ticket: &Ticket) -> Result<Wish, Refusal> {
    let wish: Wish = serde_json::from_str(&ticket.data).map_err(|_| Refusal::DeadTicket("Sign up again."))?;
    Ok(Wish { address: ticket.address.clone(), ..wish })
}

/// Opens the account of a sign-up whose address was confirmed by its link; `name` stands in for a name that somebody
/// else took meanwhile. Under the policy `approve` it waits for an administrator.
pub async fn confirm(
    tx: &Tx,
    hub: &Hub,
    policy: Signup,
    ticket: &Ticket,
    name: Option<&str>,
    client: &Client,
) -> Result<User, Refusal> {
    let mut wish = wish(ticket)?;
    if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
        wish.name = name.to_owned();
    }
    if !ticket::spend(tx, ticket).await? {
        return Err(Refusal::DeadTicket("Sign up again."));
    }
    let waits = policy == Signup::Approve && wish.invited_by.is_none();
    let user = join(tx, &wish, if waits { "waiting" } else { "active" }, client).await?;
    address::settle(tx, &user, &wish.address).await?;
    if waits {
        tell_administrators(tx, hub, &user).await?;
    }
    Ok(user)
}

/// Lets somebody in who waited for it.
pub async fn approve(tx: &Tx, hub: &Hub, actor: &Actor, user: &User, client: &Client) -> Result<(), Refusal> {
    crate::member::set_state(tx, actor, user, "active", client).await?;
    welcome(tx, user, client).await?;
    for email in people::user::emails(tx, user.id).await?.iter().filter(|email| email.confirmed_at.is_some()).take(1) {
        let more = kernel::context! { name: user.name, login: hub.url("/login") };
        crate::letters::send(tx, hub, "approved", &email.address, more).await?;
    }
    Ok(())
}

/// Says in the journal that somebody has an account now.
pub async fn welcome(tx: &Tx, user: &User, client: &Client) -> Result<(), Refusal> {
    let actor = people::user::actor(tx, user.id).await?;
    audit::record(tx, &actor, Deed::Joined, Some(user), client, "").await?;
    let event = journal::Event::PersonJoined { user: user.id.0, name: user.name.clone() };
    journal::append(tx, &actor, event)?;
    Ok(())
}

async fn spend(tx: &Tx, invitation: &Ticket) -> Result<(), Refusal> {
    let spent = ticket::use_up(tx, invitation.id).await?;
    if spent { Ok(()) } else { Err(Refusal::DeadTicket("Ask for another invitation.")) }
}

async fn join(tx: &Tx, wish: &Wish, state: &str, client: &Client) -> Result<User, Refusal> {
    let user = people::user::make(tx, &wish.name, &wish.display_name, state).await?;
    password::keep(tx, user.id, wish.hash.clone()).await?;
    if state == "active" {
        welcome(tx, &user, client).await?;
    }
    Ok(user)
}

async fn tell_administrators(tx: &Tx, hub: &Hub, user: &User) -> Result<(), Refusal> {
    let admins = people::user::holders(tx, Role::Administrator, EVERYWHERE).await?;
    for (_, _, address) in people::user::mail_addresses(tx, admins).await? {
        let page = hub.url(&format!("/admin/people/{}", user.name));
        let more = kernel::context! { name: user.name, display_name: user.display_name, page };
        crate::letters::send(tx, hub, "waiting", &address, more).await?;
    }
    Ok(())
}
