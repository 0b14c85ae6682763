//! The pages of lists. Each file is one kind of page; a handler parses, opens one door and answers.

mod archive;
mod download;
mod join;
mod lists;
mod members;
mod moderate;
mod post;
mod settings;
mod unsubscribe;

use std::collections::HashMap;

use ::web::{Error, Page, Result};
use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post as posting};
use people::{Participant, ParticipantId};

use crate::list::{self, List};
use crate::notice::{Described, describe};
use crate::{Lists, held, member, query, reading, subscription, url};

/// Rows of a page.
const ROWS: u64 = 50;

/// All pages, with absolute paths.
pub fn routes(lists: Lists) -> Router {
    Router::new()
        .route("/lists", get(async || Redirect::permanent("/lists/")))
        .route("/lists/", get(lists::index))
        .route("/lists/.atom", get(download::feed_of_all))
        .route("/lists/new", get(lists::new_form).post(lists::create))
        .route("/lists/confirm/{secret}", get(join::confirm_form).post(join::confirm))
        .route("/lists/unsubscribe/{token}", get(unsubscribe::form).post(unsubscribe::leave))
        .route("/lists/-/{message}", get(archive::anywhere))
        .route("/lists/-/{message}/", get(archive::anywhere))
        .route("/lists/{list}", get(archive::bare))
        .route("/lists/{list}/", get(archive::list))
        .route("/lists/{list}/new.atom", get(download::list_feed))
        .route("/lists/{list}/all.mbox.gz", get(download::list_mbox))
        .route("/lists/{list}/month/{month}/", get(archive::month))
        .route("/lists/{list}/month/{month}/mbox.gz", get(download::month_mbox))
        .route("/lists/{list}/join", get(join::form).post(join::join))
        .route("/lists/{list}/leave", posting(join::leave))
        .route("/lists/{list}/membership", get(join::membership).post(join::choose))
        .route("/lists/{list}/members", get(members::roster).post(members::change))
        .route("/lists/{list}/bans", posting(members::ban))
        .route("/lists/{list}/queue", get(moderate::queue).post(moderate::decide))
        .route("/lists/{list}/queue/{held}", get(moderate::show))
        .route("/lists/{list}/queue/{held}/raw", get(moderate::raw))
        .route("/lists/{list}/settings", get(settings::form).post(settings::change))
        .route("/lists/{list}/staff", posting(settings::appoint))
        .route("/lists/{list}/write", get(post::form).post(post::write))
        .route("/lists/{list}/{message}", get(archive::bare_message))
        .route("/lists/{list}/{message}/", get(archive::message))
        .route("/lists/{list}/{message}/raw", get(download::raw))
        .route("/lists/{list}/{message}/html", get(download::html))
        .route("/lists/{list}/{message}/reply", posting(post::reply))
        .route("/lists/{list}/{message}/t/", get(archive::thread))
        .route("/lists/{list}/{message}/T/", get(archive::thread))
        .route("/lists/{list}/{message}/t.atom", get(download::thread_feed))
        .route("/lists/{list}/{message}/t.mbox.gz", get(download::thread_mbox))
        .route("/lists/{list}/{message}/file/{position}/{name}", get(download::file))
        .with_state(lists)
}

/// The list of a name for joining and leaving, which need not be readable.
async fn known(lists: &Lists, name: &str) -> Result<List> {
    list::by_name(&lists.hub.store.read(), name).await?.ok_or_else(|| Error::no(format!("list called {name}")))
}

/// The list of a name when the visitor may read it; a stranger is sent to sign in, others hear that there is none.
async fn readable(lists: &Lists, page: &Page, name: &str) -> Result<List> {
    let list = known(lists, name).await?;
    match (list::may_read(page.actor(), &list), page.seat()) {
        (true, _) => Ok(list),
        (false, None) => Err(Error::SignIn),
        (false, Some(_)) => Err(Error::no(format!("list called {name}"))),
    }
}

/// What the pages of one list show around their own: the list, and what the visitor may do with it.
#[derive(serde::Serialize)]
struct Around {
    #[serde(flatten)]
    list: Described,
    is_member: bool,
    may_moderate: bool,
    may_administer: bool,
    may_write: bool,
    sees_roster: bool,
    /// Posts and people that wait for a moderator.
    waiting: u64,
    feed: String,
}

async fn around(lists: &Lists, page: &Page, list: &List) -> Result<Around> {
    let conn = lists.hub.store.read();
    let actor = page.actor();
    let may_moderate = list::may_moderate(actor, list);
    let is_member = match actor.user() {
        Some(user) => !member::of_user(&conn, list.id, user).await?.is_empty(),
        None => false,
    };
    let waiting = match may_moderate {
        true => held::count(&conn, list.id).await? + subscription::count(&conn, list.id).await?,
        false => 0,
    };
    Ok(Around {
        list: describe(&lists.hub, list),
        is_member,
        may_moderate,
        may_administer: list::may_administer(actor, list),
        may_write: page.seat().is_some() && (!list.is_announce || may_moderate),
        sees_roster: may_moderate || is_member && list.roster == "members",
        waiting,
        feed: url::of_list(&list.name, "new.atom"),
    })
}

async fn people_of(
    lists: &Lists,
    ids: impl IntoIterator<Item = ParticipantId>,
) -> Result<HashMap<ParticipantId, Participant>> {
    Ok(people::participant::shown(&lists.hub.store.read(), ids).await?)
}

/// One post by its Message-ID or the hash of it, and the other mails of the same Message-ID.
async fn find_post(lists: &Lists, list: &List, message: &str, copy: i64) -> Result<(query::Post, Vec<query::Post>)> {
    let conn = lists.hub.store.read();
    let mut posts = query::of_hash(&conn, list.id, &reading::hash(message)).await?;
    if posts.is_empty() && is_hash(message) {
        posts = query::of_hash(&conn, list.id, message).await?;
    }
    let place = posts.iter().position(|post| post.copy == copy);
    let place = place.ok_or_else(|| Error::no(format!("message <{message}> on the list {}", list.name)))?;
    let post = posts.remove(place);
    Ok((post, posts))
}

/// Whether a text can be a Message-ID-Hash.
fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
}

/// `?copy=2` of an address.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    copy: i64,
}

/// One sentence beside the field that it is about.
fn errors(field: &str, sentence: impl ToString) -> HashMap<String, String> {
    HashMap::from([(field.to_owned(), sentence.to_string())])
}

/// Goes to the list where the visitor may read it, and says something there.
fn back(lists: &Lists, page: &Page, list: &List, said: &str) -> axum::response::Response {
    let here = if list::may_read(page.actor(), list) { url::list(&list.name) } else { "/lists/".to_owned() };
    ::web::see_other_saying(&lists.hub.settings, here, said)
}
