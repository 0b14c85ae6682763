//! The door of posts: judged, then archived and sent to the members, or held, or refused.

use journal::Event;
use kernel::Hub;
use mail::Message;
use people::{Actor, participant};
use store::{BlobId, Tx};

use crate::archive::{self, Arrival, Kept};
use crate::list::{self, List};
use crate::policy::{self, Action, Facts, Robot, Seen, Step, Verdict};
use crate::reading::{self, Reading};
use crate::{HeldId, Refusal, fanout, held, member, url};

/// Characters of a post that its event carries.
const EXCERPT: usize = 2_000;
/// The source of what the hub itself writes to a list.
const HUB: &str = "hub";

/// A mail that wants to be a post.
#[derive(Clone, Copy)]
pub struct Submission<'a> {
    pub raw: &'a [u8],
    /// The name of the bytes.
    pub blob: &'a BlobId,
    pub message: &'a Message,
    /// Empty for the null sender; absent when it was written on the web.
    pub envelope_from: Option<&'a str>,
    /// Sent by the hub itself.
    pub is_hub: bool,
}

impl Submission<'_> {
    /// Where it came from: `mail`, `web`, or the hub itself.
    pub(crate) fn source(&self) -> &'static str {
        match self.envelope_from {
            _ if self.is_hub && wrote_itself(self.message) => HUB,
            Some(_) => "mail",
            None => "web",
        }
    }
}

/// What became of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Posted(Kept),
    Held(HeldId, String),
    /// For the reason given.
    Rejected(String),
    Discarded(String),
}

/// Judges a mail and does what was decided.
pub async fn submit(tx: &Tx, hub: &Hub, actor: &Actor, list: &List, mail: Submission<'_>) -> Result<Outcome, Refusal> {
    let reading = reading::read(mail.message, tx.now(), tx.now());
    let facts = facts(tx, actor, list, mail, &reading).await?;
    let verdict = policy::judge(&list::wishes(hub, list), &facts);
    tracing::info!(
        "post list={} id=<{}> from=<{}> action={} rule={:?}",
        list.name,
        reading.message_id,
        reading.address,
        verdict.action.word(),
        verdict.rule
    );
    match verdict.action {
        Action::Accept => {
            let kept = accept(tx, hub, actor, list, mail.raw, reading, mail.source(), &verdict.steps).await?;
            Ok(Outcome::Posted(kept))
        }
        Action::Hold => {
            let reason = verdict.reason.clone();
            let id = held::hold(tx, hub, actor, list, mail, reading, verdict).await?;
            Ok(Outcome::Held(id, reason))
        }
        Action::Reject => Ok(Outcome::Rejected(verdict.reason)),
        Action::Discard => Ok(Outcome::Discarded(verdict.reason)),
    }
}

/// Archives a post, tells the journal and queues it for the members.
#[allow(clippy::too_many_arguments, reason = "a post is made of these")]
pub async fn accept(
    tx: &Tx,
    hub: &Hub,
    actor: &Actor,
    list: &List,
    raw: &[u8],
    reading: Reading,
    source: &'static str,
    steps: &[Step],
) -> Result<Kept, Refusal> {
    let judgement = serde_json::to_string(steps).unwrap_or_default();
    let arrival = Arrival { raw, reading: reading.clone(), source, judgement };
    let kept = archive::keep(tx, list, vec![arrival], &mut archive::People::new()).await?;
    let kept = kept.into_iter().next().ok_or_else(|| Refusal::Text("The post was not kept.".into()))?;
    if kept.is_new {
        journal::append(tx, actor, told(list, &reading, source, &kept))?;
        fanout::distribute(tx, hub, list, &kept, raw, &reading).await?;
    }
    Ok(kept)
}

/// What the journal is told of a post: one that the hub wrote says again what is told already.
fn told(list: &List, reading: &Reading, source: &str, kept: &Kept) -> Event {
    let (list, audience) = (list.name.clone(), list.audience.clone());
    let (message_id, subject) = (reading.message_id.clone(), reading.subject.clone());
    let (post, thread, url) = (kept.id.0, kept.thread.0, url::message(&list, &message_id, kept.copy));
    if source == HUB {
        return Event::PostEchoed { list, post, message_id, subject, url, audience, thread };
    }
    let text = reading.body.chars().take(EXCERPT).collect();
    let is_reply = !reading.refs.is_empty();
    Event::MessagePosted { list, post, message_id, subject, url, is_reply, text, audience, thread }
}

/// Collects what the policy asks about.
async fn facts(tx: &Tx, actor: &Actor, list: &List, mail: Submission<'_>, reading: &Reading) -> Result<Facts, Refusal> {
    let message = mail.message;
    let member = match (member::find(tx, list.id, &reading.address).await?, actor.user()) {
        (Some(member), _) => Some(member),
        (None, Some(user)) => member::of_user(tx, list.id, user).await?.into_iter().next(),
        (None, None) => None,
    };
    let lower = |address: &mail::Address| participant::canonical(&address.address);
    Ok(Facts {
        is_web: mail.envelope_from.is_none(),
        is_hub: mail.is_hub && wrote_itself(message),
        from: reading.address.clone(),
        null_sender: mail.envelope_from == Some(""),
        robot: robot(message),
        list_ids: message.headers("list-id").filter_map(list_id).collect(),
        hops: message.headers("received").count(),
        ban: member::banned(tx, list.id, &reading.address).await?,
        is_member: member.is_some(),
        member_action: member.and_then(|member| member.moderation).and_then(|word| Action::from_word(&word)),
        is_moderator: list::may_moderate(actor, list),
        rcpts: message.to.iter().chain(&message.cc).map(lower).collect(),
        size: mail.raw.len(),
        subject: reading.subject.clone(),
        text: reading.body.clone(),
        seen: seen(tx, list, reading).await?,
    })
}

async fn seen(tx: &Tx, list: &List, reading: &Reading) -> Result<Seen, Refusal> {
    let known = archive::of_hash(tx, list.id, &reading.hash).await?;
    let same = |(_, author, subject, body): &(_, String, String, String)| {
        *author == reading.author && *subject == reading.subject && *body == reading.body
    };
    Ok(match known.is_empty() {
        true => Seen::No,
        false if known.iter().any(same) => Seen::Same,
        false => Seen::Other,
    })
}

/// The source of a post by the word that is kept of it.
pub(crate) fn source_from(word: &str) -> &'static str {
    match word {
        "web" => "web",
        HUB => HUB,
        _ => "mail",
    }
}

/// Whether a mail that the hub sent is its own: what a list of ours relays was written by somebody.
fn wrote_itself(message: &Message) -> bool {
    let is_auto =
        message.header("auto-submitted").is_some_and(|word| word.trim().eq_ignore_ascii_case("auto-generated"));
    is_auto && message.header("list-post").is_none()
}

/// The identifier in `phrase <dev.hub.test>`.
fn list_id(field: &str) -> Option<String> {
    let id = field.rsplit_once('<').map_or(field, |(_, id)| id);
    let id = id.split('>').next().unwrap_or_default().trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Whether a mail answers another one by itself (RFC 3834 section 5, and what programs wrote before it).
fn robot(message: &Message) -> Robot {
    let word = |name: &str| {
        let value = message.header(name).unwrap_or_default().to_ascii_lowercase();
        value.split([';', ' ', '\t', '(']).next().unwrap_or_default().to_owned()
    };
    let answers = word("auto-submitted") == "auto-replied"
        || word("precedence") == "auto_reply"
        || ["x-autoreply", "x-autorespond", "x-autorespond-to"].iter().any(|name| message.header(name).is_some())
        || word("content-type") == "multipart/report";
    if answers { Robot::Answer } else { Robot::No }
}

/// The steps of a verdict with what a moderator decided after it.
pub fn steps_of(judgement: &str, moderator: &Actor) -> Vec<Step> {
    let mut steps: Vec<Step> = serde_json::from_str(judgement).unwrap_or_default();
    steps.push(Step { rule: "moderator".into(), hit: true, found: format!("{} accepted it.", moderator.name()) });
    steps
}

/// A verdict as it is kept.
pub fn judgement(verdict: &Verdict) -> String {
    serde_json::to_string(&verdict.steps).unwrap_or_default()
}
