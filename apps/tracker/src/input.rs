//! What people type for a property becomes an [`Edit`]: names and numbers of rows, names of people.

use chrono::{DateTime, Utc};
use people::entity::{participant, user};
use people::{Actor, ParticipantId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use store::Tuples;

use crate::catalog::{Catalog, Property};
use crate::change::Edit;
use crate::kind::{self, Kind, Value};

/// Reads what was typed for a property. The inner error is a sentence: "status: there is no nosuch, but unread, ...".
pub async fn edit(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    actor: &Actor,
    property: &Property,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Result<Edit, String>, DbErr> {
    let text = text.trim();
    if !property.is_link() {
        let read = kind::parse_plain(property.kind, text, now).map(Edit::Set);
        return Ok(read.map_err(|why| format!("{}: {text} {why}.", property.label)));
    }
    if text.is_empty() || text == "-1" || text == "-" {
        return Ok(Ok(Edit::Set(Value::Empty)));
    }
    if property.kind == Kind::Link {
        let (ids, unknown) = find(conn, catalog, actor, property, &[text.to_owned()]).await?;
        return Ok(match (ids.first(), unknown.first()) {
            (Some(id), None) => Ok(Edit::Set(Value::Link(*id))),
            _ => Err(no_such(catalog, property, text)),
        });
    }
    let (mut add, mut remove, mut whole) = (vec![], vec![], true);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (list, name) = match (part.strip_prefix('+'), part.strip_prefix('-')) {
            (Some(name), _) => (&mut add, name),
            (_, Some(name)) => (&mut remove, name),
            _ => (&mut add, part),
        };
        whole = whole && !part.starts_with(['+', '-']);
        let (ids, _) = find(conn, catalog, actor, property, &[name.trim().to_owned()]).await?;
        match ids.first() {
            Some(id) => list.push(*id),
            None => return Ok(Err(no_such(catalog, property, name))),
        }
    }
    Ok(Ok(if whole { Edit::Set(Value::links(add)) } else { Edit::Delta { add, remove } }))
}

async fn find(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    actor: &Actor,
    property: &Property,
    names: &[String],
) -> Result<(Vec<i64>, Vec<String>), DbErr> {
    if property.is_person() {
        let (ids, unknown) = people(conn, actor, names).await?;
        return Ok((ids.into_iter().take(1).collect(), unknown));
    }
    if property.target == catalog.issue().name {
        let numbers: Vec<i64> = names
            .iter()
            .filter_map(|name| name.trim_start_matches('#').trim_start_matches("issue").parse().ok())
            .collect();
        let known = crate::query::titles(conn, catalog, &numbers).await?;
        let found: Vec<i64> = numbers.into_iter().filter(|number| known.contains_key(number)).collect();
        let unknown = if found.len() == names.len() { vec![] } else { names.to_vec() };
        return Ok((found, unknown));
    }
    Ok(items(catalog, property, names))
}

/// The rows that names or numbers mean, and the names that mean none.
pub fn items(catalog: &Catalog, property: &Property, names: &[String]) -> (Vec<i64>, Vec<String>) {
    let (mut ids, mut unknown) = (vec![], vec![]);
    for name in names {
        let item = catalog.class(&property.target).and_then(|class| {
            class.item_named(name).or_else(|| name.parse().ok().and_then(|number| class.item(number)))
        });
        match item {
            Some(item) => ids.push(item.number),
            None if property.target == catalog.issue().name => match name.trim_start_matches('#').parse() {
                Ok(number) => ids.push(number),
                Err(_) => unknown.push(name.clone()),
            },
            None => unknown.push(name.clone()),
        }
    }
    (ids, unknown)
}

/// The participants whom names mean: a user's name, `@me`, a mail address, or a display name. Of a user it is everybody
/// who was joined to them, their own participant first.
pub async fn people(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    names: &[String],
) -> Result<(Vec<i64>, Vec<String>), DbErr> {
    let (mut ids, mut unknown) = (vec![], vec![]);
    for name in names {
        let name = name.trim();
        if matches!(name, "@me" | "@current_user" | "me") {
            ids.extend(actor.participant().map(|id| id.0));
            continue;
        }
        let bare = name.trim_start_matches('@').to_lowercase();
        let found = match people::user::by_name(conn, &bare).await? {
            Some(user) => of_user(conn, &user).await?,
            None => by_address(conn, &bare).await?,
        };
        if found.is_empty() { unknown.push(name.to_owned()) } else { ids.extend(found.iter().map(|id| id.0)) }
    }
    Ok((ids, unknown))
}

async fn of_user(conn: &impl ConnectionTrait, user: &people::User) -> Result<Vec<ParticipantId>, DbErr> {
    let joined: Vec<ParticipantId> = participant::Entity::find()
        .select_only()
        .column(participant::Column::Id)
        .filter(participant::Column::UserId.eq(user.id))
        .tuples()
        .all(conn)
        .await?;
    let others = joined.into_iter().filter(|id| *id != user.participant_id);
    Ok(std::iter::once(user.participant_id).chain(others).collect())
}

async fn by_address(conn: &impl ConnectionTrait, name: &str) -> Result<Vec<ParticipantId>, DbErr> {
    let known: Option<(ParticipantId, Option<people::UserId>)> = participant::Entity::find()
        .select_only()
        .columns([participant::Column::Id, participant::Column::UserId])
        .filter(Condition::any().add(participant::Column::Address.eq(name)).add(participant::Column::Name.eq(name)))
        .tuples()
        .one(conn)
        .await?;
    let Some((id, user)) = known else { return Ok(vec![]) };
    match user {
        Some(user) => match user::Entity::find_by_id(user).one(conn).await? {
            Some(user) => of_user(conn, &user).await,
            None => Ok(vec![id]),
        },
        None => Ok(vec![id]),
    }
}

/// The sentence for a name that no row has: what was meant, or what there is.
pub(crate) fn no_such(catalog: &Catalog, property: &Property, name: &str) -> String {
    let near = catalog.class(&property.target).filter(|_| !property.is_person()).map(|class| {
        let names: Vec<&str> = class.living().map(|item| item.name.as_str()).collect();
        (closest(name, &names), names)
    });
    let what = format!("{}: there is no {name}", property.label);
    match near {
        Some((Some(near), names)) => format!("{what}; did you mean {near}? There is {}.", enumerated(&names)),
        Some((None, names)) if !names.is_empty() => format!("{what}, but {}.", enumerated(&names)),
        _ => format!("{what}."),
    }
}

/// Names one after the other, the first thirty of them.
fn enumerated(names: &[&str]) -> String {
    let more = names.len().saturating_sub(30);
    let shown = names.iter().take(30).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// The name that differs least, when it differs little.
fn closest<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let scored = names.iter().map(|name| (distance(&typed, &name.to_lowercase()), *name));
    scored.filter(|(far, name)| *far <= 2.max(name.len() / 3)).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(60).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().take(60).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let step = corner + usize::from(left != *right);
            corner = row[j + 1];
            row[j + 1] = step.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_what_was_meant() {
        let names = ["unread", "resolved", "need-eg"];
        assert_eq!(closest("resolvd", &names), Some("resolved"));
        assert_eq!(closest("Unred", &names), Some("unread"));
        assert_eq!(closest("nosuch", &names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
