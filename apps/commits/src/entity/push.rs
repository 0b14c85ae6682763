//! The table `push`.
use crate::{PushId, RepositoryId};
use people::ParticipantId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "push")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PushId,
    pub repository_id: RepositoryId,
    /// The key of the record that it was made from: one record, one push.
    pub record: String,
    /// `hook`, `github`, `gitlab`, `gitea`, `bitbucket`.
    pub source: String,
    /// The blob of the record as it came.
    pub raw: String,
    /// The name of who pushed, as it was then.
    pub pusher: String,
    pub participant_id: Option<ParticipantId>,
    pub at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    /// New commits in all its refs.
    pub total: i64,
    /// When its mails were queued; absent while they wait, or when none are wanted.
    pub mailed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
