//! Commit mail: a summary of each push, and a mail for each commit that answers it.
//!
//! The subscriber asks for it; the job runs the repository's program, writes the letters, and queues them all with the
//! mark that the push is mailed, in one transaction. Message-IDs are made from what is told, so that a second run says
//! the same.

mod cut;
mod git;
mod hg;
mod letter;
mod sender;
mod svn;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jobs::{Job, JobError};
use journal::{Entry, Event, Failure, Subscriber};
use kernel::Hub;
use mail::{Outgoing, Recipient, ReturnPath};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};
use store::Tx;

pub use letter::{Letter, Scene};
pub use sender::SenderMailbox;

use crate::entity::push;
use crate::push::{MovedRef, Push};
use crate::repository::Repository;
use crate::vcs::{Vcs, ask::Answer};
use crate::{Config, RepositoryId, query, vcs};

/// Pushes that are mailed with one run.
const PUSHES: u64 = 200;
/// Commits that a summary names.
const NAMED: u64 = 100;
/// Diffs that are asked for at a time.
const AT_ONCE: usize = 4;
/// How much of a diff is read to say how much of it was cut, bytes.
const COUNTED: usize = 8 << 20;

/// Asks for the mails of a push.
pub struct CommitMail;

#[async_trait]
impl Subscriber for CommitMail {
    fn name(&self) -> &'static str {
        "commits/commit_mail"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["CommitsPushed"]
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Event::CommitsPushed { repository, .. } = &entry.event else { return Ok(()) };
        if let Some(repository) = query::by_name(tx, repository).await?.filter(|found| !found.list_address.is_empty()) {
            let payload = json!({ "repository": repository.id });
            jobs::enqueue(tx, "MailPushes", &repository.id.to_string(), payload).await?;
        }
        Ok(())
    }
}

/// Mails the pushes of a repository that have not been mailed, in their order.
pub struct MailPushes {
    config: Arc<Config>,
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl MailPushes {
    /// The job with the settings of mail.
    pub fn new(config: Arc<Config>) -> Self {
        Self { config, one_at_a_time: tokio::sync::Mutex::default() }
    }
}

#[async_trait]
impl Job for MailPushes {
    fn name(&self) -> &'static str {
        "MailPushes"
    }

    async fn run(&self, hub: &Hub, payload: Value) -> Result<(), JobError> {
        let _held = self.one_at_a_time.lock().await;
        let id = RepositoryId(payload["repository"].as_i64().unwrap_or_default());
        let Some(repository) = query::by_id(&hub.store.read(), id).await? else { return Ok(()) };
        loop {
            let pushes = query::unmailed(&hub.store.read(), id, PUSHES).await?;
            if pushes.is_empty() {
                return Ok(());
            }
            for push in pushes {
                mail(hub, &self.config, &repository, &push).await?;
            }
        }
    }
}

async fn mail(hub: &Hub, config: &Config, repository: &Repository, push: &Push) -> Result<(), JobError> {
    let scene = Scene { hub, config, repository, push };
    let letters = if repository.list_address.is_empty() { vec![] } else { letters(&scene).await? };
    let tx = hub.store.write().await?;
    let still = query::push(&tx, push.id).await?.is_some_and(|(push, _)| push.mailed_at.is_none());
    if still {
        name_sender(&tx, &scene).await?;
        for letter in letters {
            let subject = letter.subject.clone();
            mail::outbound::queue(&tx, outgoing(&scene, letter))
                .await
                .map_err(|error| JobError::Fail(format!("the mail {subject:?} cannot be written: {error}")))?;
        }
        push::ActiveModel { id: Set(push.id), mailed_at: Set(Some(tx.now())), ..Default::default() }
            .update(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// One address writes for everybody who pushes: it gets a name of its own before a list gives it that of the first.
async fn name_sender(tx: &Tx, scene: &Scene<'_>) -> Result<(), JobError> {
    let name = format!("{} commits", scene.hub.settings.name);
    let named = people::participant::by_address(tx, &name, &scene.sender()).await;
    named.map(|_| ()).map_err(|error| JobError::Retry(error.to_string()))
}

fn outgoing(scene: &Scene<'_>, letter: Letter) -> Outgoing {
    let list = &scene.repository.list_address;
    Outgoing {
        from: mail::Address::new(letter.from, scene.sender()),
        to: vec![mail::Address::new("", list.clone())],
        reply_to: letter.reply_to.into_iter().collect(),
        subject: letter.subject,
        text: letter.text,
        verbatim: true,
        message_id: Some(letter.message_id),
        references: letter.in_reply_to.clone().into_iter().collect(),
        in_reply_to: letter.in_reply_to,
        headers: letter.headers,
        envelope_from: ReturnPath::To(scene.sender()),
        rcpts: vec![Recipient::new(list.clone())],
        about: format!("commits/push/{}", scene.push.id),
        auto: true,
        ..Outgoing::default()
    }
}

/// Every letter of a push, the summaries before their commits.
async fn letters(scene: &Scene<'_>) -> Result<Vec<Letter>, JobError> {
    let conn = scene.hub.store.read();
    let most = scene.config.max_commit_mails as u64;
    let wanted = if most == 0 { vcs::MOST_COMMITS as u64 } else { most + 1 };
    let revisions = query::revisions_of_push(&conn, scene.push.id, 0, wanted.max(NAMED)).await?;
    let too_many = most > 0 && scene.push.total as u64 > most;
    let diffs = if too_many { HashMap::new() } else { diffs(scene, &revisions).await };
    let mut letters = Vec::new();
    for moved in query::refs_of(&conn, scene.push.id).await? {
        let own: Vec<&query::Revision> =
            revisions.iter().filter(|revision| revision.push_ref_id == Some(moved.id)).collect();
        let written = match scene.repository.system() {
            Vcs::Git => git::letters(scene, &moved, &own, &diffs, too_many),
            Vcs::Hg => hg::letters(scene, &moved, &own, &diffs, too_many),
            Vcs::Svn => svn::letters(scene, &own, &diffs),
        };
        letters.extend(written.map_err(|error| JobError::Fail(error.to_string()))?);
    }
    Ok(letters)
}

/// The diff of each commit, cut to size; a commit that is gone has none.
pub type Diffs = HashMap<String, String>;

async fn diffs(scene: &Scene<'_>, revisions: &[query::Revision]) -> Diffs {
    let mut diffs = Diffs::new();
    for some in revisions.chunks(AT_ONCE) {
        let answers =
            futures::future::join_all(some.iter().map(|revision| diff(scene.repository, &revision.commit_id))).await;
        for (revision, answer) in some.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let see = scene.hub.url(&crate::url::commit(&scene.repository.name, &revision.commit_id));
            diffs.insert(revision.commit_id.clone(), cut::cut(&answer.bytes, answer.cut, scene.config, &see));
        }
    }
    diffs
}

async fn diff(repository: &Repository, id: &str) -> Option<Answer> {
    let folder = repository.folder()?;
    let answer = match repository.system() {
        Vcs::Git => vcs::git::mailed_diff(folder, id, COUNTED).await,
        Vcs::Hg => vcs::hg::diff(folder, id, COUNTED).await,
        Vcs::Svn => vcs::svn::diff(folder, id.parse().unwrap_or_default(), COUNTED).await,
    };
    answer.inspect_err(|error| tracing::warn!(%error, commit = id, "a commit is mailed without its diff")).ok()
}

/// What a ref is called in a subject.
fn short_ref(moved: &MovedRef) -> &str {
    crate::url::short_ref(&moved.refname)
}
