//! Journals: Roundup keeps what each property was; read backwards from what it is now, they tell what it became. Pure.

use std::collections::{BTreeMap, HashMap};

use super::csv;
use super::infer::Property;
use super::literal::Literal;
use crate::change::Delta;
use crate::kind::{Kind, Value};

/// One line of a journal.
#[derive(Clone, Debug)]
pub struct Line<'t> {
    pub raw: &'t str,
    pub millis: i64,
    pub user: Option<i64>,
    pub action: String,
    pub params: Literal,
}

/// The lines of a journal file; one that cannot be read is told with its number.
pub fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, (usize, String)>> {
    csv::rows(text).enumerate().map(|(at, row)| line(row).map_err(|why| (at + 1, why)))
}

fn line(row: csv::Row<'_>) -> Result<Line<'_>, String> {
    let field = |at: usize| Literal::read(row.fields.get(at).map_or("", |field| field));
    Ok(Line {
        raw: row.raw,
        millis: field(1)?.millis().ok_or("the second cell is no time")?,
        user: field(2)?.id(),
        action: field(3)?.text().unwrap_or_default().to_owned(),
        params: field(4)?,
    })
}

/// Splits a journal by item, keeping the order in which the items come.
pub fn by_item(text: &str) -> (Vec<i64>, HashMap<i64, String>) {
    let (mut order, mut lines) = (Vec::new(), HashMap::<i64, String>::new());
    for row in csv::rows(text) {
        let id = row.fields.first().and_then(|cell| Literal::read(cell).ok()).and_then(|literal| literal.id());
        let Some(id) = id else { continue };
        let own = lines.entry(id).or_insert_with(|| {
            order.push(id);
            String::new()
        });
        own.push_str(row.raw);
        own.push('\n');
    }
    (order, lines)
}

/// What a `set` changed, and the message that came with it. `now` is what the properties were after it, and becomes
/// what they were before.
pub fn undo(
    params: &Literal,
    now: &mut BTreeMap<String, Value>,
    properties: &[Property],
    people: &HashMap<i64, i64>,
) -> (Vec<Delta>, Option<i64>) {
    let Literal::Dict(pairs) = params else { return (vec![], None) };
    let (mut deltas, mut message) = (Vec::new(), None);
    for (name, old) in pairs {
        let Some(name) = name.text() else { continue };
        let known = properties.iter().find(|property| property.name == name);
        if name == "messages" || name == "files" {
            if name == "messages" {
                message = steps(old, '+').first().copied();
            }
            continue;
        }
        let after = now.get(name).cloned().unwrap_or_default();
        let before = match known {
            Some(property) if property.kind == Kind::Multilink => {
                let person =
                    |id: i64| if property.target == "user" { people.get(&id).copied().unwrap_or(id) } else { id };
                let added: Vec<i64> = steps(old, '+').into_iter().map(person).collect();
                let removed = steps(old, '-').into_iter().map(person);
                Value::links(after.ids().iter().copied().filter(|id| !added.contains(id)).chain(removed).collect())
            }
            Some(property) => value(property, old, people),
            None => old.text().map_or(Value::Empty, |text| Value::Text(text.to_owned())),
        };
        deltas.extend(Delta::between(name, &before, &after));
        now.insert(name.to_owned(), before);
    }
    deltas.sort_by(|a, b| a.property.cmp(&b.property));
    (deltas, message)
}

/// The ids that a delta `(('+', ['3']), ('-', ['4']))` adds or removes.
fn steps(delta: &Literal, sign: char) -> Vec<i64> {
    let Literal::Tuple(steps) = delta else { return vec![] };
    let own = steps.iter().filter_map(|step| match step {
        Literal::Tuple(parts) if parts.first()?.text()?.starts_with(sign) => Some(parts.get(1)?.ids()),
        _ => None,
    });
    own.flatten().collect()
}

/// The value of a cell; people become participants.
pub fn value(property: &Property, cell: &Literal, people: &HashMap<i64, i64>) -> Value {
    let id = |id: i64| if property.target == "user" { people.get(&id).copied().unwrap_or(id) } else { id };
    let read = match property.kind {
        Kind::Text => cell.text().map(|text| Value::Text(text.to_owned())),
        Kind::Integer | Kind::Number => match cell {
            Literal::Int(n) => Some(Value::Number(*n as f64)),
            Literal::Float(n) => Some(Value::Number(*n)),
            _ => None,
        },
        Kind::Boolean => match cell {
            Literal::Bool(yes) => Some(Value::Boolean(*yes)),
            Literal::Int(n) => Some(Value::Boolean(*n != 0)),
            _ => None,
        },
        Kind::Date => cell.millis().map(Value::Date),
        Kind::Interval => interval(cell),
        Kind::Link => cell.id().map(id).map(Value::Link),
        Kind::Multilink => Some(Value::links(cell.ids().into_iter().map(id).collect())),
    };
    read.filter(|value| *value != Value::Text(String::new())).unwrap_or_default()
}

/// `(sign, years, months, days, hours, minutes, seconds)`.
fn interval(cell: &Literal) -> Option<Value> {
    let Literal::Tuple(parts) = cell else { return None };
    let number = |at: usize| match parts.get(at)? {
        Literal::Int(n) => Some(*n as f64),
        Literal::Float(n) => Some(*n),
        _ => None,
    };
    let mut interval = crate::kind::Interval { negative: number(0)? < 0.0, ..Default::default() };
    for at in 0..5 {
        interval.parts[at] = number(at + 1)? as i64;
    }
    interval.seconds = number(6).unwrap_or(0.0);
    Some(Value::Interval(interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_read_backwards_tells_what_became_of_things() {
        let property = |name: &str, kind, target: &str| Property { name: name.into(), kind, target: target.into() };
        let properties = [
            property("status", Kind::Link, "status"),
            property("title", Kind::Text, ""),
            property("nosy", Kind::Multilink, "user"),
        ];
        let people = HashMap::from([(3, 103), (4, 104)]);
        let mut now = BTreeMap::from([
            ("status".to_owned(), Value::Link(6)),
            ("title".to_owned(), Value::Text("new".into())),
            ("nosy".to_owned(), Value::Links(vec![103, 104])),
        ]);
        let params =
            Literal::read("{'messages': (('+', ['9']),), 'nosy': (('+', ['4']),), 'status': '1', 'title': 'old'}")
                .unwrap();
        let (deltas, message) = undo(&params, &mut now, &properties, &people);
        let told: Vec<_> = deltas.iter().map(|d| (d.property.as_str(), d.from.as_str(), d.to.as_str())).collect();
        assert_eq!(told, [("nosy", "103", "103,104"), ("status", "1", "6"), ("title", "old", "new")]);
        assert_eq!(message, Some(9));
        assert_eq!(now["status"], Value::Link(1));
    }
}
