//! People can be found: their names and what they say of themselves.

use async_trait::async_trait;
use journal::{Entry, Event, Failure, Subscriber};
use people::{User, UserId};
use search::Document;
use store::{StoreError, Tx};

use crate::person;

/// Indexes whoever joins.
pub struct IndexPeople;

#[async_trait]
impl Subscriber for IndexPeople {
    fn name(&self) -> &'static str {
        "accounts/index"
    }

    fn answers(&self) -> &'static [&'static str] {
        &["PersonJoined"]
    }

    fn derives(&self) -> bool {
        true
    }

    async fn answer(&self, tx: &Tx, entry: &Entry) -> Result<(), Failure> {
        let Event::PersonJoined { user, .. } = &entry.event else { return Ok(()) };
        match people::user::by_id(tx, UserId(*user)).await? {
            Some(user) => Ok(put(tx, &user).await?),
            None => Ok(()),
        }
    }
}

/// Indexes a person, or indexes them anew.
pub async fn put(tx: &Tx, user: &User) -> Result<(), StoreError> {
    let document = Document {
        key: format!("accounts/person/{}", user.id),
        module: "accounts",
        kind: "person",
        url: format!("/people/{}", user.name),
        title: person::shown(user).to_owned(),
        body: format!("{}\n{}", user.name, user.about),
        participant: Some(user.participant_id),
        at: user.created_at,
        audience: "public".into(),
    };
    search::put(tx, document).await
}
