//! The door of members: who gets the mail of a list, and how.

use journal::Event;
use people::{Actor, participant};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use store::{Tuples, Tx};

use crate::entity::{ban, member};
use crate::list::List;
use crate::policy::Action;
use crate::{ListId, Refusal};

pub use crate::entity::member::Model as Member;

/// An opaque secret of 128 random bits, hexadecimal.
pub fn draw_secret() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Makes an address a member; one that is a member already is left as it is, and the answer is false.
pub async fn add(tx: &Tx, actor: &Actor, list: &List, name: &str, address: &str) -> Result<bool, Refusal> {
    let address = address.trim().trim_matches(['<', '>']);
    if !participant::is_address(address) {
        return Err(Refusal::BadAddress(address.to_owned()));
    }
    let key = participant::canonical(address);
    if find(tx, list.id, &key).await?.is_some() {
        return Ok(false);
    }
    if let Some(pattern) = banned(tx, list.id, &key).await? {
        return Err(Refusal::Banned(format!("{address} (matched by {pattern})")));
    }
    let participant_id = participant::by_address(tx, name, address).await?;
    let row = member::ActiveModel {
        list_id: Set(list.id),
        address: Set(address.to_owned()),
        address_key: Set(key.clone()),
        name: Set(name.chars().filter(|c| !c.is_control()).take(200).collect()),
        participant_id: Set(participant_id),
        delivery: Set("on".into()),
        moderation: Set(None),
        own_posts: Set(true),
        no_duplicates: Set(false),
        is_hidden: Set(false),
        token: Set(draw_secret()),
        bounce_score: Set(0),
        bounced_at: Set(None),
        joined_at: Set(tx.now()),
        ..Default::default()
    };
    row.insert(tx).await?;
    journal::append(tx, actor, Event::MemberJoined { list: list.name.clone(), address: key })?;
    Ok(true)
}

/// Ends a membership; false when there is none.
pub async fn remove(tx: &Tx, actor: &Actor, list: &List, address: &str, reason: &str) -> Result<bool, Refusal> {
    let key = participant::canonical(address);
    let gone = member::Entity::delete_many()
        .filter(member::Column::ListId.eq(list.id))
        .filter(member::Column::AddressKey.eq(&key))
        .exec(tx)
        .await?;
    if gone.rows_affected == 0 {
        return Ok(false);
    }
    let event = Event::MemberLeft { list: list.name.clone(), address: key, reason: reason.to_owned() };
    journal::append(tx, actor, event)?;
    Ok(true)
}

/// What a member may choose.
#[derive(Clone, Debug)]
pub struct Options {
    pub delivers: bool,
    pub own_posts: bool,
    pub no_duplicates: bool,
    pub is_hidden: bool,
}

/// Changes how a member gets mail. Turning delivery on forgives what bounced.
pub async fn choose(tx: &Tx, member: Member, options: Options) -> Result<Member, Refusal> {
    let was_on = member.delivery == "on";
    let by_moderator = member.delivery == "moderator";
    let mut row = member.into_active_model();
    row.own_posts = Set(options.own_posts);
    row.no_duplicates = Set(options.no_duplicates);
    row.is_hidden = Set(options.is_hidden);
    match (options.delivers, was_on) {
        (true, false) if by_moderator => {
            return Err(Refusal::Text(
                "A moderator has stopped delivery to this address. Write to the list's owners.".into(),
            ));
        }
        (true, false) => {
            row.delivery = Set("on".into());
            row.bounce_score = Set(0);
            row.bounced_at = Set(None);
        }
        (false, true) => row.delivery = Set("off".into()),
        _ => {}
    }
    Ok(row.update(tx).await?)
}

/// Sets what happens to a member's posts, and whether they get mail, as a moderator decides.
pub async fn moderate(
    tx: &Tx,
    actor: &Actor,
    list: &List,
    address: &str,
    action: Option<Action>,
    delivers: bool,
) -> Result<(), Refusal> {
    crate::list::check_moderator(actor, list)?;
    let key = participant::canonical(address);
    let known = find(tx, list.id, &key).await?.ok_or_else(|| Refusal::NoSuchMember(address.to_owned()))?;
    let delivery = match (delivers, known.delivery.as_str()) {
        (true, _) => "on".to_owned(),
        (false, "on") => "moderator".to_owned(),
        (false, before) => before.to_owned(),
    };
    let mut row = known.into_active_model();
    row.moderation = Set(action.map(|action| action.word().to_owned()));
    if delivers {
        row.bounce_score = Set(0);
    }
    row.delivery = Set(delivery);
    row.update(tx).await?;
    Ok(())
}

/// The membership of an address.
pub async fn find(conn: &impl ConnectionTrait, list: ListId, address: &str) -> Result<Option<Member>, DbErr> {
    member::Entity::find()
        .filter(member::Column::ListId.eq(list))
        .filter(member::Column::AddressKey.eq(participant::canonical(address)))
        .one(conn)
        .await
}

/// The memberships of a person, with any of their addresses.
pub async fn of_user(conn: &impl ConnectionTrait, list: ListId, user: people::UserId) -> Result<Vec<Member>, DbErr> {
    let own = journal::query::participants_of(conn, user).await?;
    member::Entity::find()
        .filter(member::Column::ListId.eq(list))
        .filter(member::Column::ParticipantId.is_in(own))
        .all(conn)
        .await
}

/// The member whom a secret belongs to.
pub async fn by_token(conn: &impl ConnectionTrait, token: &str) -> Result<Option<Member>, DbErr> {
    member::Entity::find().filter(member::Column::Token.eq(token.to_lowercase())).one(conn).await
}

/// Bans a pattern from a list: an address, `@domain`, or one with `*`.
pub async fn ban(tx: &Tx, actor: &Actor, list: &List, pattern: &str) -> Result<(), Refusal> {
    crate::list::check_moderator(actor, list)?;
    let pattern = pattern.trim().to_lowercase();
    let sound = pattern.contains('@') && pattern.len() <= 254 && !pattern.contains(char::is_whitespace);
    if !sound || pattern.chars().all(|c| matches!(c, '*' | '@')) {
        return Err(Refusal::BadAddress(pattern));
    }
    let row = ban::ActiveModel {
        list_id: Set(list.id),
        pattern: Set(pattern),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let inserted = ban::Entity::insert(row)
        .on_conflict(OnConflict::columns([ban::Column::ListId, ban::Column::Pattern]).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    match inserted {
        Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Takes a ban back.
pub async fn unban(tx: &Tx, actor: &Actor, list: &List, pattern: &str) -> Result<(), Refusal> {
    crate::list::check_moderator(actor, list)?;
    ban::Entity::delete_many()
        .filter(ban::Column::ListId.eq(list.id))
        .filter(ban::Column::Pattern.eq(pattern))
        .exec(tx)
        .await?;
    Ok(())
}

/// The banned patterns of a list.
pub async fn bans(conn: &impl ConnectionTrait, list: ListId) -> Result<Vec<String>, DbErr> {
    ban::Entity::find()
        .select_only()
        .column(ban::Column::Pattern)
        .filter(ban::Column::ListId.eq(list))
        .tuples()
        .all(conn)
        .await
}

/// The ban that matches an address.
pub async fn banned(conn: &impl ConnectionTrait, list: ListId, address: &str) -> Result<Option<String>, DbErr> {
    let address = address.to_lowercase();
    Ok(bans(conn, list).await?.into_iter().find(|pattern| matches(pattern, &address)))
}

/// Whether an address matches a pattern in which `*` stands for any text; `@domain` matches every address there.
fn matches(pattern: &str, address: &str) -> bool {
    let anchored = if pattern.starts_with('@') { format!("*{pattern}") } else { pattern.to_owned() };
    let mut parts = anchored.split('*');
    let Some(mut rest) = parts.next().and_then(|first| address.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn bans_match_addresses_and_patterns() {
        let table = [
            ("ann@x.org", "ann@x.org", true),
            ("ann@x.org", "joann@x.org", false),
            ("@x.org", "ann@x.org", true),
            ("@x.org", "ann@y.x.org", false),
            ("*@*.spam.org", "a@b.spam.org", true),
            ("sp*@x.org", "spammer@x.org", true),
            ("sp*@x.org", "ann@x.org", false),
            ("*spam*", "a@spam.org", true),
            ("*aa", "a", false),
        ];
        for (pattern, address, expected) in table {
            assert_eq!(matches(pattern, address), expected, "{pattern} {address}");
        }
    }
}
