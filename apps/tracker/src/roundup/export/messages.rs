//! Messages and files on their way out, with their bytes.

use std::collections::HashMap;

use people::ParticipantId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{BlobId, Tuples, blobs};

use super::{BATCH, Export, Out, create_line, millis, text_or_none};
use crate::catalog::Class;
use crate::entity::{file, message};
use crate::roundup::literal::Literal;
use crate::roundup::{Fault, content_path, io};

impl Export<'_> {
    pub(super) async fn messages(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let mut files: HashMap<i64, Vec<i64>> = HashMap::new();
        let named: Vec<(i64, i64)> = file::Entity::find()
            .select_only()
            .columns([file::Column::MessageNumber, file::Column::Number])
            .filter(file::Column::TrackerId.eq(self.catalog.tracker.id))
            .filter(file::Column::MessageNumber.is_not_null())
            .order_by_asc(file::Column::Number)
            .tuples()
            .all(self.tx)
            .await?;
        for (message, file) in named {
            files.entry(message).or_default().push(file);
        }
        let (mut out, mut after) = (Vec::new(), 0);
        loop {
            let rows = message::Entity::find()
                .filter(message::Column::TrackerId.eq(self.catalog.tracker.id))
                .filter(message::Column::Id.gt(after))
                .order_by_asc(message::Column::Id)
                .limit(BATCH)
                .all(self.tx)
                .await?;
            let Some(last) = rows.last() else { return Ok(out) };
            after = last.id;
            for row in rows {
                out.push(self.message(class, &row, files.get(&row.number), &header).await?);
            }
        }
    }

    async fn message(
        &self,
        class: &Class,
        row: &message::Model,
        files: Option<&Vec<i64>>,
        header: &[String],
    ) -> Result<Out, Fault> {
        let bytes = match (&row.kept, &row.raw) {
            (Some(_), Some(raw)) => blobs::get(self.tx.store(), self.tx, &BlobId(raw.clone())).await?,
            _ => row.body.clone().into_bytes(),
        };
        self.content(class, row.number, &bytes)?;
        if let Some(kept) = &row.kept {
            let journal = row.journal.clone().unwrap_or_default();
            return Ok(Out {
                number: row.number,
                key: String::new(),
                is_retired: row.is_retired,
                line: kept.clone(),
                journal,
            });
        }
        let author = Literal::of_id(self.user(row.author_id));
        let at = millis(row.created_at);
        let list = |ids: Vec<i64>| Literal::List(ids.into_iter().map(Literal::of_id).collect());
        let recipients: Vec<i64> = serde_json::from_str(&row.recipients).unwrap_or_default();
        let mut recipients: Vec<i64> = recipients.into_iter().map(|id| self.user(ParticipantId(id))).collect();
        recipients.sort_unstable();
        recipients.dedup();
        let id = |id: &str| if id.is_empty() { Literal::None } else { Literal::Text(format!("<{id}>")) };
        let cells = [
            ("id", Literal::of_id(row.number)),
            ("author", author.clone()),
            ("creator", author.clone()),
            ("actor", author),
            ("activity", at.clone()),
            ("creation", at),
            ("date", millis(row.sent_at)),
            ("files", list(files.cloned().unwrap_or_default())),
            ("inreplyto", id(&row.in_reply_to)),
            ("messageid", id(&row.message_id)),
            ("recipients", list(recipients)),
            ("summary", text_or_none(&row.summary)),
            ("is retired", Literal::Bool(row.is_retired)),
        ];
        let cells = cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Out {
            number: row.number,
            key: String::new(),
            is_retired: row.is_retired,
            line: self.line(header, &cells, ""),
            journal: create_line(row.number, row.created_at, self.user(row.author_id)),
        })
    }

    pub(super) async fn files(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows = file::Entity::find()
            .filter(file::Column::TrackerId.eq(self.catalog.tracker.id))
            .order_by_asc(file::Column::Number)
            .all(self.tx)
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let bytes = blobs::get(self.tx.store(), self.tx, &BlobId(row.blob.clone())).await?;
            self.content(class, row.number, &bytes)?;
            let creator = Literal::of_id(self.user(row.creator_id));
            let at = millis(row.created_at);
            let cells = [
                ("id", Literal::of_id(row.number)),
                ("name", Literal::Text(row.name.clone())),
                ("type", text_or_none(&row.content_type)),
                ("creator", creator.clone()),
                ("actor", creator),
                ("activity", at.clone()),
                ("creation", at),
                ("is retired", Literal::Bool(row.is_retired)),
            ];
            let cells = cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let made =
                || (self.line(&header, &cells, ""), create_line(row.number, row.created_at, self.user(row.creator_id)));
            let (line, journal) = match (row.kept.clone(), row.journal.clone()) {
                (Some(kept), journal) => (kept, journal.unwrap_or_default()),
                (None, _) => made(),
            };
            out.push(Out { number: row.number, key: String::new(), is_retired: row.is_retired, line, journal });
        }
        Ok(out)
    }

    fn content(&self, class: &Class, number: i64, bytes: &[u8]) -> Result<(), Fault> {
        let path = content_path(self.root, &class.name, number);
        let folder = path.parent().unwrap_or(self.root);
        std::fs::create_dir_all(folder).map_err(io(folder))?;
        std::fs::write(&path, bytes).map_err(io(&path))
    }
}
