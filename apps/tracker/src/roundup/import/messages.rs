//! The messages of an export and the files that hang on them.

use super::*;

impl Import<'_> {
    pub(super) async fn messages(&mut self, table: &Table, homes: &mut Homes) -> Result<(), Fault> {
        let (_, mut journal) = journal::by_item(&table.journal);
        let columns = &[
            ("id", "bigint"),
            ("tracker_id", "bigint"),
            ("number", "bigint"),
            ("issue_id", "bigint"),
            ("author_id", "bigint"),
            ("sent_at", "timestamptz"),
            ("created_at", "timestamptz"),
            ("source", "text"),
            ("format", "text"),
            ("summary", "text"),
            ("body", "text"),
            ("message_id", "text"),
            ("in_reply_to", "text"),
            ("recipients", "text"),
            ("raw", "text"),
            ("is_retired", "boolean"),
            ("kept", "text"),
            ("journal", "text"),
        ];
        let mut bulk = Bulk::begin(self.tx, "tracker_message", columns).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let path = content_path(self.root, &table.name, number);
            let bytes = if path.is_file() { std::fs::read(&path).map_err(io(&path))? } else { vec![] };
            let sound = std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0'));
            // Bytes that are no text are kept beside what can be read of them.
            let raw = if sound { Json::Null } else { blobs::put(self.tx, &bytes).await?.0.into() };
            let text = String::from_utf8_lossy(&bytes);
            let bare = |id: String| id.trim().trim_matches(['<', '>']).to_owned();
            for file in cells.get("files")?.ids() {
                homes.message_of_file.entry(file).or_insert(number);
            }
            let recipients: Vec<i64> =
                cells.get("recipients")?.ids().iter().filter_map(|id| self.people.get(id).copied()).collect();
            let summary = cells.text("summary")?;
            let author = cells.get("author")?;
            let author = self.person(&if author == Literal::None { cells.get("creator")? } else { author })?;
            bulk.push(
                self.tx,
                vec![
                    self.tracker.0.into(),
                    number.into(),
                    homes.issue_of_message.get(&number).map_or(Json::Null, |id| (*id).into()),
                    author.into(),
                    bulk::time(cells.get("date")?.millis().unwrap_or(cells.millis("creation")?)),
                    bulk::time(cells.millis("creation")?),
                    "import".into(),
                    "plain".into(),
                    bulk::text(&if summary.is_empty() { body::summary(&text) } else { summary }),
                    bulk::text(&text),
                    bulk::text(&bare(cells.text("messageid")?)),
                    bulk::text(&bare(cells.text("inreplyto")?)),
                    json!(recipients).to_string().into(),
                    raw,
                    cells.is_retired().into(),
                    bulk::text(cells.row.raw),
                    bulk::text(&journal.remove(&number).unwrap_or_default()),
                ],
            )
            .await?;
            self.report.messages += 1;
        }
        Ok(bulk.finish(self.tx).await?)
    }

    pub(super) async fn files(&mut self, table: &Table, homes: &Homes) -> Result<(), Fault> {
        let (_, mut journal) = journal::by_item(&table.journal);
        let columns = &[
            ("id", "bigint"),
            ("tracker_id", "bigint"),
            ("number", "bigint"),
            ("issue_id", "bigint"),
            ("message_number", "bigint"),
            ("name", "text"),
            ("content_type", "text"),
            ("blob", "text"),
            ("size", "bigint"),
            ("creator_id", "bigint"),
            ("created_at", "timestamptz"),
            ("is_retired", "boolean"),
            ("kept", "text"),
            ("journal", "text"),
        ];
        let mut bulk = Bulk::begin(self.tx, "tracker_file", columns).await?;
        for cells in rows(table) {
            let number = cells.number()?;
            let path = content_path(self.root, &table.name, number);
            let bytes = if path.is_file() { std::fs::read(&path).map_err(io(&path))? } else { vec![] };
            let blob = blobs::put(self.tx, &bytes).await?;
            let message = homes.message_of_file.get(&number);
            let issue = homes.issue_of_file.get(&number).or_else(|| homes.issue_of_message.get(message?));
            bulk.push(
                self.tx,
                vec![
                    self.tracker.0.into(),
                    number.into(),
                    issue.map_or(Json::Null, |id| (*id).into()),
                    message.map_or(Json::Null, |number| (*number).into()),
                    bulk::text(&cells.text("name")?),
                    bulk::text(&cells.text("type")?),
                    blob.0.into(),
                    bytes.len().into(),
                    self.person(&cells.get("creator")?)?.into(),
                    bulk::time(cells.millis("creation")?),
                    cells.is_retired().into(),
                    bulk::text(cells.row.raw),
                    bulk::text(&journal.remove(&number).unwrap_or_default()),
                ],
            )
            .await?;
            self.report.files += 1;
        }
        Ok(bulk.finish(self.tx).await?)
    }
}
