//! The programs that may let people in by their account here.

use people::{Actor, EVERYWHERE, Role, may};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use store::Tx;
use subtle::ConstantTimeEq;
use url::Url;

use crate::Refusal;
use crate::audit::{self, Deed};
use crate::entity::oidc_client;

pub use crate::entity::oidc_client::Model as Client;

/// What an administrator says of a program.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub name: String,
    /// One a line.
    pub redirect_uris: String,
    pub required_group: String,
    pub is_public: bool,
    pub is_trusted: bool,
}

/// A program that was just registered, with the secret that is shown once; a public one has none.
pub struct Registered {
    pub client: Client,
    pub secret: Option<String>,
}

/// Registers a program.
pub async fn register(tx: &Tx, actor: &Actor, wish: &Wish, from: &audit::Client) -> Result<Registered, Refusal> {
    administers(actor)?;
    let name: String = wish.name.trim().chars().filter(|c| !c.is_control()).take(100).collect();
    if name.is_empty() {
        return Err(Refusal::Bad("Say what the program is called.".into()));
    }
    let uris: Vec<&str> = wish.redirect_uris.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if uris.is_empty() || uris.len() > 50 {
        return Err(Refusal::Bad("Give 1 to 50 addresses to which the program wants people back.".into()));
    }
    for uri in &uris {
        checked_uri(uri)?;
    }
    let group = wish.required_group.trim();
    if !group.is_empty() && people::group::by_name(tx, group).await?.is_none() {
        return Err(people::Refusal::NoSuchGroup(group.to_owned()).into());
    }
    let secret = (!wish.is_public).then(web::session::draw_secret);
    let row = oidc_client::ActiveModel {
        client_id: Set(format!("c{}", &web::session::draw_secret().replace(['-', '_'], "0")[..20])),
        secret_hash: Set(secret.as_deref().map(people::token::hash).unwrap_or_default()),
        name: Set(name),
        redirect_uris: Set(uris.join("\n")),
        required_group: Set(group.to_owned()),
        is_public: Set(wish.is_public),
        is_trusted: Set(wish.is_trusted),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let client = row.insert(tx).await?;
    audit::record(tx, actor, Deed::ProgramChanged, None, from, &format!("registered {}", client.name)).await?;
    Ok(Registered { client, secret })
}

/// Deletes a program; every token of it ends with it.
pub async fn remove(tx: &Tx, actor: &Actor, id: i64, from: &audit::Client) -> Result<(), Refusal> {
    administers(actor)?;
    let Some(client) = oidc_client::Entity::find_by_id(id).one(tx).await? else { return Ok(()) };
    oidc_client::Entity::delete_by_id(id).exec(tx).await?;
    audit::record(tx, actor, Deed::ProgramChanged, None, from, &format!("removed {}", client.name)).await?;
    Ok(())
}

/// All programs by name.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Client>, DbErr> {
    oidc_client::Entity::find().order_by_asc(oidc_client::Column::Name).all(conn).await
}

/// The program of a `client_id`.
pub async fn find(conn: &impl ConnectionTrait, client_id: &str) -> Result<Option<Client>, DbErr> {
    oidc_client::Entity::find().filter(oidc_client::Column::ClientId.eq(client_id)).one(conn).await
}

/// The program of a row.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Client>, DbErr> {
    oidc_client::Entity::find_by_id(id).one(conn).await
}

impl Client {
    /// Whether people may be sent to this address: it is registered, character by character; a program on somebody's
    /// own machine may choose the port (RFC 8252 section 7.3).
    pub fn may_return_to(&self, uri: &str) -> bool {
        let loopback = |text: &str| {
            let mut url = Url::parse(text).ok()?;
            let is_loopback = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
            (is_loopback && url.fragment().is_none() && url.set_port(None).is_ok()).then(|| url.to_string())
        };
        self.redirect_uris.lines().any(|known| {
            known == uri || (self.is_public && loopback(uri).is_some_and(|wanted| loopback(known) == Some(wanted)))
        })
    }

    /// Whether this is its secret.
    pub fn has_secret(&self, secret: &str) -> bool {
        let hash = people::token::hash(secret);
        !self.secret_hash.is_empty() && bool::from(hash.as_bytes().ct_eq(self.secret_hash.as_bytes()))
    }
}

fn checked_uri(text: &str) -> Result<(), Refusal> {
    let bad = |why: &str| Err(Refusal::Bad(format!("{text} cannot be an address to return to: {why}.")));
    let Ok(url) = Url::parse(text) else { return bad("write it whole, like https://wiki.example.org/callback") };
    if text.contains('#') || text.contains('*') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return bad("it must have no fragment, no * and no blank");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")) => Ok(()),
        "http" => bad("http is for programs on the same machine; use https"),
        scheme if scheme.contains('.') => Ok(()),
        _ => bad("its scheme is not https, and not one of an app like org.example.app"),
    }
}

fn administers(actor: &Actor) -> Result<(), Refusal> {
    let may = may(actor, Role::Administrator, EVERYWHERE);
    if may { Ok(()) } else { Err(Refusal::Bad("Only administrators of the hub may do that.".into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(uris: &str, is_public: bool) -> Client {
        Client {
            id: 1,
            client_id: "c1".into(),
            secret_hash: String::new(),
            name: "Wiki".into(),
            redirect_uris: uris.into(),
            required_group: String::new(),
            is_public,
            is_trusted: false,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn people_are_sent_only_to_an_address_that_is_registered_to_the_letter() {
        let wiki = client("https://wiki.example/cb\nhttps://wiki.example/cb?tenant=1", false);
        assert!(wiki.may_return_to("https://wiki.example/cb"));
        assert!(wiki.may_return_to("https://wiki.example/cb?tenant=1"));
        for other in [
            "",
            "https://wiki.example/cb/",
            "https://wiki.example/cb?x=1",
            "https://wiki.example/CB",
            "https://wiki.example:443/cb",
            "http://wiki.example/cb",
            "https://wiki.example.evil/cb",
            "https://wiki.example/cb#x",
            "https://wiki.example/cb\n",
        ] {
            assert!(!wiki.may_return_to(other), "{other}");
        }
    }

    #[test]
    fn a_native_program_chooses_its_port_and_nothing_else() {
        let native = client("http://127.0.0.1/cb", true);
        assert!(native.may_return_to("http://127.0.0.1:51004/cb"));
        for other in [
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1.evil:1/cb",
            "https://127.0.0.1:1/cb",
            "http://localhost:1/cb",
        ] {
            assert!(!native.may_return_to(other), "{other}");
        }
        assert!(!client("http://127.0.0.1/cb", false).may_return_to("http://127.0.0.1:51004/cb"));
    }

    #[test]
    fn only_sound_addresses_can_be_registered() {
        for good in ["https://a.example/cb", "http://localhost:3000/cb", "http://[::1]/cb", "org.example.app:/cb"] {
            assert!(checked_uri(good).is_ok(), "{good}");
        }
        for bad in [
            "a.example/cb",
            "http://a.example/cb",
            "https://a.example/cb#x",
            "https://*.example/cb",
            "javascript:alert(1)",
            "data:x",
        ] {
            assert!(checked_uri(bad).is_err(), "{bad}");
        }
    }
}
