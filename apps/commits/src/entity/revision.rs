//! The table `revision`.
use crate::{PushId, RefId, RepositoryId};
use people::ParticipantId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub repository_id: RepositoryId,
    /// The push that brought it; absent for what was there before.
    pub push_id: Option<PushId>,
    pub push_ref_id: Option<RefId>,
    /// From 0 within its push, oldest first.
    #[sea_orm(select_as = "bigint")]
    pub position: i64,
    /// 40 or 64 hexadecimal digits, or the number of a Subversion revision.
    pub commit_id: String,
    /// The number of a Subversion revision.
    pub number: Option<i64>,
    pub author_name: String,
    pub author_email: String,
    pub participant_id: Option<ParticipantId>,
    /// `Name <address>` when it is not the author; else empty.
    pub committer: String,
    pub authored_at: DateTimeUtc,
    /// Minutes east of UTC where it was written.
    #[sea_orm(select_as = "bigint")]
    pub authored_offset: i64,
    pub committed_at: DateTimeUtc,
    pub subject: String,
    pub message: String,
    /// Separated by blanks.
    pub parents: String,
    #[sea_orm(select_as = "bigint")]
    pub files: i64,
    pub added: i64,
    pub removed: i64,
    /// The changed paths as JSON ([`crate::vcs::Changed`]), at most 1,000.
    pub changes: String,
    /// `main`, `trunk`, `default`.
    pub branch: String,
    /// Its page at the forge that told of it; empty for a repository of ours.
    pub elsewhere: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
