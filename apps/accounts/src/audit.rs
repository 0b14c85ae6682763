//! The audit log: one line for everything that changes who may get in. Lines are added and never changed.

use chrono::Duration;
use people::{Actor, User, UserId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use store::{Page, Paging, StoreError, Tx};

use crate::entity::audit;

pub use crate::entity::audit::Model as Line;

/// From where and with what somebody did something.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub address: String,
    pub agent: String,
}

impl Client {
    /// The client of a page.
    pub fn of(page: &web::Page) -> Self {
        Self { address: page.client().to_string(), agent: page.agent().to_owned() }
    }

    /// The command line.
    pub fn console() -> Self {
        Self { address: "console".into(), agent: String::new() }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    SetUp,
    SignedUp,
    Invited,
    Joined,
    LoggedIn,
    LoginRefused,
    LoggedOut,
    SessionEnded,
    PasswordChanged,
    ResetAsked,
    ResetUsed,
    AddressAsked,
    AddressConfirmed,
    AddressRemoved,
    AddressPrimary,
    TokenMade,
    TokenRevoked,
    StateChanged,
    RoleGranted,
    RoleRevoked,
    GroupChanged,
    ProgramChanged,
    ConsentGiven,
    ConsentTaken,
}

impl Deed {
    /// All of them, for the filter of the page.
    pub const ALL: [Self; 24] = [
        Self::SetUp,
        Self::SignedUp,
        Self::Invited,
        Self::Joined,
        Self::LoggedIn,
        Self::LoginRefused,
        Self::LoggedOut,
        Self::SessionEnded,
        Self::PasswordChanged,
        Self::ResetAsked,
        Self::ResetUsed,
        Self::AddressAsked,
        Self::AddressConfirmed,
        Self::AddressRemoved,
        Self::AddressPrimary,
        Self::TokenMade,
        Self::TokenRevoked,
        Self::StateChanged,
        Self::RoleGranted,
        Self::RoleRevoked,
        Self::GroupChanged,
        Self::ProgramChanged,
        Self::ConsentGiven,
        Self::ConsentTaken,
    ];

    /// The words under which it is stored and read.
    pub fn words(self) -> &'static str {
        match self {
            Self::SetUp => "set the hub up",
            Self::SignedUp => "signed up",
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::LoggedIn => "logged in",
            Self::LoginRefused => "login refused",
            Self::LoggedOut => "logged out",
            Self::SessionEnded => "session ended",
            Self::PasswordChanged => "password changed",
            Self::ResetAsked => "reset asked",
            Self::ResetUsed => "reset used",
            Self::AddressAsked => "address asked",
            Self::AddressConfirmed => "address confirmed",
            Self::AddressRemoved => "address removed",
            Self::AddressPrimary => "address made primary",
            Self::TokenMade => "token made",
            Self::TokenRevoked => "token revoked",
            Self::StateChanged => "state changed",
            Self::RoleGranted => "role granted",
            Self::RoleRevoked => "role revoked",
            Self::GroupChanged => "group changed",
            Self::ProgramChanged => "program changed",
            Self::ConsentGiven => "consent given",
            Self::ConsentTaken => "consent taken",
        }
    }
}

/// Adds a line about the account of `user`, when it is about one.
pub async fn record(
    tx: &Tx,
    actor: &Actor,
    deed: Deed,
    user: Option<&User>,
    client: &Client,
    detail: &str,
) -> Result<(), StoreError> {
    let row = audit::ActiveModel {
        at: Set(tx.now()),
        kind: Set(deed.words().into()),
        user_id: Set(user.map(|user| user.id)),
        name: Set(user.map_or_else(String::new, |user| user.name.clone())),
        actor: Set(actor.name().to_owned()),
        address: Set(client.address.clone()),
        agent: Set(client.agent.clone()),
        detail: Set(detail.chars().filter(|c| !c.is_control()).take(300).collect()),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub user: Option<UserId>,
    /// The words of a [`Deed`].
    pub kind: Option<String>,
}

/// One page of lines, newest first.
pub async fn lines(conn: &impl ConnectionTrait, wanted: &Wanted, paging: Paging) -> Result<Page<Line>, DbErr> {
    let filter = Condition::all()
        .add_option(wanted.user.map(|user| audit::Column::UserId.eq(user)))
        .add_option(wanted.kind.clone().map(|kind| audit::Column::Kind.eq(kind)));
    let total = store::count(conn, &audit::Entity::find().filter(filter.clone())).await?;
    let rows = audit::Entity::find()
        .filter(filter)
        .order_by_desc(audit::Column::Id)
        .limit(paging.size)
        .offset(paging.offset())
        .all(conn)
        .await?;
    Ok(Page::new(rows, paging, total))
}

/// Deletes refusals older than 90 days: strangers make them, and they must not fill the disk. All else stays.
pub async fn sweep(tx: &Tx) -> Result<u64, StoreError> {
    let swept = audit::Entity::delete_many()
        .filter(audit::Column::Kind.eq(Deed::LoginRefused.words()))
        .filter(audit::Column::At.lt(tx.now() - Duration::days(90)))
        .exec(tx)
        .await?;
    Ok(swept.rows_affected)
}
