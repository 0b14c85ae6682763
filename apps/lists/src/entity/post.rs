//! The table `list_post`.

use people::ParticipantId;
use sea_orm::entity::prelude::*;
use store::BlobId;

use crate::{ListId, PostId, ThreadId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_post")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PostId,
    pub list_id: ListId,
    pub thread_id: ThreadId,
    pub message_id: String,
    /// Message-ID-Hash.
    pub hash: String,
    /// 0, or which other mail of the same Message-ID this is.
    #[sea_orm(select_as = "bigint")]
    pub copy: i64,
    /// Message-IDs that it answers, blanks between, nearest last.
    pub refs: String,
    pub participant_id: ParticipantId,
    pub author: String,
    pub subject: String,
    /// Plain text.
    pub body: String,
    pub has_html: bool,
    pub at: DateTimeUtc,
    /// `2026-11`.
    pub month: String,
    pub received_at: DateTimeUtc,
    /// `mail`, `web` or `import`.
    pub source: String,
    pub blob: BlobId,
    pub size: i64,
    #[sea_orm(select_as = "bigint")]
    pub files: i64,
    /// The steps of the policy, JSON; empty for an import.
    pub judgement: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
