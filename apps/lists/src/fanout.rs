//! From one post to a row for each member who gets it.

use std::borrow::Cow;

use kernel::Hub;
use mail::{Personal, Raw, Recipient, Relay, ReturnPath};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use store::{BlobId, Tuples, Tx};

use crate::archive::Kept;
use crate::entity::member;
use crate::list::{self, List};
use crate::reading::Reading;
use crate::{Refusal, headers, url};

/// Queues a post for every member who wants it; how many they are.
pub async fn distribute(
    tx: &Tx,
    hub: &Hub,
    list: &List,
    kept: &Kept,
    raw: &[u8],
    reading: &Reading,
) -> Result<usize, Refusal> {
    let rcpts = recipients(tx, list, raw, reading).await?;
    let count = rcpts.len();
    let names = list::names(hub, list);
    let bytes = match headers::cleaned(raw, &list.subject_prefix) {
        Cow::Borrowed(_) => Raw::Blob(BlobId::of(raw)),
        Cow::Owned(bytes) => Raw::Bytes(bytes),
    };
    let archived_at = hub.url(&url::message(&list.name, &kept.message_id, kept.copy));
    let mut headers = names.of_post(&archived_at);
    let bounces = names.address("-bounces");
    let (personal, envelope_from) = if list.is_personal {
        (Some(Personal { headers: names.of_member() }), ReturnPath::Verp(bounces))
    } else {
        headers.extend(names.of_everybody());
        (None, ReturnPath::To(bounces))
    };
    let relay = Relay {
        raw: bytes,
        headers,
        personal,
        envelope_from,
        rcpts,
        message_id: reading.message_id.clone(),
        subject: reading.subject.clone(),
        about: format!("list/{}", list.name),
    };
    mail::outbound::queue_raw(tx, relay).await?;
    Ok(count)
}

/// Members whose delivery is on, without the author who wants no copy, and without those who get one anyway.
async fn recipients(tx: &Tx, list: &List, raw: &[u8], reading: &Reading) -> Result<Vec<Recipient>, Refusal> {
    let rows: Vec<(String, String, String, bool, bool)> = member::Entity::find()
        .select_only()
        .columns([member::Column::Address, member::Column::AddressKey, member::Column::Token])
        .columns([member::Column::OwnPosts, member::Column::NoDuplicates])
        .filter(member::Column::ListId.eq(list.id))
        .filter(member::Column::Delivery.eq("on"))
        .tuples()
        .all(tx)
        .await?;
    let addressed = if rows.iter().any(|(.., no_duplicates)| *no_duplicates) { addressed(raw) } else { vec![] };
    let wants = |(_, key, _, own_posts, no_duplicates): &(_, String, _, bool, bool)| {
        (*own_posts || *key != reading.address) && !(*no_duplicates && addressed.contains(key))
    };
    let rcpt = |(address, _, token, ..): (String, _, String, _, _)| Recipient {
        address,
        token: list.is_personal.then_some(token),
    };
    Ok(rows.into_iter().filter(wants).map(rcpt).collect())
}

/// Whom the mail names in To and Cc, lower case.
fn addressed(raw: &[u8]) -> Vec<String> {
    let message = mail::Message::parse(raw);
    message.to.iter().chain(&message.cc).map(|address| people::participant::canonical(&address.address)).collect()
}
