//! Writing to a list on the web: a mail is made of it and goes the way of every mail.

use ::web::{CsrfForm, CurrentUser, Result};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::{Context, context};
use mail::{Address, Message, Outgoing};
use people::user;
use serde::Deserialize;
use store::BlobId;

use super::{Which, around, errors, find_post, readable};
use crate::list::{self, List};
use crate::post::{self, Outcome, Submission};
use crate::query::Post;
use crate::{Lists, Refusal, reading, url};

/// The longest text of one post from the web, characters.
const LONGEST: usize = 200_000;

/// What somebody writes.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    subject: String,
    body: String,
}

/// Asks for a new post.
pub async fn form(State(lists): State<Lists>, user: CurrentUser, Path(name): Path<String>) -> Result<Response> {
    let list = readable(&lists, &user, &name).await?;
    user.render("lists/list.write.html", write_context(&lists, &user, &list, &Written::default()).await?)
}

async fn write_context(lists: &Lists, user: &CurrentUser, list: &List, written: &Written) -> Result<Context> {
    Ok(context! {
        title: format!("Write to {}", list.title), list: around(lists, user, list).await?, subject: written.subject,
        body: written.body,
    })
}

/// Posts something new.
pub async fn write(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(written): CsrfForm<Written>,
) -> Result<Response> {
    let list = readable(&lists, &user, &name).await?;
    let refused = if written.subject.trim().is_empty() {
        Refused("subject", "A post needs a subject.".into())
    } else {
        match submit(&lists, &user, &list, &written, None).await? {
            Ok(response) => return Ok(response),
            Err(refused) => refused,
        }
    };
    let mut context = write_context(&lists, &user, &list, &written).await?;
    context.insert("errors", &errors(refused.0, refused.1));
    user.refuse("lists/list.write.html", context)
}

/// Answers a post.
pub async fn reply(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path((name, message)): Path<(String, String)>,
    Query(which): Query<Which>,
    CsrfForm(written): CsrfForm<Written>,
) -> Result<Response> {
    let list = readable(&lists, &user, &name).await?;
    let (answered, others) = find_post(&lists, &list, &message, which.copy).await?;
    match submit(&lists, &user, &list, &written, Some(&answered)).await? {
        Ok(response) => Ok(response),
        Err(refused) => {
            let mut context = super::archive::message_context(&lists, &user, &list, &answered, &others).await?;
            context.insert("body", &written.body);
            context.insert("errors", &errors(refused.0, refused.1));
            user.refuse("lists/post.show.html", context)
        }
    }
}

/// The field that is wrong, and why.
struct Refused(&'static str, String);

/// Makes a mail of what was written and hands it to the door of posts.
async fn submit(
    lists: &Lists,
    user: &CurrentUser,
    list: &List,
    written: &Written,
    answered: Option<&Post>,
) -> Result<Result<Response, Refused>> {
    lists.limit.take(user.client())?;
    let body = written.body.trim();
    if body.is_empty() {
        return Ok(Err(Refused("body", "A post needs a text.".into())));
    }
    if body.chars().count() > LONGEST {
        return Ok(Err(Refused(
            "body",
            format!("A post has at most {LONGEST} characters. Put long texts on the web."),
        )));
    }
    let Some(outgoing) = compose(lists, user, list, written, answered).await? else {
        return Ok(Err(Refused("body", "Confirm a mail address of yours first: a post carries it.".into())));
    };
    let composed = mail::compose(&outgoing, lists.hub.now()).map_err(Refusal::from)?;
    let message = Message::parse(&composed.raw);
    let blob = BlobId::of(&composed.raw);
    let tx = lists.hub.store.write().await?;
    let submission =
        Submission { raw: &composed.raw, blob: &blob, message: &message, envelope_from: None, is_hub: false };
    let outcome = post::submit(&tx, &lists.hub, user.actor(), list, submission).await?;
    let settings = &lists.hub.settings;
    let response = match outcome {
        Outcome::Posted(kept) => {
            let anchor = crate::show::anchor(kept.id);
            ::web::see_other(format!("{}#{anchor}", url::thread(&list.name, &kept.message_id)))
        }
        Outcome::Held(_, reason) => {
            let said = format!("Your post waits for a moderator. {reason}");
            ::web::see_other_saying(settings, url::list(&list.name), &said)
        }
        Outcome::Rejected(reason) | Outcome::Discarded(reason) => return Ok(Err(Refused("body", reason))),
    };
    tx.commit().await?;
    Ok(Ok(response))
}

async fn compose(
    lists: &Lists,
    user: &CurrentUser,
    list: &List,
    written: &Written,
    answered: Option<&Post>,
) -> Result<Option<Outgoing>> {
    let me = &user.seat.user;
    let emails = user::emails(&lists.hub.store.read(), me.id).await?;
    let Some(email) = emails.into_iter().find(|email| email.confirmed_at.is_some()) else { return Ok(None) };
    let subject = match answered {
        Some(post) => format!("Re: {}", reading::bare_subject(&post.subject)),
        None => written.subject.trim().to_owned(),
    };
    let references = answered.map(|post| {
        let above = post.refs.split(' ').filter(|id| !id.is_empty());
        above.chain([post.message_id.as_str()]).map(str::to_owned).collect()
    });
    Ok(Some(Outgoing {
        from: Address::new(if me.display_name.is_empty() { &me.name } else { &me.display_name }, email.address),
        to: vec![Address::new("", list::names(&lists.hub, list).address(""))],
        subject,
        text: written.body.replace("\r\n", "\n"),
        message_id: Some(message_id(lists)),
        in_reply_to: answered.map(|post| post.message_id.clone()),
        references: references.unwrap_or_default(),
        ..Outgoing::default()
    }))
}

/// A Message-ID of this hub, so that it is no address of anybody.
fn message_id(lists: &Lists) -> String {
    let now = lists.hub.now().format("%Y%m%d%H%M%S");
    format!("{now}.{}@{}", &crate::member::draw_secret()[..16], lists.hub.settings.mail_domain)
}
