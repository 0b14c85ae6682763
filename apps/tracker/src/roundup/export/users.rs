//! Users of Roundup on their way out, and their numbers.

use std::collections::{BTreeMap, HashMap};

use people::{Participant, ParticipantId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement};
use store::Tx;

use super::{Export, Out, create_line, millis, text_or_none};
use crate::catalog::{Catalog, Class};
use crate::entity::person;
use crate::roundup::Fault;
use crate::roundup::literal::Literal;

/// Gives a number to everybody who did something in the tracker and has none.
pub(super) async fn number(tx: &Tx, catalog: &Catalog) -> Result<HashMap<i64, i64>, Fault> {
    let tracker = catalog.tracker.id;
    let known = person::Entity::find().filter(person::Column::TrackerId.eq(tracker)).all(tx).await?;
    let mut people: HashMap<i64, i64> = known.iter().map(|row| (row.participant_id.0, row.number)).collect();
    // Roundup keeps 1 for admin and 2 for anonymous.
    let mut next = known.iter().map(|row| row.number).max().unwrap_or(2).max(2) + 1;
    let links: Vec<String> = catalog
        .issue()
        .properties
        .iter()
        .filter(|property| property.is_person())
        .map(|property| match property.slot {
            Some(slot) => format!("SELECT link{slot} FROM tracker_issue WHERE tracker_id = $1"),
            None => format!("SELECT link FROM tracker_value WHERE property_id = {}", property.id),
        })
        .collect();
    let others = [
        "SELECT creator_id AS p FROM tracker_issue WHERE tracker_id = $1",
        "SELECT actor_id FROM tracker_issue WHERE tracker_id = $1",
        "SELECT author_id FROM tracker_message WHERE tracker_id = $1",
        "SELECT creator_id FROM tracker_file WHERE tracker_id = $1",
        "SELECT owner_id FROM tracker_query WHERE tracker_id = $1",
        "SELECT h.participant_id FROM tracker_history h JOIN tracker_issue i ON i.id = h.issue_id WHERE i.tracker_id = $1",
    ];
    let sql: Vec<&str> = others.into_iter().chain(links.iter().map(String::as_str)).collect();
    let sql = format!("SELECT DISTINCT p FROM ({}) AS all_of WHERE p IS NOT NULL ORDER BY p", sql.join(" UNION "));
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [tracker.0.into()]);
    let found: Vec<i64> =
        tx.query_all_raw(statement).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let new: Vec<i64> = found.into_iter().filter(|id| !people.contains_key(id)).collect();
    let shown = people::participant::shown(tx, new.iter().map(|id| ParticipantId(*id))).await?;
    for id in new {
        let known = shown.get(&ParticipantId(id));
        let name = known.and_then(|person| person.user.clone()).unwrap_or_else(|| format!("guest{next}"));
        let row = person::ActiveModel {
            tracker_id: Set(tracker),
            number: Set(next),
            participant_id: Set(ParticipantId(id)),
            name: Set(name),
            is_retired: Set(false),
            kept: Set(String::new()),
            journal: Set(String::new()),
            ..Default::default()
        };
        person::Entity::insert(row).exec_without_returning(tx).await?;
        people.insert(id, next);
        next += 1;
    }
    Ok(people)
}

impl Export<'_> {
    pub(super) async fn people(&self, class: &Class) -> Result<Vec<Out>, Fault> {
        let header = self.header(class).await?;
        let rows = person::Entity::find()
            .filter(person::Column::TrackerId.eq(self.catalog.tracker.id))
            .order_by_asc(person::Column::Number)
            .all(self.tx)
            .await?;
        let shown = people::participant::shown(self.tx, rows.iter().map(|row| row.participant_id)).await?;
        let mut out: Vec<Out> =
            rows.iter().map(|row| self.person(row, shown.get(&row.participant_id), &header)).collect();
        for (number, name, roles) in [(1, "admin", "Admin"), (2, "anonymous", "Anonymous")] {
            if !rows.iter().any(|row| row.number == number) {
                out.push(self.made_up(number, name, roles, &header));
            }
        }
        Ok(out)
    }

    fn person(&self, row: &person::Model, known: Option<&Participant>, header: &[String]) -> Out {
        if !row.kept.is_empty() {
            return Out {
                number: row.number,
                key: row.name.clone(),
                is_retired: row.is_retired,
                line: row.kept.clone(),
                journal: row.journal.clone(),
            };
        }
        let mut out = self.made_up(row.number, &row.name, "User", header);
        if let Some(known) = known {
            let mut cells = self.user_cells(row.number, &row.name, "User");
            let address = Some(&known.address).filter(|address| people::participant::is_address(address));
            cells.insert("address".into(), address.map_or(Literal::None, |address| Literal::Text(address.clone())));
            cells.insert("realname".into(), text_or_none(&known.name));
            out.line = self.line(header, &cells, "");
        }
        out
    }

    fn made_up(&self, number: i64, name: &str, roles: &str, header: &[String]) -> Out {
        let line = self.line(header, &self.user_cells(number, name, roles), "");
        let journal = create_line(number, self.catalog.tracker.created_at, 1);
        Out { number, key: name.to_owned(), is_retired: false, line, journal }
    }

    fn user_cells(&self, number: i64, name: &str, roles: &str) -> BTreeMap<String, Literal> {
        let at = millis(self.catalog.tracker.created_at);
        [
            ("id", Literal::of_id(number)),
            ("username", Literal::Text(name.to_owned())),
            ("roles", Literal::Text(roles.to_owned())),
            ("queries", Literal::List(vec![])),
            ("activity", at.clone()),
            ("creation", at),
            ("actor", Literal::of_id(1)),
            ("creator", Literal::of_id(1)),
            ("is retired", Literal::Bool(false)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}
