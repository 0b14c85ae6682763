//! Tickets: secrets in one-time links, kept as hashes. Looking at a ticket does not use it up; its door does.

use chrono::{DateTime, Duration, Utc};
use people::{UserId, participant::canonical};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use store::{StoreError, Tx};

use crate::entity::ticket;

pub use crate::entity::ticket::Model as Ticket;

/// What a ticket opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first administrator's page.
    Setup,
    /// A sign-up whose address is to be confirmed; `data` has the rest of the form.
    Signup,
    /// A further address of a user that is to be confirmed.
    Address,
    /// A new password for a user.
    Reset,
    /// A sign-up by invitation; `data` says who invited.
    Invitation,
}

impl Kind {
    /// The word under which the kind is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Signup => "signup",
            Self::Address => "address",
            Self::Reset => "reset",
            Self::Invitation => "invitation",
        }
    }

    /// How long a ticket may be used.
    pub fn life(self) -> Duration {
        match self {
            Self::Reset => Duration::minutes(30),
            Self::Signup | Self::Address => Duration::days(2),
            Self::Invitation => Duration::days(14),
            Self::Setup => Duration::days(30),
        }
    }
}

/// A ticket that was just made, and its secret of 256 bits, which is nowhere else.
#[derive(Clone, Debug)]
pub struct Issued {
    pub id: i64,
    pub secret: String,
}

/// Makes a ticket. Earlier ones of the same kind for the same person and address end; sign-ups and invitations, which
/// are nobody's yet, stand beside each other.
pub async fn issue(tx: &Tx, kind: Kind, user: Option<UserId>, address: &str, data: &str) -> Result<Issued, StoreError> {
    let address = canonical(address);
    if !matches!(kind, Kind::Signup | Kind::Invitation) {
        let mut earlier = ticket::Entity::delete_many()
            .filter(ticket::Column::Kind.eq(kind.word()))
            .filter(ticket::Column::Address.eq(&address));
        earlier = match user {
            Some(user) => earlier.filter(ticket::Column::UserId.eq(user)),
            None => earlier.filter(ticket::Column::UserId.is_null()),
        };
        earlier.exec(tx).await?;
    }
    let secret = web::session::draw_secret();
    let row = ticket::ActiveModel {
        kind: Set(kind.word().into()),
        hash: Set(people::token::hash(&secret)),
        user_id: Set(user),
        address: Set(address),
        data: Set(data.to_owned()),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + kind.life()),
        ..Default::default()
    };
    let id = row.insert(tx).await?.id;
    Ok(Issued { id, secret })
}

/// Gives a ticket a new secret; the old one ends.
pub async fn renew(tx: &Tx, id: i64) -> Result<String, StoreError> {
    let secret = web::session::draw_secret();
    ticket::Entity::update_many()
        .col_expr(ticket::Column::Hash, Expr::value(people::token::hash(&secret)))
        .filter(ticket::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(secret)
}

/// The living ticket of a secret.
pub async fn find(
    conn: &impl ConnectionTrait,
    kind: Kind,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<Ticket>, DbErr> {
    ticket::Entity::find()
        .filter(ticket::Column::Hash.eq(people::token::hash(secret)))
        .filter(ticket::Column::Kind.eq(kind.word()))
        .filter(ticket::Column::ExpiresAt.gt(now))
        .one(conn)
        .await
}

/// The ticket of an id, living or not.
pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Ticket>, DbErr> {
    ticket::Entity::find_by_id(id).one(conn).await
}

/// The living tickets of a kind, newest first, at most 500; of one user, when given.
pub async fn living(
    conn: &impl ConnectionTrait,
    kind: Kind,
    user: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Ticket>, DbErr> {
    use sea_orm::QuerySelect;
    let mut found =
        ticket::Entity::find().filter(ticket::Column::Kind.eq(kind.word())).filter(ticket::Column::ExpiresAt.gt(now));
    if let Some(user) = user {
        found = found.filter(ticket::Column::UserId.eq(user));
    }
    found.order_by_desc(ticket::Column::Id).limit(500).all(conn).await
}

/// The word before the kind of a ticket that was used.
const USED: &str = "used ";
/// How long it is known that a ticket was used.
const REMEMBERED: Duration = Duration::days(30);

/// Uses a ticket up; false when somebody else did first.
pub async fn use_up(tx: &Tx, id: i64) -> Result<bool, StoreError> {
    Ok(ticket::Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

/// Uses a ticket up whose link is followed again by people; false when somebody else did first. It opens nothing any
/// more, and [`find_used`] tells why.
pub async fn spend(tx: &Tx, spent: &Ticket) -> Result<bool, StoreError> {
    let used = ticket::Entity::update_many()
        .col_expr(ticket::Column::Kind, Expr::value(format!("{USED}{}", spent.kind)))
        .col_expr(ticket::Column::Data, Expr::value(""))
        .col_expr(ticket::Column::ExpiresAt, Expr::value(tx.now() + REMEMBERED))
        .filter(ticket::Column::Id.eq(spent.id))
        .filter(ticket::Column::Kind.eq(&spent.kind))
        .exec(tx)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Whether a ticket was spent.
pub fn is_used(ticket: &Ticket) -> bool {
    ticket.kind.starts_with(USED)
}

/// The ticket of a secret that was spent lately.
pub async fn find_used(
    conn: &impl ConnectionTrait,
    kind: Kind,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<Ticket>, DbErr> {
    ticket::Entity::find()
        .filter(ticket::Column::Hash.eq(people::token::hash(secret)))
        .filter(ticket::Column::Kind.eq(format!("{USED}{}", kind.word())))
        .filter(ticket::Column::ExpiresAt.gt(now))
        .one(conn)
        .await
}

/// Ends every ticket of a kind that a user has.
pub async fn end_all(tx: &Tx, kind: Kind, user: UserId) -> Result<(), StoreError> {
    ticket::Entity::delete_many()
        .filter(ticket::Column::Kind.eq(kind.word()))
        .filter(ticket::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes tickets that are too old; how many.
pub async fn sweep(tx: &Tx) -> Result<u64, StoreError> {
    let swept = ticket::Entity::delete_many().filter(ticket::Column::ExpiresAt.lt(tx.now())).exec(tx).await?;
    Ok(swept.rows_affected)
}
