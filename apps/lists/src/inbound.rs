//! What an address of a list does with a mail.

use async_trait::async_trait;
use kernel::{Hub, context};
use mail::{Accepts, Failure, Fate, Inbound, Mailbox, Raw, Rcpt, Recipient, Relay, ReturnPath};
use people::{Actor, participant};
use store::{StoreError, Tx};

use crate::commands::{self, Command};
use crate::list::{self, List};
use crate::notice::{Notice, deciders, describe};
use crate::post::{self, Outcome, Submission};
use crate::route::{self, Role};
use crate::{Refusal, answer, bounce, delivery, held, subscription};

/// The addresses of all lists.
pub struct ListMailbox(pub Hub);

#[async_trait]
impl Mailbox for ListMailbox {
    fn name(&self) -> &'static str {
        "lists"
    }

    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        let found = find(&hub.store.read(), hub, rcpt).await?;
        Ok(if found.is_some() { Accepts::Mine } else { Accepts::NotMine })
    }

    async fn hold(&self, tx: &Tx, rcpts: &[Rcpt]) -> Result<(), Failure> {
        let meanings = rcpts.iter().flat_map(|rcpt| route::meanings(&rcpt.local));
        Ok(list::hold(tx, meanings.map(|(name, _)| name).collect()).await?)
    }

    async fn deliver(&self, tx: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure> {
        let hub = &self.0;
        let Some((list, role)) = find(tx, hub, rcpt).await? else {
            return Ok(Fate::Refused(format!("There is no list at {}.", rcpt.address)));
        };
        let fate = match role {
            Role::Post => take_post(tx, hub, &list, mail).await,
            Role::Join => robot(tx, hub, &list, mail, vec![Command::Join]).await,
            Role::Leave => robot(tx, hub, &list, mail, vec![Command::Leave]).await,
            Role::Confirm(secret) => confirm(tx, hub, &list, mail, &secret).await,
            Role::Request => {
                let read = commands::read(&mail.message.subject, mail.message.text());
                robot(tx, hub, &list, mail, read).await
            }
            Role::Owner => forward(tx, hub, &list, mail).await,
            Role::Bounces => take_bounce(tx, hub, &list, rcpt, mail).await,
        };
        match fate {
            Ok(fate) => Ok(fate),
            Err(Refusal::Store(error)) => Err(error.into()),
            Err(Refusal::People(people::Refusal::Store(error))) => Err(error.into()),
            Err(refusal) => Ok(Fate::Refused(refusal.to_string())),
        }
    }
}

/// The list that an address belongs to, and what the address is for.
async fn find(
    conn: &impl sea_orm::ConnectionTrait,
    hub: &Hub,
    rcpt: &Rcpt,
) -> Result<Option<(List, Role)>, StoreError> {
    if !rcpt.domain.eq_ignore_ascii_case(&hub.settings.mail_domain) {
        return Ok(None);
    }
    for (name, role) in route::meanings(&rcpt.local) {
        if let Some(list) = list::by_name(conn, &name).await? {
            return Ok(Some((list, role)));
        }
    }
    Ok(None)
}

async fn author(tx: &Tx, mail: &Inbound) -> Result<Actor, Refusal> {
    let from = &mail.message.from;
    if participant::is_address(&from.address) {
        return Ok(participant::actor_of(tx, &from.name, &from.address).await?);
    }
    Ok(Actor::Anonymous)
}

async fn take_post(tx: &Tx, hub: &Hub, list: &List, mail: &Inbound) -> Result<Fate, Refusal> {
    let actor = author(tx, mail).await?;
    let submission = Submission {
        raw: &mail.raw,
        blob: &mail.blob,
        message: &mail.message,
        envelope_from: Some(&mail.envelope_from),
        is_hub: mail.via == "hub",
    };
    Ok(match post::submit(tx, hub, &actor, list, submission).await? {
        Outcome::Rejected(reason) => {
            let cause = format!("rejected {}", list.name);
            if answer::may_once(tx, &cause, &mail.envelope_from).await? {
                Fate::Refused(reason)
            } else {
                Fate::Dropped(reason)
            }
        }
        Outcome::Posted(_) => Fate::Accepted,
        Outcome::Held(_, reason) => Fate::Held(reason),
        Outcome::Discarded(reason) => Fate::Dropped(reason),
    })
}

/// Does what a mail to one of the robot's addresses asks. Robots get no answer, and nobody gets very many.
async fn robot(tx: &Tx, hub: &Hub, list: &List, mail: &Inbound, read: Vec<Command>) -> Result<Fate, Refusal> {
    let sender = &mail.message.from.address;
    if mail.is_automatic()
        || is_ours(hub, sender)
        || !participant::is_address(sender)
        || !answer::may(tx, sender).await?
    {
        return Ok(Fate::Accepted);
    }
    let name = &mail.message.from.name;
    let id = Some(mail.message.message_id.as_str());
    let mut unknown = Vec::new();
    let mut wants_help = read.is_empty();
    for command in read {
        match command {
            Command::Join => subscription::ask_to_join(tx, hub, list, name, sender, id).await?,
            Command::Leave => subscription::ask_to_leave(tx, hub, list, sender, id).await?,
            Command::Confirm(secret) => {
                use_secret(tx, hub, list, mail, &secret).await?;
            }
            Command::Help | Command::Info => wants_help = true,
            Command::Unknown(line) => unknown.push(line),
        }
    }
    if wants_help || !unknown.is_empty() {
        let notice = Notice::to(sender, "help", context! { unknown, list: describe(hub, list) });
        notice.answering(&mail.message.message_id).send(tx, hub, list).await?;
    }
    Ok(Fate::Accepted)
}

/// Whether an address is one that a robot of this hub sends from, so that two robots never talk to each other.
pub(crate) fn is_ours(hub: &Hub, address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let roles = ["-owner", "-request", "-bounces", "-confirm", "-join", "-leave", "-subscribe", "-unsubscribe"];
    domain.eq_ignore_ascii_case(&hub.settings.mail_domain) && roles.iter().any(|role| local.contains(role))
}

async fn confirm(tx: &Tx, hub: &Hub, list: &List, mail: &Inbound, secret: &str) -> Result<Fate, Refusal> {
    if mail.is_automatic() {
        return Ok(Fate::Accepted);
    }
    if !use_secret(tx, hub, list, mail, secret).await? && answer::may(tx, &mail.envelope_from).await? {
        return Ok(Fate::Refused(Refusal::NoSuchSecret.to_string()));
    }
    Ok(Fate::Accepted)
}

/// Uses a secret that came by mail: a confirmation, or a moderator's decision. False when it stands for nothing.
async fn use_secret(tx: &Tx, hub: &Hub, list: &List, mail: &Inbound, secret: &str) -> Result<bool, Refusal> {
    if let Some(pending) = subscription::by_secret(tx, secret, tx.now()).await? {
        if pending.list_id != list.id {
            return Ok(false);
        }
        subscription::confirm(tx, hub, list, pending).await?;
        return Ok(true);
    }
    let Some(held) = held::by_secret(tx, secret).await?.filter(|held| held.list_id == list.id) else {
        return Ok(false);
    };
    match commands::decision(mail.message.text()) {
        Some(decision) => {
            let moderator = author(tx, mail).await?;
            held::decide_as(tx, hub, &moderator, list, held.id, decision).await?;
        }
        None => {
            let notice = Notice::to(&mail.message.from.address, "which", context! { held: &held });
            let notice = notice.replying_to(format!("-confirm+{secret}")).answering(&mail.message.message_id);
            notice.send(tx, hub, list).await?;
        }
    }
    Ok(true)
}

/// Relays a mail to those who decide about the list, unchanged. Its bounces go nowhere.
async fn forward(tx: &Tx, hub: &Hub, list: &List, mail: &Inbound) -> Result<Fate, Refusal> {
    let names = list::names(hub, list);
    let own = names.list_id();
    if mail.message.headers("list-id").any(|id| id.to_ascii_lowercase().contains(&own)) && mail.envelope_from.is_empty()
    {
        return Ok(Fate::Accepted);
    }
    let rcpts: Vec<Recipient> = deciders(tx, list).await?.into_iter().map(Recipient::new).collect();
    if rcpts.is_empty() {
        return Err(Refusal::Text(format!("The list {} has nobody who reads its mail yet.", list.name)));
    }
    let relay = Relay {
        raw: Raw::Blob(mail.blob.clone()),
        headers: vec![("X-List-Owner-Of".into(), names.address(""))],
        personal: None,
        envelope_from: ReturnPath::Null,
        rcpts,
        message_id: mail.message.message_id.clone(),
        subject: mail.message.subject.clone(),
        about: format!("list/{}", list.name),
    };
    mail::outbound::queue_raw(tx, relay).await?;
    Ok(Fate::Accepted)
}

/// Counts a bounce for the member whom the return path names, else for those whom the report names.
async fn take_bounce(tx: &Tx, hub: &Hub, list: &List, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Refusal> {
    let carried = mail::verp_decode(&rcpt.address).map(|(_, member)| member);
    let failed = bounce::read(&mail.message);
    match carried {
        Some(address) => {
            if let Some(failed) = failed.iter().max_by_key(|failed| failed.scores()) {
                delivery::record(tx, hub, list, &address, failed).await?;
            }
        }
        None => {
            for failed in failed.iter().filter(|failed| !failed.address.is_empty()) {
                delivery::record(tx, hub, list, &failed.address, failed).await?;
            }
        }
    }
    Ok(Fate::Accepted)
}
