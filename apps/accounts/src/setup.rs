//! Setting the hub up: the first administrator comes in by a link that `guildhall serve` prints.

use kernel::Hub;
use people::{Actor, EVERYWHERE, Role, User};
use sea_orm::{ConnectionTrait, DbErr};
use store::{StoreError, Tx};

use crate::audit::{self, Client, Deed};
use crate::{Refusal, Ticket, password, ticket};

/// Whether nobody administers the hub yet.
pub async fn is_needed(hub: &Hub) -> Result<bool, StoreError> {
    Ok(nobody_administers(&hub.store.read()).await?)
}

async fn nobody_administers(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(people::user::holders(conn, Role::Administrator, EVERYWHERE).await?.is_empty())
}

/// Draws the setup link anew; links that were drawn before end.
pub async fn link(hub: &Hub) -> Result<String, StoreError> {
    let tx = hub.store.write().await?;
    let secret = ticket::issue(&tx, ticket::Kind::Setup, None, "", "").await?.secret;
    tx.commit().await?;
    Ok(hub.url(&format!("/setup?token={secret}")))
}

/// What the setup page asks of the first administrator.
#[derive(Clone, Debug, Default)]
pub struct First {
    pub name: String,
    pub display_name: String,
    pub address: String,
    /// The hash of the password.
    pub hash: String,
}

/// Makes the first administrator and uses the setup link up. The address counts as confirmed: whoever reads the
/// output of the service may say so.
pub async fn finish(tx: &Tx, ticket: &Ticket, first: First, client: &Client) -> Result<User, Refusal> {
    if !ticket::use_up(tx, ticket.id).await? || !nobody_administers(tx).await? {
        return Err(Refusal::DeadTicket("This hub has an administrator. Log in."));
    }
    let user = people::user::create(tx, &first.name, &first.display_name, &first.address, true, "active").await?;
    password::keep(tx, user.id, first.hash).await?;
    people::user::grant(tx, user.id, Role::Administrator, EVERYWHERE).await?;
    audit::record(tx, &Actor::system("setup"), Deed::SetUp, Some(&user), client, "").await?;
    crate::signup::welcome(tx, &user, client).await?;
    Ok(user)
}
