//! Mail to those on the nosy list for every new message.
//!
//! Each reader gets a mail of their own, since its footer carries their link to leave. The thread holds together:
//! a message's mail has the message's own Message-ID, answers the one it answers (or the issue's first), and asks for
//! answers at the issue's address.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use journal::{Change, Entry, Event, Failure, Subscriber};
use kernel::context;
use mail::{Address, Attachment, Outgoing, Recipient};
use people::entity::{participant, user, user_email};
use people::{Participant, ParticipantId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use store::{BlobId, Tx, blobs};

use crate::catalog::Catalog;
use crate::entity::{file, message};
use crate::issue::Issue;
use crate::{Tracker, leave, query};

/// Files above this size (bytes, all together) are not attached but linked.
const ATTACHED: i64 = 2_000_000;

/// Tells the nosy list.
pub struct TellNosy(pub Tracker);

#[async_trait]
impl Subscriber for TellNosy {
    fn name(&self) -> &'static str {
        "tracker/nosy"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["IssueCreated", "IssueChanged"]
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        self.answer_all(tx, &[entry]).await
    }

    async fn answer_all(&self, tx: &Tx, entries: &[&Entry]) -> Result<(), Failure> {
        let mut by_tracker: BTreeMap<&str, Vec<News<'_>>> = BTreeMap::new();
        for (tracker, news) in entries.iter().filter_map(|entry| news(entry)) {
            by_tracker.entry(tracker).or_default().push(news);
        }
        for (tracker, news) in by_tracker {
            let Some(catalog) = self.0.catalogs.named(tx, tracker).await? else { continue };
            let issues = query::issues(tx, &catalog, news.iter().map(|news| news.issue)).await?;
            let messages = query::messages_numbered(tx, &catalog, news.iter().map(|news| news.message)).await?;
            for news in &news {
                let issue = issues.iter().find(|issue| issue.row.number == news.issue);
                let message = messages.iter().find(|message| message.number == news.message);
                if let (Some(issue), Some(message)) = (issue, message) {
                    tell(&self.0, tx, &catalog, issue, message.clone(), news).await?;
                }
            }
        }
        Ok(())
    }
}

/// A message that is told of.
struct News<'a> {
    issue: i64,
    message: i64,
    changes: &'a [Change],
    is_new: bool,
}

/// The tracker of an entry and its message. As in Roundup, a change of properties alone is told to nobody.
fn news(entry: &Entry) -> Option<(&str, News<'_>)> {
    match &entry.event {
        Event::IssueCreated { tracker, issue, message, .. } => {
            Some((tracker, News { issue: *issue, message: (*message)?, changes: &[], is_new: true }))
        }
        Event::IssueChanged { tracker, issue, message, changes, .. } => {
            Some((tracker, News { issue: *issue, message: (*message)?, changes, is_new: false }))
        }
        _ => None,
    }
}

async fn tell(
    tracker: &Tracker,
    tx: &Tx,
    catalog: &Catalog,
    issue: &Issue,
    message: message::Model,
    news: &News<'_>,
) -> Result<(), Failure> {
    let had: Vec<ParticipantId> = serde_json::from_str(&message.recipients).unwrap_or_default();
    let readers = readers(tx, issue, message.author_id, &had).await?;
    if readers.is_empty() {
        return Ok(());
    }
    let author = people::participant::shown(tx, [message.author_id]).await?;
    let author = author.get(&message.author_id).map_or_else(|| "somebody".to_owned(), |person| person.name.clone());
    let files = query::files(tx, issue.row.id).await?;
    let files: Vec<_> = files.into_iter().filter(|file| file.message_number == Some(message.number)).collect();
    let attachments = attachments(tracker, tx, &files).await?;
    let thread = thread(tx, issue, &message).await?;
    let letter = Letter { tracker, catalog, issue, message: &message, author: &author, news, files: &files };
    for reader in &readers {
        let mut mail = letter.to(reader)?;
        mail.attachments.clone_from(&attachments);
        mail.in_reply_to = thread.last().cloned();
        mail.references.clone_from(&thread);
        mail::outbound::queue(tx, mail).await.map_err(|error| Failure(error.to_string()))?;
    }
    let mut got = had;
    got.extend(readers.iter().map(|reader| reader.id));
    let mut row: message::ActiveModel = message.into();
    row.recipients = Set(serde_json::to_string(&got).unwrap_or_default());
    row.update(tx).await?;
    Ok(())
}

/// Somebody who is told, and where.
struct Reader {
    id: ParticipantId,
    address: String,
}

/// Those on the nosy list but the author and those who have the message, each address once. Of a user it is the
/// primary confirmed address, of somebody without account the address they wrote from.
async fn readers(tx: &Tx, issue: &Issue, author: ParticipantId, had: &[ParticipantId]) -> Result<Vec<Reader>, Failure> {
    let nosy: Vec<ParticipantId> = issue.nosy();
    if nosy.iter().all(|id| *id == author || had.contains(id)) {
        return Ok(vec![]);
    }
    let involved = nosy.iter().chain([&author]).chain(had).copied();
    let rows = participant::Entity::find().filter(participant::Column::Id.is_in(involved)).all(tx).await?;
    let rows: HashMap<ParticipantId, participant::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let users = rows.values().filter_map(|row| row.user_id);
    let primary: HashMap<people::UserId, String> = user_email::Entity::find()
        .filter(user_email::Column::UserId.is_in(users.clone()))
        .filter(user_email::Column::IsPrimary.eq(true))
        .filter(user_email::Column::ConfirmedAt.is_not_null())
        .all(tx)
        .await?
        .into_iter()
        .map(|row| (row.user_id, row.address))
        .collect();
    let inactive: Vec<people::UserId> = user::Entity::find()
        .filter(user::Column::Id.is_in(users))
        .filter(user::Column::State.ne("active"))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let address = |id: &ParticipantId| {
        let row = rows.get(id)?;
        match row.user_id {
            Some(user) if inactive.contains(&user) => None,
            Some(user) => primary.get(&user).cloned(),
            None => Some(row.address.clone()).filter(|address| people::participant::is_address(address)),
        }
    };
    let mut told: Vec<String> = had.iter().chain([&author]).filter_map(&address).collect();
    let mut readers = Vec::new();
    for id in &nosy {
        let Some(address) = address(id).filter(|_| *id != author) else { continue };
        if !told.contains(&address) {
            told.push(address.clone());
            readers.push(Reader { id: *id, address });
        }
    }
    Ok(readers)
}

async fn attachments(tracker: &Tracker, tx: &Tx, files: &[file::Model]) -> Result<Vec<Attachment>, Failure> {
    if files.iter().map(|file| file.size).sum::<i64>() > ATTACHED {
        return Ok(vec![]);
    }
    let mut attachments = Vec::with_capacity(files.len());
    for file in files {
        let bytes = blobs::get(&tracker.hub.store, tx, &BlobId(file.blob.clone())).await?;
        attachments.push(Attachment { name: file.name.clone(), content_type: file.content_type.clone(), bytes });
    }
    Ok(attachments)
}

/// The Message-IDs before this message: the issue's first, and the one that it answers.
async fn thread(tx: &Tx, issue: &Issue, message: &message::Model) -> Result<Vec<String>, Failure> {
    let messages = query::messages(tx, issue.row.id).await?;
    let mut ids: Vec<String> = Vec::new();
    if let Some(first) = messages.first().filter(|first| first.id != message.id) {
        ids.push(first.message_id.clone());
    }
    if !message.in_reply_to.is_empty() && !ids.contains(&message.in_reply_to) {
        ids.push(message.in_reply_to.clone());
    }
    Ok(ids)
}

/// A message as a mail.
struct Letter<'a> {
    tracker: &'a Tracker,
    catalog: &'a Catalog,
    issue: &'a Issue,
    message: &'a message::Model,
    author: &'a str,
    news: &'a News<'a>,
    files: &'a [file::Model],
}

impl Letter<'_> {
    fn to(&self, reader: &Reader) -> Result<Outgoing, Failure> {
        let hub = &self.tracker.hub;
        let (row, path) = (&self.issue.row, self.catalog.issue_path(self.issue.row.number));
        let word = leave::token(&hub.settings.secret, row.id, reader.id);
        let leave = hub.url(&format!("/issues/leave/{word}"));
        let files: Vec<_> = self
            .files
            .iter()
            .map(|file| {
                let path = format!("{}files/{}/{}", self.catalog.path(), file.number, web::urlpart(&file.name));
                serde_json::json!({ "name": file.name, "url": hub.url(&path) })
            })
            .collect();
        let context = context! {
            author: self.author,
            is_new: self.news.is_new,
            number: row.number,
            title: row.title,
            text: self.message.body,
            changes: self.news.changes,
            files: files,
            link: hub.url(&format!("{path}#msg{}", self.message.number)),
            why: "Answer this mail to add to the issue. You get this because you follow it.",
            stop: format!("To stop following it: {leave}"),
        };
        let render = |name: &str| hub.templates.render(name, &context).map_err(|error| Failure(error.to_string()));
        let address = self.catalog.issue_address(row.number);
        let name = format!("{} ({})", self.author, hub.settings.name);
        Ok(Outgoing {
            from: Address::new(name, self.catalog.address()),
            to: vec![Address::new("", address.clone())],
            reply_to: vec![Address::new("", address)],
            subject: render("tracker/mail/message.subject.txt")?.trim().to_owned(),
            text: render("tracker/mail/message.body.txt")?,
            message_id: Some(self.message.message_id.clone()),
            headers: self.headers(&leave),
            rcpts: vec![Recipient::new(reader.address.clone())],
            about: format!("tracker/{}/{}", self.catalog.tracker.name, row.number),
            auto: true,
            ..Outgoing::default()
        })
    }

    fn headers(&self, leave: &str) -> Vec<(String, String)> {
        let name = &self.catalog.tracker.name;
        let mut headers = vec![
            ("X-Guildhall-Loop".to_owned(), name.clone()),
            ("X-Roundup-Name".to_owned(), self.catalog.tracker.title.clone()),
            ("X-Roundup-issue-Id".to_owned(), self.issue.row.number.to_string()),
            ("List-Id".to_owned(), format!("{} <{name}.{}>", self.catalog.tracker.title, self.catalog.domain)),
            ("List-Unsubscribe".to_owned(), format!("<{leave}>")),
            ("List-Unsubscribe-Post".to_owned(), "List-Unsubscribe=One-Click".to_owned()),
            ("X-Guildhall-Reason".to_owned(), "nosy".to_owned()),
        ];
        let none: HashMap<ParticipantId, Participant> = HashMap::new();
        for property in &self.catalog.issue().properties {
            let value = self.issue.value(&property.name);
            if property.is_link() && !property.is_person() && !value.ids().is_empty() {
                let shown = query::shown(self.catalog, property, &value, &none);
                headers.push((format!("X-Roundup-issue-{}", property.name), shown));
            }
        }
        headers
    }
}
