//! Posts and threads as templates show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use markup::{Format, Viewer};
use people::{Participant, ParticipantId};
use serde::Serialize;

use crate::entity::attachment;
use crate::list::List;
use crate::query::{Line, Post};
use crate::thread::{self, Node, Placed};
use crate::{PostId, url};

/// Deeper answers are shown at this depth.
const DEEPEST: usize = 6;

/// Whoever wrote something.
#[derive(Clone, Debug, Serialize)]
pub struct Who {
    pub name: String,
    pub url: Option<String>,
}

/// The author: the account when there is one, else the name in the mail.
pub fn who(people: &HashMap<ParticipantId, Participant>, id: ParticipantId, written: &str) -> Who {
    let known = people.get(&id);
    let url = known.and_then(|person| person.url.clone());
    let name = known.filter(|_| url.is_some() || written.is_empty()).map_or(written, |person| &person.name);
    Who { name: name.to_owned(), url }
}

/// One message of a thread, for the component `message`.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    pub id: String,
    pub author: Who,
    pub at: DateTime<Utc>,
    pub url: String,
    pub html: String,
    pub source: String,
    pub files: Vec<File>,
    pub depth: usize,
    pub subject: String,
    /// The subject again, only where it changes.
    pub new_subject: String,
    pub reply_url: String,
    pub raw_url: String,
}

/// One attachment, for the component `attachments`.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    pub name: String,
    pub url: String,
    pub size: i64,
    #[serde(rename = "type")]
    pub content_type: String,
}

/// The id of a post in its page.
pub fn anchor(id: PostId) -> String {
    format!("m{id}")
}

/// A post as the component `message` takes it.
pub fn message(
    list: &List,
    post: &Post,
    people: &HashMap<ParticipantId, Participant>,
    files: &[attachment::Model],
    viewer: &Viewer,
) -> Message {
    let page = |what: &str| url::of_message(&list.name, &post.message_id, post.copy, what);
    Message {
        id: anchor(post.id),
        author: who(people, post.participant_id, &post.author),
        at: post.at,
        url: url::message(&list.name, &post.message_id, post.copy),
        html: markup::message_html(&post.body, Format::Plain, viewer),
        source: if post.source == "web" { "web".into() } else { "mail".into() },
        files: files.iter().map(|file| shown_file(list, post, file)).collect(),
        depth: 0,
        subject: subject(&post.subject),
        new_subject: String::new(),
        reply_url: format!("{}#reply", url::message(&list.name, &post.message_id, post.copy)),
        raw_url: page("raw"),
    }
}

fn shown_file(list: &List, post: &Post, file: &attachment::Model) -> File {
    let name = match (file.name.is_empty(), file.content_type.as_str()) {
        (false, _) => file.name.clone(),
        (true, "message/rfc822") => "forwarded message.eml".to_owned(),
        (true, _) => format!("part {}", file.position + 1),
    };
    let what = format!("file/{}/{}", file.position, url::part(&name));
    File {
        url: url::of_message(&list.name, &post.message_id, post.copy, &what),
        name,
        size: file.size,
        content_type: file.content_type.clone(),
    }
}

/// A subject that is never empty.
pub fn subject(subject: &str) -> String {
    if subject.trim().is_empty() { "(no subject)".into() } else { subject.to_owned() }
}

/// One line of a tree of posts.
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    pub id: String,
    pub url: String,
    pub subject: String,
    /// Whether the subject says something that the post above does not.
    pub is_new_subject: bool,
    pub author: Who,
    pub at: DateTime<Utc>,
    pub depth: usize,
    pub files: i64,
    pub is_here: bool,
}

/// Where each post of a thread stands.
pub fn placed(refs: &[(&str, &str, DateTime<Utc>, i64)]) -> Vec<Placed> {
    let nodes: Vec<Node<'_, _>> = refs
        .iter()
        .map(|(message_id, refs, at, copy)| Node {
            message_id,
            refs: refs.split(' ').filter(|id| !id.is_empty()).collect(),
            order: (*at, *message_id, *copy),
        })
        .collect();
    thread::forest(&nodes)
}

/// Posts as a tree, each below what it answers.
pub fn tree(
    list: &List,
    lines: &[Line],
    people: &HashMap<ParticipantId, Participant>,
    here: Option<PostId>,
) -> Vec<Branch> {
    let facts: Vec<_> =
        lines.iter().map(|line| (line.message_id.as_str(), line.refs.as_str(), line.at, line.copy)).collect();
    let branch = |placed: Placed| {
        let line = &lines[placed.node];
        let bare = crate::reading::bare_subject(&line.subject);
        let above = placed.parent.map(|parent| crate::reading::bare_subject(&lines[parent].subject));
        Branch {
            id: anchor(line.id),
            url: url::message(&list.name, &line.message_id, line.copy),
            subject: subject(&line.subject),
            is_new_subject: above.is_none_or(|above| above != bare),
            author: who(people, line.participant_id, &line.author),
            at: line.at,
            depth: placed.depth.min(DEEPEST),
            files: line.files,
            is_here: here == Some(line.id),
        }
    };
    placed(&facts).into_iter().map(branch).collect()
}

/// The messages of a thread with their texts, each below what it answers.
pub fn conversation(
    list: &List,
    posts: &[Post],
    people: &HashMap<ParticipantId, Participant>,
    files: &HashMap<PostId, Vec<attachment::Model>>,
    viewer: &Viewer,
) -> Vec<Message> {
    let facts: Vec<_> =
        posts.iter().map(|post| (post.message_id.as_str(), post.refs.as_str(), post.at, post.copy)).collect();
    let shown = |placed: Placed| {
        let post = &posts[placed.node];
        let mut shown = message(list, post, people, files.get(&post.id).map_or(&[], Vec::as_slice), viewer);
        let bare = crate::reading::bare_subject(&post.subject);
        let above = placed.parent.map(|parent| crate::reading::bare_subject(&posts[parent].subject));
        if above.is_some_and(|above| above != bare) {
            shown.new_subject = subject(&post.subject);
        }
        shown.depth = placed.depth.min(DEEPEST);
        shown
    };
    placed(&facts).into_iter().map(shown).collect()
}
