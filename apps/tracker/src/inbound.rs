//! Mail to a tracker (`issues@`) or to an issue (`issues+12@`).
//!
//! A mail is never refused for what it asks of properties: it is stored, what can be done is done, and its sender is
//! told what was not. Mail of people without an account waits for a moderator. Robots and loops are left alone.

use async_trait::async_trait;
use kernel::Hub;
use mail::{Accepts, Failure, Fate, Inbound, Mailbox, Message, Rcpt};
use people::entity::participant;
use people::{Actor, ParticipantId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{StoreError, Tuples, Tx};

use crate::body::{self, Quotes};
use crate::catalog::Catalog;
use crate::change::{Change, Edit, NewFile, NewMessage, Via};
use crate::entity::{issue as issue_row, message as message_row};
use crate::rules::{self, Deed};
use crate::subject::{self, Subject};
use crate::{Refusal, Tracker, answer, input, issue, moderation, query};

/// Recipients of a mail that are looked at.
const RECIPIENTS: usize = 100;
/// Files of a mail that are kept.
const FILES: usize = 100;
/// The longest text that is kept as a message; a longer one is kept whole as a file too, bytes.
const TEXT: usize = 500_000;

/// Answers the addresses of all trackers.
pub struct TrackerMailbox(pub Tracker);

#[async_trait]
impl Mailbox for TrackerMailbox {
    fn name(&self) -> &'static str {
        "tracker"
    }

    async fn accepts(&self, hub: &Hub, rcpt: &Rcpt) -> Result<Accepts, StoreError> {
        if !rcpt.domain.eq_ignore_ascii_case(&hub.settings.mail_domain) {
            return Ok(Accepts::NotMine);
        }
        let (name, detail) = rcpt.plus();
        let conn = hub.store.read();
        let Some(catalog) = self.0.catalogs.named(&conn, name).await?.filter(|_| !name.is_empty()) else {
            return Ok(Accepts::NotMine);
        };
        let Some(detail) = detail else { return Ok(Accepts::Mine) };
        let known = match detail.parse() {
            Ok(number) => query::issue(&conn, &catalog, number).await?.is_some(),
            Err(_) => false,
        };
        Ok(if known { Accepts::Mine } else { Accepts::Refused(format!("There is no issue {detail} in {name}.")) })
    }

    async fn hold(&self, tx: &Tx, rcpts: &[Rcpt]) -> Result<(), Failure> {
        Ok(self.0.catalogs.hold(tx, rcpts.iter().map(|rcpt| rcpt.plus().0.to_owned()).collect()).await?)
    }

    async fn deliver(&self, tx: &Tx, rcpt: &Rcpt, mail: &Inbound) -> Result<Fate, Failure> {
        let (name, detail) = rcpt.plus();
        let Some(catalog) = self.0.catalogs.named(tx, name).await? else {
            return Ok(Fate::Refused(format!("There is no tracker {name} here any more.")));
        };
        let letter = Letter {
            tracker: &self.0,
            catalog: &catalog,
            message: &mail.message,
            raw: mail.blob.0.clone(),
            rcpt: rcpt.address.clone(),
            wanted: detail.and_then(|number| number.parse().ok()),
            sender: sender(mail),
            is_automatic: mail.is_automatic(),
            is_passed: false,
        };
        match take(tx, &letter).await {
            Ok(fate) => Ok(fate),
            Err(refusal) if refusal.is_failure() => Err(Failure(refusal.to_string())),
            // The doors refuse before they write, and trying again would not help.
            Err(refusal) => Ok(Fate::Refused(refusal.to_string())),
        }
    }
}

fn sender(mail: &Inbound) -> String {
    let from = &mail.message.from.address;
    if people::participant::is_address(from) { from.clone() } else { mail.envelope_from.clone() }
}

/// A mail on its way into a tracker.
pub struct Letter<'a> {
    pub tracker: &'a Tracker,
    pub catalog: &'a Catalog,
    pub message: &'a Message,
    /// The blob of its bytes.
    pub raw: String,
    /// The address it came to.
    pub rcpt: String,
    /// The issue that the address names.
    pub wanted: Option<i64>,
    pub sender: String,
    pub is_automatic: bool,
    /// Whether a moderator let it pass.
    pub is_passed: bool,
}

/// Takes a mail: into an issue, or to the moderators.
pub async fn take(tx: &Tx, letter: &Letter<'_>) -> Result<Fate, Refusal> {
    let message = letter.message;
    let header = |name: &str| message.header(name).map(str::to_owned);
    if subject::is_ignored(header, &message.subject) || !people::participant::is_address(&letter.sender) {
        return Ok(Fate::Dropped("It was sent by a machine, or its sender has no address.".into()));
    }
    let actor = people::participant::actor_of(tx, &message.from.name, &letter.sender).await?;
    if message.subject.trim().eq_ignore_ascii_case("help") {
        answer::help(tx, letter).await?;
        return Ok(Fate::Accepted);
    }
    if is_known(tx, letter).await? {
        return Ok(Fate::Accepted);
    }
    let own_class = letter.catalog.issue().name.to_lowercase();
    let subject = subject::read(&message.subject, &[&own_class]);
    let mut complaints = Vec::new();
    let number = find_issue(tx, letter, &subject, &mut complaints).await?;
    let deed = if number.is_some() { Deed::Comment } else { Deed::File };
    if !passes(tx, letter, &actor, deed).await? {
        moderation::hold(tx, letter).await?;
        return Ok(Fate::Held("Its sender may not write to this tracker yet.".into()));
    }
    let mut change = change(tx, letter, number).await?;
    properties(tx, letter, &actor, &subject, number, &mut change, &mut complaints).await?;
    let done = match number {
        Some(number) => {
            change.title = new_title(tx, letter, &actor, &subject, number).await?;
            Some(issue::change(tx, &actor, letter.catalog, number, change).await?)
        }
        None => match title(letter, &subject, &change) {
            Some(title) => {
                change.title = Some(title);
                Some(issue::create(tx, &actor, letter.catalog, change).await?)
            }
            None => None,
        },
    };
    if complaints.is_empty() && !done.as_ref().is_some_and(|done| done.changed) {
        complaints.push("The mail has no text that can be read, and asks for nothing.".into());
    }
    if !complaints.is_empty() && !letter.is_automatic {
        answer::complain(tx, letter, done.as_ref(), &complaints).await?;
    }
    Ok(Fate::Accepted)
}

/// The title that an answer gives its issue: none, unless the configuration asks for Roundup's way.
async fn new_title(
    tx: &Tx,
    letter: &Letter<'_>,
    actor: &Actor,
    subject: &Subject,
    number: i64,
) -> Result<Option<String>, Refusal> {
    if !letter.tracker.config.compat.subject_updates_title || subject.title.is_empty() {
        return Ok(None);
    }
    let may = may_change(tx, letter, actor, Some(number)).await?;
    Ok(may.then(|| subject.title.chars().take(500).collect()))
}

/// Whether the sender may change the properties of an issue, or of the one that is filed.
async fn may_change(tx: &Tx, letter: &Letter<'_>, actor: &Actor, number: Option<i64>) -> Result<bool, Refusal> {
    let creator = match number {
        Some(number) => query::issue(tx, letter.catalog, number).await?.map(|issue| issue.row.creator_id),
        None => actor.participant(),
    };
    let own = creator.is_some() && creator == actor.participant();
    Ok(rules::allows(letter.catalog, actor, Deed::Change, own, Via::Mail))
}

/// Whether this tracker has the mail already: one mail to two of its addresses is one message.
async fn is_known(tx: &Tx, letter: &Letter<'_>) -> Result<bool, Refusal> {
    let known: Option<i64> = message_row::Entity::find()
        .select_only()
        .column(message_row::Column::Id)
        .filter(message_row::Column::TrackerId.eq(letter.catalog.tracker.id))
        .filter(message_row::Column::MessageId.eq(&letter.message.message_id))
        .tuples()
        .one(tx)
        .await?;
    Ok(known.is_some())
}

/// The issue that a mail belongs to: its address says it, its subject, the mail that it answers, or the title that an
/// answer repeats.
async fn find_issue(
    tx: &Tx,
    letter: &Letter<'_>,
    subject: &Subject,
    complaints: &mut Vec<String>,
) -> Result<Option<i64>, Refusal> {
    if letter.wanted.is_some() {
        return Ok(letter.wanted);
    }
    if let Some(number) = subject.number {
        if query::issue(tx, letter.catalog, number).await?.is_some() {
            return Ok(Some(number));
        }
        complaints.push(format!("There is no issue {number}, so that your mail became a new one."));
        return Ok(None);
    }
    let message = letter.message;
    for id in message.in_reply_to.iter().chain(message.references.iter().rev()).take(50) {
        let found: Option<i64> = message_row::Entity::find()
            .select_only()
            .column(issue_row::Column::Number)
            .join(
                sea_orm::JoinType::InnerJoin,
                message_row::Entity::belongs_to(issue_row::Entity)
                    .from(message_row::Column::IssueId)
                    .to(issue_row::Column::Id)
                    .into(),
            )
            .filter(message_row::Column::MessageId.eq(id))
            .filter(message_row::Column::TrackerId.eq(letter.catalog.tracker.id))
            .tuples()
            .one(tx)
            .await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    if !subject.is_reply || subject.title.is_empty() {
        return Ok(None);
    }
    let found: Option<i64> = issue_row::Entity::find()
        .select_only()
        .column(issue_row::Column::Number)
        .filter(issue_row::Column::TrackerId.eq(letter.catalog.tracker.id))
        .filter(issue_row::Column::IsRetired.eq(false))
        .filter(issue_row::Column::Title.eq(&subject.title))
        .order_by_desc(issue_row::Column::Number)
        .tuples()
        .one(tx)
        .await?;
    Ok(found)
}

/// Whether a mail goes in at once: of people with an account who may, of those who had a mail let in before, and of
/// everybody where the tracker says so.
async fn passes(tx: &Tx, letter: &Letter<'_>, actor: &Actor, deed: Deed) -> Result<bool, Refusal> {
    if letter.is_passed {
        return Ok(true);
    }
    if !rules::allows(letter.catalog, actor, deed, false, Via::Mail) {
        return Ok(false);
    }
    if actor.is_known() || letter.catalog.tracker.strangers == "accept" {
        return Ok(true);
    }
    let before: Option<i64> = message_row::Entity::find()
        .select_only()
        .column(message_row::Column::Id)
        .filter(message_row::Column::AuthorId.eq(actor.participant()))
        .filter(message_row::Column::TrackerId.eq(letter.catalog.tracker.id))
        .filter(message_row::Column::Source.eq("mail"))
        .tuples()
        .one(tx)
        .await?;
    Ok(before.is_some())
}

/// The message and the files of a mail.
async fn change(tx: &Tx, letter: &Letter<'_>, number: Option<i64>) -> Result<Change, Refusal> {
    let message = letter.message;
    let mut text = body::content(message.text(), Quotes::Keep);
    let mut files: Vec<NewFile> = message
        .attachments
        .iter()
        .take(FILES)
        .map(|part| NewFile { name: name(part), content_type: part.content_type.clone(), bytes: part.bytes.clone() })
        .collect();
    if text.len() > TEXT {
        files.push(NewFile {
            name: "message.txt".into(),
            content_type: "text/plain".into(),
            bytes: text.clone().into_bytes(),
        });
        text.truncate(text.floor_char_boundary(TEXT));
    }
    // A mail without a text is no message: it wakes no issue and draws nobody in.
    if text.trim().is_empty() && files.is_empty() {
        return Ok(Change { via: Via::Mail, ..Change::default() });
    }
    let new = NewMessage {
        text,
        format: "plain".into(),
        message_id: Some(message.message_id.clone()),
        in_reply_to: message.in_reply_to.first().cloned().unwrap_or_default(),
        recipients: recipients(tx, letter, number).await?,
        raw: Some(letter.raw.clone()),
    };
    Ok(Change { via: Via::Mail, message: Some(new), files, ..Change::default() })
}

fn name(part: &mail::Attachment) -> String {
    match (part.name.is_empty(), part.content_type.as_str()) {
        (false, _) => part.name.clone(),
        (true, "message/rfc822") => "mail.eml".into(),
        (true, _) => "unnamed".into(),
    }
}

/// Those who got the mail beside us: users, and of an issue those on its nosy list. Others are not drawn in.
async fn recipients(tx: &Tx, letter: &Letter<'_>, number: Option<i64>) -> Result<Vec<ParticipantId>, Refusal> {
    let message = letter.message;
    let addresses: Vec<String> = message
        .to
        .iter()
        .chain(&message.cc)
        .map(|to| people::participant::canonical(&to.address))
        .filter(|address| !address.eq_ignore_ascii_case(&letter.rcpt))
        .take(RECIPIENTS)
        .collect();
    if addresses.is_empty() {
        return Ok(vec![]);
    }
    let nosy = match number {
        Some(number) => query::issue(tx, letter.catalog, number).await?.map(|issue| issue.nosy()).unwrap_or_default(),
        None => vec![],
    };
    let rows = participant::Entity::find().filter(participant::Column::Address.is_in(addresses)).all(tx).await?;
    Ok(rows.into_iter().filter(|row| row.user_id.is_some() || nosy.contains(&row.id)).map(|row| row.id).collect())
}

/// Reads the assignments of the subject into the change; what cannot be done becomes a complaint.
async fn properties(
    tx: &Tx,
    letter: &Letter<'_>,
    actor: &Actor,
    subject: &Subject,
    number: Option<i64>,
    change: &mut Change,
    complaints: &mut Vec<String>,
) -> Result<(), Refusal> {
    complaints.extend(subject.unread.iter().map(|text| format!("\"{text}\" is not of the form name=value.")));
    if subject.assignments.is_empty() {
        return Ok(());
    }
    let may = may_change(tx, letter, actor, number).await?;
    for (name, value) in &subject.assignments {
        let property = letter.catalog.property(name).filter(|property| property.is_settable());
        let Some(property) = property else {
            let known: Vec<&str> = settable(letter.catalog).collect();
            complaints
                .push(format!("{name}={value}: there is no property {name}. The properties are {}.", known.join(", ")));
            continue;
        };
        match input::edit(tx, letter.catalog, actor, property, value, tx.now()).await? {
            Err(sentence) => {
                change.keeps_status |= name == "status";
                complaints.push(format!("{name}={value}: {sentence}"));
            }
            Ok(edit) if may || is_oneself(name, &edit, actor) => {
                change.edits.insert(name.clone(), edit);
            }
            Ok(_) => complaints.push(format!("{name}={value}: you may not change the properties of this issue.")),
        }
    }
    Ok(())
}

fn settable(catalog: &Catalog) -> impl Iterator<Item = &str> {
    catalog.issue().properties.iter().filter(|property| property.is_settable()).map(|property| property.name.as_str())
}

fn is_oneself(name: &str, edit: &Edit, actor: &Actor) -> bool {
    let own = actor.participant().map(|id| id.0);
    match edit {
        Edit::Delta { add, remove } if name == "nosy" => add.iter().chain(remove).all(|id| Some(*id) == own),
        _ => false,
    }
}

/// The title of a new issue; a mail without a subject gets its first words. One without either is no issue.
fn title(letter: &Letter<'_>, subject: &Subject, change: &Change) -> Option<String> {
    let whole = letter.message.subject.as_str();
    let given = if subject.number.is_some() { whole } else { &subject.title };
    let title = if given.trim().is_empty() {
        change.message.as_ref().map(|message| body::summary(&message.text)).unwrap_or_default()
    } else {
        given.to_owned()
    };
    let title: String = title.chars().filter(|c| !c.is_control()).take(500).collect();
    match title.trim() {
        "" => change.message.is_some().then(|| "(no subject)".to_owned()),
        _ => Some(title),
    }
}
