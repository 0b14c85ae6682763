//! The mails that a list writes itself: confirmations, welcomes, notices to its moderators.

use kernel::{Context, Hub};
use mail::{Address, Outgoing, Recipient, ReturnPath};
use people::{EVERYWHERE, Role, user};
use sea_orm::ConnectionTrait;
use store::Tx;

use crate::list::{self, List};
use crate::{Refusal, url};

/// A mail of a list's own. It leaves with the null sender, so that nothing ever answers its bounce.
pub struct Notice<'a> {
    /// The name below `lists/mail/`.
    pub template: &'static str,
    pub to: Vec<String>,
    pub context: Context,
    /// Where an answer goes: the suffix of the list's address, `-confirm+TOKEN`; absent: to its owners.
    pub reply_to: Option<String>,
    /// The Message-ID of the mail that it answers.
    pub answers: Option<&'a str>,
}

impl<'a> Notice<'a> {
    /// A notice to one address.
    pub fn to(address: &str, template: &'static str, context: Context) -> Self {
        Self { template, to: vec![address.to_owned()], context, reply_to: None, answers: None }
    }

    /// The same, with an answer going to `suffix`.
    pub fn replying_to(self, suffix: impl Into<String>) -> Self {
        Self { reply_to: Some(suffix.into()), ..self }
    }

    /// The same, as an answer to a mail.
    pub fn answering(self, message_id: &'a str) -> Self {
        Self { answers: Some(message_id), ..self }
    }

    /// Writes it and queues it, one copy for each, so that no recipient sees another.
    pub async fn send(self, tx: &Tx, hub: &Hub, list: &List) -> Result<(), Refusal> {
        let names = list::names(hub, list);
        let mut context = self.context;
        context.insert("list", &describe(hub, list));
        let render = |kind: &str| hub.templates.render(&format!("lists/mail/{}.{kind}.txt", self.template), &context);
        let (subject, text) = (render("subject")?.trim().to_owned(), render("body")?);
        let mut headers = names.of_notice();
        // RFC 3834 section 5: an answer says that it is one.
        let kind = if self.answers.is_some() { "auto-replied" } else { "auto-generated" };
        headers.push(("Auto-Submitted".into(), kind.into()));
        for to in &self.to {
            let mail = Outgoing {
                from: Address::new(list.title.clone(), names.address("-owner")),
                to: vec![Address::new("", to.clone())],
                reply_to: self.reply_to.iter().map(|suffix| Address::new("", names.address(suffix))).collect(),
                subject: subject.clone(),
                text: text.clone(),
                in_reply_to: self.answers.map(str::to_owned),
                references: self.answers.iter().map(|id| (*id).to_owned()).collect(),
                headers: headers.clone(),
                envelope_from: ReturnPath::Null,
                rcpts: vec![Recipient::new(to.clone())],
                about: format!("list/{}", list.name),
                ..Outgoing::default()
            };
            match mail::outbound::queue(tx, mail).await {
                Ok(_) => {}
                Err(mail::ComposeError::BadAddress(address)) => tracing::warn!(address, "no notice fits this address"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A list as mails and pages show it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Described {
    pub name: String,
    pub title: String,
    pub description: String,
    pub address: String,
    /// Absolute.
    pub link: String,
    /// A path.
    pub url: String,
    pub audience: String,
    pub is_announce: bool,
    pub needs_approval: bool,
    pub post_count: i64,
    pub last_post_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The list as mails and pages show it.
pub fn describe(hub: &Hub, list: &List) -> Described {
    Described {
        name: list.name.clone(),
        title: list.title.clone(),
        description: list.description.clone(),
        address: list::names(hub, list).address(""),
        link: hub.url(&url::list(&list.name)),
        url: url::list(&list.name),
        audience: list.audience.clone(),
        is_announce: list.is_announce,
        needs_approval: list.needs_approval,
        post_count: list.post_count,
        last_post_at: list.last_post_at,
    }
}

/// Where mail to those who decide about a list goes: its moderators and administrators, or else the hub's.
pub async fn deciders(conn: &impl ConnectionTrait, list: &List) -> Result<Vec<String>, Refusal> {
    let scope = list::scope(&list.name);
    let mut users = user::holders(conn, Role::Moderator, &scope).await?;
    users.extend(user::holders(conn, Role::Administrator, &scope).await?);
    if users.is_empty() {
        users = user::holders(conn, Role::Administrator, EVERYWHERE).await?;
    }
    users.sort_unstable();
    users.dedup();
    Ok(user::mail_addresses(conn, users).await?.into_iter().map(|(_, _, address)| address).collect())
}
