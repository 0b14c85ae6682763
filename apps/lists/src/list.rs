//! The door of lists: making them and changing what they want.

use std::collections::BTreeSet;

use kernel::Hub;
use people::{Actor, EVERYWHERE, Role, may};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use store::Tx;

use crate::entity::list;
use crate::headers::Names;
use crate::policy::{Action, Wishes};
use crate::{Refusal, route};

pub use crate::entity::list::Model as List;

/// Ready-made settings: the word, and what they are for.
pub const STYLES: [(&str, &str); 4] = [
    ("discussion", "Members write; a moderator looks at what others write."),
    ("open", "Everybody writes, members or not."),
    ("announce", "Only moderators write, everybody reads."),
    ("private", "Members write, a moderator decides who joins, and only people with an account read the archive."),
];

/// The scope of a list's roles.
pub fn scope(name: &str) -> String {
    format!("list/{name}")
}

/// Whether `actor` decides about posts and members of the list.
pub fn may_moderate(actor: &Actor, list: &List) -> bool {
    may(actor, Role::Moderator, &scope(&list.name))
}

/// Whether `actor` changes what the list wants.
pub fn may_administer(actor: &Actor, list: &List) -> bool {
    may(actor, Role::Administrator, &scope(&list.name))
}

/// Whether `actor` may read the archive.
pub fn may_read(actor: &Actor, list: &List) -> bool {
    actor.audiences().contains(&list.audience) || may_moderate(actor, list)
}

/// Refuses unless `actor` moderates the list.
pub fn check_moderator(actor: &Actor, list: &List) -> Result<(), Refusal> {
    if may_moderate(actor, list) { Ok(()) } else { Err(Refusal::MayNotModerate(list.name.clone())) }
}

/// The name in `dev` or `dev@hub.example.org`.
pub fn name_of(hub: &Hub, address: &str) -> Result<String, Refusal> {
    let address = address.trim().to_lowercase();
    match address.split_once('@') {
        None => Ok(address),
        Some((name, domain)) if domain == hub.settings.mail_domain.to_lowercase() => Ok(name.to_owned()),
        Some(_) => Err(Refusal::ForeignDomain(address, hub.settings.mail_domain.clone())),
    }
}

/// Makes a list in one of the [`STYLES`].
pub async fn create(tx: &Tx, actor: &Actor, name: &str, title: &str, style: &str) -> Result<List, Refusal> {
    if !may(actor, Role::Administrator, EVERYWHERE) {
        return Err(Refusal::MayNotCreate);
    }
    let name = name.trim().to_lowercase();
    if !route::is_name(&name) {
        return Err(Refusal::BadName(name));
    }
    if by_name(tx, &name).await?.is_some() {
        return Err(Refusal::NameTaken(name));
    }
    let title = if title.trim().is_empty() { name.clone() } else { one_line(title, 100) };
    let row = list::ActiveModel {
        name: Set(name),
        title: Set(title),
        description: Set(String::new()),
        audience: Set("public".into()),
        roster: Set("members".into()),
        is_listed: Set(true),
        is_announce: Set(false),
        needs_approval: Set(false),
        member_action: Set(Action::Accept.word().into()),
        nonmember_action: Set(Action::Hold.word().into()),
        is_emergency: Set(false),
        subject_prefix: Set(String::new()),
        is_personal: Set(true),
        max_size: Set(1_000_000),
        max_rcpts: Set(25),
        bounce_threshold: Set(5),
        bounce_stale_days: Set(7),
        post_count: Set(0),
        last_post_at: Set(None),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let row = match style {
        "discussion" => row,
        "open" => list::ActiveModel { nonmember_action: Set(Action::Accept.word().into()), ..row },
        "announce" => list::ActiveModel { is_announce: Set(true), roster: Set("moderators".into()), ..row },
        "private" => list::ActiveModel { audience: Set("members".into()), needs_approval: Set(true), ..row },
        _ => {
            let known: Vec<&str> = STYLES.iter().map(|(word, _)| *word).collect();
            return Err(Refusal::NoSuchStyle(style.to_owned(), known.join(", ")));
        }
    };
    Ok(row.insert(tx).await?)
}

/// What people may change of a list.
#[derive(Clone, Debug)]
pub struct Change {
    pub title: String,
    pub description: String,
    pub audience: String,
    pub roster: String,
    pub is_listed: bool,
    pub is_announce: bool,
    pub needs_approval: bool,
    pub member_action: Action,
    pub nonmember_action: Action,
    pub is_emergency: bool,
    pub subject_prefix: String,
    pub is_personal: bool,
    pub max_size: i64,
    pub max_rcpts: i64,
    pub bounce_threshold: i64,
    pub bounce_stale_days: i64,
}

impl Change {
    /// What a list wants now.
    pub fn of(list: &List) -> Self {
        Self {
            title: list.title.clone(),
            description: list.description.clone(),
            audience: list.audience.clone(),
            roster: list.roster.clone(),
            is_listed: list.is_listed,
            is_announce: list.is_announce,
            needs_approval: list.needs_approval,
            member_action: Action::from_word(&list.member_action).unwrap_or(Action::Hold),
            nonmember_action: Action::from_word(&list.nonmember_action).unwrap_or(Action::Hold),
            is_emergency: list.is_emergency,
            subject_prefix: list.subject_prefix.clone(),
            is_personal: list.is_personal,
            max_size: list.max_size,
            max_rcpts: list.max_rcpts,
            bounce_threshold: list.bounce_threshold,
            bounce_stale_days: list.bounce_stale_days,
        }
    }
}

/// Changes what a list wants.
pub async fn change(tx: &Tx, actor: &Actor, list: &List, change: Change) -> Result<List, Refusal> {
    if !may_administer(actor, list) {
        return Err(Refusal::MayNotAdminister(list.name.clone()));
    }
    if !["public", "members", "admins"].contains(&change.audience.as_str()) {
        return Err(Refusal::BadSetting(
            "The archive",
            "it is read by everybody, by people with an account or by administrators.",
        ));
    }
    if !["members", "moderators"].contains(&change.roster.as_str()) {
        return Err(Refusal::BadSetting("The roster", "it is seen by members or by moderators."));
    }
    if !change.subject_prefix.is_ascii() || change.subject_prefix.len() > 40 {
        return Err(Refusal::BadSetting("The prefix", "it has at most 40 ASCII characters."));
    }
    if change.audience != list.audience {
        search::show_to(tx, &crate::archive::search_prefix(&list.name), &change.audience).await?;
        journal::show_to(tx, "lists", &crate::url::list(&list.name), &change.audience).await?;
    }
    let mut row = list.clone().into_active_model();
    row.title = Set(one_line(&change.title, 100));
    row.description = Set(change.description.replace('\0', "").trim().chars().take(2_000).collect());
    row.audience = Set(change.audience);
    row.roster = Set(change.roster);
    row.is_listed = Set(change.is_listed);
    row.is_announce = Set(change.is_announce);
    row.needs_approval = Set(change.needs_approval);
    row.member_action = Set(change.member_action.word().into());
    row.nonmember_action = Set(change.nonmember_action.word().into());
    row.is_emergency = Set(change.is_emergency);
    row.subject_prefix = Set(one_line(&change.subject_prefix, 40));
    row.is_personal = Set(change.is_personal);
    row.max_size = Set(Ord::max(change.max_size, 0));
    row.max_rcpts = Set(Ord::max(change.max_rcpts, 0));
    row.bounce_threshold = Set(Ord::max(change.bounce_threshold, 0));
    row.bounce_stale_days = Set(change.bounce_stale_days.clamp(1, 365));
    Ok(row.update(tx).await?)
}

/// Counts posts that were archived; the newest of them is of `last`.
pub(crate) async fn count(tx: &Tx, list: &List, posts: i64, last: chrono::DateTime<chrono::Utc>) -> Result<(), DbErr> {
    list::Entity::update_many()
        .col_expr(list::Column::PostCount, Expr::col(list::Column::PostCount).add(posts))
        .filter(list::Column::Id.eq(list.id))
        .exec(tx)
        .await?;
    list::Entity::update_many()
        .col_expr(list::Column::LastPostAt, Expr::value(last))
        .filter(list::Column::Id.eq(list.id))
        .filter(list::Column::LastPostAt.is_null().or(list::Column::LastPostAt.lt(last)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The list of a name.
pub async fn by_name(conn: &impl ConnectionTrait, name: &str) -> Result<Option<List>, DbErr> {
    list::Entity::find().filter(list::Column::Name.eq(name.to_lowercase())).one(conn).await
}

/// Holds the lists of these names as [`crate::archive::keep`] does, in the order of their ids.
pub(crate) async fn hold(tx: &Tx, names: BTreeSet<String>) -> Result<(), DbErr> {
    let lists = list::Entity::find().filter(list::Column::Name.is_in(names)).order_by_asc(list::Column::Id);
    lists.lock(LockType::NoKeyUpdate).all(tx).await?;
    Ok(())
}

/// The list of a name, or a refusal.
pub async fn named(conn: &impl ConnectionTrait, name: &str) -> Result<List, Refusal> {
    by_name(conn, name).await?.ok_or_else(|| Refusal::NoSuchList(name.to_owned()))
}

/// What the fields of its mails say.
pub fn names<'a>(hub: &'a Hub, list: &'a List) -> Names<'a> {
    Names {
        name: &list.name,
        title: &list.title,
        domain: &hub.settings.mail_domain,
        hub: &hub.settings.url,
        is_announce: list.is_announce,
    }
}

/// What its policy wants.
pub fn wishes(hub: &Hub, list: &List) -> Wishes {
    let names = names(hub, list);
    Wishes {
        address: names.address("").to_lowercase(),
        list_id: names.list_id(),
        is_announce: list.is_announce,
        is_emergency: list.is_emergency,
        member_action: Action::from_word(&list.member_action).unwrap_or(Action::Hold),
        nonmember_action: Action::from_word(&list.nonmember_action).unwrap_or(Action::Hold),
        max_size: usize::try_from(list.max_size).unwrap_or(0),
        max_rcpts: usize::try_from(list.max_rcpts).unwrap_or(0),
    }
}

fn one_line(text: &str, most: usize) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().chars().take(most).collect()
}
