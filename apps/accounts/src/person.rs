//! One person, as everybody sees them: what they say of themselves, under which names they were seen, what they did.

use chrono::{DateTime, Utc};
use journal::query::{Activity, Wanted};
use people::{Actor, EVERYWHERE, Role, User};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

/// Lines of activity on a page.
pub const ROWS: u64 = 50;

/// What the page of a person shows.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub name: String,
    pub display_name: String,
    /// Safe HTML.
    pub about: String,
    pub joined: DateTime<Utc>,
    pub seen: Option<DateTime<Utc>>,
    pub has_left: bool,
    pub timezone: String,
    /// What their clock shows: `Sat 14:03`.
    pub local_time: String,
    /// Confirmed addresses; none for a stranger who looks.
    pub addresses: Vec<String>,
    /// Names under which they were seen elsewhere: a committer, an IRC nick.
    pub aliases: Vec<String>,
    /// Names of their groups.
    pub groups: Vec<String>,
    /// `administrator`, `moderator of list/dev`.
    pub roles: Vec<String>,
    pub counts: Vec<Count>,
}

/// How much somebody did in one module.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    pub module: String,
    pub count: i64,
}

/// The person behind a user, as `viewer` may see them.
pub async fn view(
    conn: &impl ConnectionTrait,
    viewer: &Actor,
    user: &User,
    now: DateTime<Utc>,
) -> Result<Person, DbErr> {
    let knows = viewer.is_known();
    let participants = people::profile::participants(conn, user.id).await?;
    let ids = participants.iter().map(|participant| participant.id).collect();
    let counts = journal::query::counts(conn, viewer, ids).await?;
    let emails = if knows { people::user::emails(conn, user.id).await? } else { vec![] };
    let groups = people::group::of_user(conn, user.id).await?;
    let grants = people::profile::grants(conn, user.id).await?;
    let zone: chrono_tz::Tz = user.timezone.parse().unwrap_or(chrono_tz::UTC);
    Ok(Person {
        name: user.name.clone(),
        display_name: shown(user).to_owned(),
        about: markup::message_html(&user.about, markup::Format::Markdown, &markup::Viewer { knows_addresses: knows }),
        joined: user.created_at,
        seen: user.seen_at,
        has_left: user.state != "active",
        timezone: user.timezone.clone(),
        local_time: now.with_timezone(&zone).format("%a %H:%M").to_string(),
        addresses: emails.into_iter().filter(|email| email.confirmed_at.is_some()).map(|email| email.address).collect(),
        aliases: aliases(user, &participants),
        groups: groups.into_iter().map(|(group, _)| group.name).collect(),
        roles: grants.into_iter().filter(|grant| grant.role > Role::Member).map(said).collect(),
        counts: counts.into_iter().map(|(module, count)| Count { module, count }).collect(),
    })
}

/// What a person did, newest first, as `viewer` may see it.
pub async fn activity(
    conn: &impl ConnectionTrait,
    viewer: &Actor,
    user: &User,
    module: Option<String>,
    before: Option<i64>,
) -> Result<Vec<Activity>, DbErr> {
    let participants = journal::query::participants_of(conn, user.id).await?;
    let wanted = Wanted { participants: Some(participants), module, before, echoes: false };
    journal::query::stream(conn, viewer, &wanted, ROWS).await
}

/// The name that people read.
pub fn shown(user: &User) -> &str {
    if user.display_name.is_empty() { &user.name } else { &user.display_name }
}

fn said(grant: people::Grant) -> String {
    let role = grant.role.word();
    if grant.scope == EVERYWHERE { role.to_owned() } else { format!("{role} of {}", grant.scope) }
}

/// Names of elsewhere: `irc:libera:annm` reads as `annm on libera (irc)`; mail addresses show only their names.
fn aliases(user: &User, participants: &[people::entity::participant::Model]) -> Vec<String> {
    let mut aliases: Vec<String> = participants
        .iter()
        .filter(|participant| participant.id != user.participant_id)
        .map(|participant| {
            let parts: Vec<&str> = participant.address.splitn(3, ':').collect();
            match parts[..] {
                [kind, place, name] if kind != "was" => format!("{name} on {place} ({kind})"),
                _ => participant.name.clone(),
            }
        })
        .filter(|alias| alias != shown(user) && *alias != user.name && !alias.contains('@'))
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    aliases
}
