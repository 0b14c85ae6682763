//! The link in each mail by which its reader leaves the nosy list without signing in (RFC 8058).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use people::{Actor, ParticipantId};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use sha2::Sha256;

use crate::catalog::Catalog;
use crate::entity::{issue, tracker};
use crate::issue::Issue;
use crate::{IssueId, Tracker, query};

/// Who leaves what by a link.
pub struct Seat {
    pub catalog: Catalog,
    pub issue: Issue,
    pub participant: ParticipantId,
    pub actor: Actor,
}

/// The word of a link: issue, participant, and a MAC over both.
pub fn token(secret: &[u8], issue: IssueId, participant: ParticipantId) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("leave {issue} {participant}").as_bytes());
    let mac = URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..15]);
    format!("{issue}-{participant}-{mac}")
}

/// Who leaves what by this word; `None` when it is not ours.
pub async fn read(tracker: &Tracker, word: &str) -> Result<Option<Seat>, DbErr> {
    let mut parts = word.splitn(3, '-');
    let ids = (parts.next().and_then(|id| id.parse().ok()), parts.next().and_then(|id| id.parse().ok()));
    let (Some(issue), Some(participant)) = ids else { return Ok(None) };
    let (issue, participant) = (IssueId(issue), ParticipantId(participant));
    let wanted = token(&tracker.hub.settings.secret, issue, participant);
    if wanted.is_empty() || !bool::from(subtle::ConstantTimeEq::ct_eq(wanted.as_bytes(), word.as_bytes())) {
        return Ok(None);
    }
    seat(tracker, &tracker.hub.store.read(), issue, participant).await
}

async fn seat(
    tracker: &Tracker,
    conn: &impl ConnectionTrait,
    id: IssueId,
    participant: ParticipantId,
) -> Result<Option<Seat>, DbErr> {
    let Some(row) = issue::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
    let Some(owner) = tracker::Entity::find_by_id(row.tracker_id).one(conn).await? else { return Ok(None) };
    let catalog = tracker.catalogs.of(conn, owner).await?;
    let Some(issue) = query::issue_by_id(conn, &catalog, id).await? else { return Ok(None) };
    let shown = people::participant::shown(conn, [participant]).await?;
    let name = shown.get(&participant).map_or_else(|| "somebody".to_owned(), |person| person.name.clone());
    let actor = Actor::Participant { id: participant, name };
    Ok(Some(Seat { catalog, issue, participant, actor }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_and_issue_has_a_word_of_its_own() {
        let word = token(b"secret", IssueId(12), ParticipantId(7));
        assert!(word.starts_with("12-7-"));
        assert_ne!(word, token(b"secret", IssueId(12), ParticipantId(8)));
        assert_ne!(word, token(b"other", IssueId(12), ParticipantId(7)));
    }
}
