//! Issues and their journals on their way out.

use std::collections::{BTreeMap, HashMap};

use people::ParticipantId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Tuples, Tx};

use super::{BATCH, Export, Out, journal_line, millis};
use crate::catalog::{Class, Property};
use crate::change::Delta;
use crate::entity::{file, history, issue, message};
use crate::issue::Issue;
use crate::kind::{Kind, Value};
use crate::roundup::literal::Literal;
use crate::roundup::{Fault, csv};
use crate::{IssueId, query};

impl Export<'_> {
    pub(super) async fn issues(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let mut out = Vec::new();
        let mut after = IssueId(0);
        loop {
            let rows = issue::Entity::find()
                .filter(issue::Column::TrackerId.eq(self.catalog.tracker.id))
                .filter(issue::Column::Id.gt(after))
                .order_by_asc(issue::Column::Id)
                .limit(BATCH)
                .all(self.tx)
                .await?;
            let Some(last) = rows.last() else { return Ok(out) };
            after = last.id;
            let batch = Batch::read(self.tx, &rows).await?;
            for issue in query::with_values(self.tx, self.catalog, rows).await? {
                out.push(self.issue(class, &issue, &batch, &header));
            }
        }
    }

    fn issue(&self, class: &Class, issue: &Issue, batch: &Batch, header: &[String]) -> Out {
        let row = &issue.row;
        let mut cells = BTreeMap::from([
            ("id".to_owned(), Literal::of_id(row.number)),
            ("title".to_owned(), Literal::Text(row.title.clone())),
            ("creator".to_owned(), Literal::of_id(self.user(row.creator_id))),
            ("creation".to_owned(), millis(row.created_at)),
            ("actor".to_owned(), Literal::of_id(self.user(row.actor_id))),
            ("activity".to_owned(), millis(row.activity_at)),
            ("is retired".to_owned(), Literal::Bool(row.is_retired)),
        ]);
        let kept = row.kept.clone().unwrap_or_default();
        let old = csv::rows(&kept).next();
        for property in class.properties.iter().filter(|property| property.is_settable()) {
            cells.insert(property.name.clone(), self.literal(property, &issue.value(&property.name)));
        }
        for (name, new) in [("messages", batch.messages.get(&row.id)), ("files", batch.files.get(&row.id))] {
            let place = header.iter().position(|known| known == name);
            let before = old.as_ref().zip(place).and_then(|(row, at)| row.fields.get(at));
            let mut ids = before.and_then(|cell| Literal::read(cell).ok()).map(|cell| cell.ids()).unwrap_or_default();
            ids.extend(new.into_iter().flatten());
            ids.sort_unstable();
            ids.dedup();
            cells.insert(name.to_owned(), Literal::List(ids.into_iter().map(Literal::of_id).collect()));
        }
        let journal =
            batch.history.get(&row.id).into_iter().flatten().map(|entry| self.entry(row.number, entry)).collect();
        Out {
            number: row.number,
            key: String::new(),
            is_retired: row.is_retired,
            line: self.line(header, &cells, &kept),
            journal,
        }
    }

    fn literal(&self, property: &Property, value: &Value) -> Literal {
        let id = |id: &i64| Literal::of_id(if property.is_person() { self.user(ParticipantId(*id)) } else { *id });
        match (value, property.kind) {
            (value, Kind::Multilink) => {
                let mut ids: Vec<i64> = value.ids().to_vec();
                if property.is_person() {
                    ids = ids.iter().map(|id| self.user(ParticipantId(*id))).collect();
                    ids.sort_unstable();
                    ids.dedup();
                }
                Literal::List(ids.into_iter().map(Literal::of_id).collect())
            }
            (Value::Empty, _) => Literal::None,
            (Value::Text(text), _) => Literal::Text(text.clone()),
            (Value::Number(number), Kind::Integer) => Literal::Int(*number as i64),
            (Value::Number(number), _) => Literal::Float(*number),
            (Value::Boolean(yes), _) => Literal::Bool(*yes),
            (Value::Date(at), _) => Literal::of_millis(*at),
            (Value::Interval(span), _) => {
                let sign = Literal::Int(if span.negative { -1 } else { 1 });
                let parts = span.parts.iter().map(|part| Literal::Int(*part));
                Literal::Tuple(std::iter::once(sign).chain(parts).chain([Literal::Float(span.seconds)]).collect())
            }
            (Value::Link(target), _) => id(target),
            (Value::Links(_), _) => Literal::None,
        }
    }

    /// A line of an issue's journal: as it came, or with the old values as Roundup keeps them.
    fn entry(&self, number: i64, entry: &history::Model) -> String {
        if let Some(kept) = &entry.kept {
            return format!("{kept}\n");
        }
        let by = self.user(entry.participant_id);
        let params = match entry.action.as_str() {
            "create" => Literal::Dict(vec![]),
            "set" => self.old_values(entry),
            _ => Literal::None,
        };
        journal_line(number, entry.at, by, &entry.action, &params)
    }

    fn old_values(&self, entry: &history::Model) -> Literal {
        let deltas: Vec<Delta> = serde_json::from_str(&entry.changes).unwrap_or_default();
        let ids = |ids: Vec<i64>| Literal::List(ids.into_iter().map(Literal::of_id).collect());
        let step = |sign: &str, list: Vec<i64>| {
            (!list.is_empty()).then(|| Literal::Tuple(vec![Literal::Text(sign.to_owned()), ids(list)]))
        };
        let mut pairs: BTreeMap<String, Literal> = BTreeMap::new();
        if let Some(message) = entry.message_number {
            pairs.insert("messages".into(), Literal::Tuple(step("+", vec![message]).into_iter().collect()));
        }
        for delta in &deltas {
            let Some(property) = self.catalog.property(&delta.property) else { continue };
            let (from, to) =
                (Value::from_stored(property.kind, &delta.from), Value::from_stored(property.kind, &delta.to));
            let old = if property.kind == Kind::Multilink {
                let (from, to) = (self.literal(property, &from).ids(), self.literal(property, &to).ids());
                let only = |a: &[i64], b: &[i64]| a.iter().copied().filter(|id| !b.contains(id)).collect();
                Literal::Tuple(step("+", only(&to, &from)).into_iter().chain(step("-", only(&from, &to))).collect())
            } else {
                self.literal(property, &from)
            };
            pairs.insert(delta.property.clone(), old);
        }
        Literal::Dict(pairs.into_iter().map(|(name, old)| (Literal::Text(name), old)).collect())
    }
}

/// What belongs to a batch of issues.
struct Batch {
    messages: HashMap<IssueId, Vec<i64>>,
    files: HashMap<IssueId, Vec<i64>>,
    history: HashMap<IssueId, Vec<history::Model>>,
}

impl Batch {
    /// Reads the messages and files that were made here, and the whole history.
    async fn read(tx: &Tx, issues: &[issue::Model]) -> Result<Self, Fault> {
        let ids: Vec<IssueId> = issues.iter().map(|row| row.id).collect();
        let messages: Vec<(IssueId, i64)> = message::Entity::find()
            .select_only()
            .columns([message::Column::IssueId, message::Column::Number])
            .filter(message::Column::IssueId.is_in(ids.clone()))
            .filter(message::Column::Kept.is_null())
            .tuples()
            .all(tx)
            .await?;
        let files: Vec<(IssueId, i64)> = file::Entity::find()
            .select_only()
            .columns([file::Column::IssueId, file::Column::Number])
            .filter(file::Column::IssueId.is_in(ids.clone()))
            .filter(file::Column::Kept.is_null())
            .tuples()
            .all(tx)
            .await?;
        let entries = history::Entity::find()
            .filter(history::Column::IssueId.is_in(ids))
            .order_by_asc(history::Column::Id)
            .all(tx)
            .await?;
        let mut batch = Self { messages: HashMap::new(), files: HashMap::new(), history: HashMap::new() };
        for (issue, number) in messages {
            batch.messages.entry(issue).or_default().push(number);
        }
        for (issue, number) in files {
            batch.files.entry(issue).or_default().push(number);
        }
        for entry in entries {
            batch.history.entry(entry.issue_id).or_default().push(entry);
        }
        Ok(batch)
    }
}
