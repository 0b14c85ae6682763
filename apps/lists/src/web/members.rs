//! The roster, and what moderators do with members.

use ::web::{CsrfForm, CurrentUser, Error, PageNumber, Result};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::{Context, context};
use serde::{Deserialize, Serialize};

use super::{around, errors, known};
use crate::list::{self, List};
use crate::member::{self, Member};
use crate::policy::Action;
use crate::{Lists, Refusal, query, url};

/// Members on one page.
const ROWS: u64 = 100;

#[derive(Serialize)]
struct Row {
    address: String,
    name: String,
    delivery: String,
    moderation: String,
    is_hidden: bool,
    score: i64,
    joined_at: chrono::DateTime<chrono::Utc>,
}

impl Row {
    fn of(member: Member) -> Self {
        Self {
            address: member.address,
            name: member.name,
            delivery: member.delivery,
            moderation: member.moderation.unwrap_or_default(),
            is_hidden: member.is_hidden,
            score: member.bounce_score,
            joined_at: member.joined_at,
        }
    }
}

/// `?q=ann`
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// Shows who is a member, to those who may see it; of `?q=` those whose address or name has it.
pub async fn roster(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    number: PageNumber,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let context = roster_context(&lists, &user, &list, number, &asked.q).await?;
    user.render("lists/list.members.html", context)
}

async fn roster_context(
    lists: &Lists,
    user: &CurrentUser,
    list: &List,
    number: PageNumber,
    q: &str,
) -> Result<Context> {
    let around = around(lists, user, list).await?;
    if !around.sees_roster {
        return Err(Error::Forbidden("Only members of this list see who else is one.".into()));
    }
    let conn = lists.hub.store.read();
    let members = query::members(&conn, list.id, around.may_moderate, q, number.of(ROWS)).await?.map(Row::of);
    number.within(&members)?;
    let bans = if around.may_moderate { member::bans(&conn, list.id).await? } else { vec![] };
    Ok(context! { title: format!("Members of {}", list.title), list: around, members, bans, q, addresses: "" })
}

/// What a moderator wants with members.
#[derive(Deserialize)]
pub struct Change {
    /// `add`, `remove` or `moderate`.
    what: String,
    /// One address, or several on lines of their own to add.
    #[serde(default)]
    address: String,
    #[serde(default)]
    addresses: String,
    /// An action, or empty for what the list says.
    #[serde(default)]
    moderation: String,
    delivers: Option<String>,
}

/// Adds, removes or moderates members.
pub async fn change(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<Change>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    list::check_moderator(user.actor(), &list)?;
    let tx = lists.hub.store.write().await?;
    let done = match form.what.as_str() {
        "add" => add(&tx, &user, &list, &form.addresses).await,
        "remove" => {
            let gone = member::remove(&tx, user.actor(), &list, &form.address, "removed by a moderator").await?;
            Ok(if gone { format!("{} is no member any more.", form.address) } else { "Nothing was changed.".into() })
        }
        "moderate" => {
            let (action, delivers) = (Action::from_word(&form.moderation), form.delivers.is_some());
            member::moderate(&tx, user.actor(), &list, &form.address, action, delivers).await?;
            Ok("It is kept.".to_owned())
        }
        _ => return Err(Error::Refused("The form does not say what to do.".into())),
    };
    match done {
        Ok(said) => {
            tx.commit().await?;
            Ok(::web::see_other_saying(&lists.hub.settings, url::of_list(&list.name, "members"), &said))
        }
        Err(refusal @ (Refusal::BadAddress(_) | Refusal::Banned(_))) => {
            let mut context = roster_context(&lists, &user, &list, PageNumber(1), "").await?;
            context.insert("addresses", &form.addresses);
            context.insert("errors", &errors("addresses", refusal));
            user.refuse("lists/list.members.html", context)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn add(tx: &store::Tx, user: &CurrentUser, list: &List, addresses: &str) -> Result<String, Refusal> {
    let (mut added, mut known) = (0, 0);
    for line in addresses.lines().filter(|line| !line.trim().is_empty()) {
        for address in mail::Address::parse_list(line) {
            match member::add(tx, user.actor(), list, &address.name, &address.address).await? {
                true => added += 1,
                false => known += 1,
            }
        }
    }
    if added + known == 0 {
        return Err(Refusal::BadAddress(addresses.trim().chars().take(80).collect()));
    }
    Ok(format!("{added} added, {known} were members already."))
}

/// What a moderator wants with bans.
#[derive(Deserialize)]
pub struct BanForm {
    pattern: String,
    lift: Option<String>,
}

/// Bans a pattern, or takes a ban back.
pub async fn ban(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<BanForm>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let tx = lists.hub.store.write().await?;
    match form.lift {
        Some(_) => member::unban(&tx, user.actor(), &list, &form.pattern).await?,
        None => member::ban(&tx, user.actor(), &list, &form.pattern).await?,
    }
    tx.commit().await?;
    Ok(::web::see_other_saying(&lists.hub.settings, url::of_list(&list.name, "members"), "It is kept."))
}
