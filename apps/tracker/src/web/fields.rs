//! The fields of a form for the properties of an issue, made from the schema.

use std::collections::{BTreeMap, HashMap};

use people::{Participant, ParticipantId};
use serde::Serialize;

use crate::catalog::{Catalog, Property};
use crate::kind::{Kind, Value};

/// One field of a form, as the theme's `field` component takes it.
#[derive(Serialize)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: &'static str,
    pub value: Shown,
    pub options: Vec<Choice>,
    pub help: String,
    pub multiple: bool,
    pub required: bool,
    /// What the person saw when they opened the form.
    pub was: String,
}

/// The value of a field: one text, or several for a choice of several.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Shown {
    One(String),
    Many(Vec<String>),
}

/// A choice of a select.
#[derive(Serialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// More rows than this are typed, not chosen.
const CHOICES: usize = 60;

/// The fields for every property that people set, with these values; what was typed stands over them.
pub fn all(
    catalog: &Catalog,
    values: &BTreeMap<String, Value>,
    people: &HashMap<ParticipantId, Participant>,
    typed: Option<&web::Fields>,
) -> Vec<Field> {
    let settable = catalog.issue().properties.iter().filter(|property| property.is_settable());
    let fields = settable.map(|property| field(catalog, property, values, people, typed));
    // A choice among nothing is no choice.
    fields.filter(|field| field.kind != "checks" || !field.options.is_empty()).collect()
}

fn field(
    catalog: &Catalog,
    property: &Property,
    values: &BTreeMap<String, Value>,
    people: &HashMap<ParticipantId, Participant>,
    typed: Option<&web::Fields>,
) -> Field {
    let value = values.get(&property.name).cloned().unwrap_or_default();
    let typed = typed.map(|fields| fields.all(&property.name).map(str::to_owned).collect::<Vec<_>>());
    let rows = catalog.class(&property.target).filter(|class| class.kind == "plain" && class.items.len() <= CHOICES);
    let was = value.stored();
    let (name, label) = (property.name.clone(), property.label.clone());
    let base = |kind, value, options, help: &str, multiple| Field {
        name: name.clone(),
        label: label.clone(),
        kind,
        value,
        options,
        help: if property.help.is_empty() { help.to_owned() } else { property.help.clone() },
        multiple,
        required: property.is_required,
        was: was.clone(),
    };
    let numbers: Vec<String> = value.ids().iter().map(i64::to_string).collect();
    match (property.kind, rows) {
        (Kind::Link, Some(class)) => {
            let chosen = typed.and_then(|typed| typed.into_iter().next()).or_else(|| numbers.first().cloned());
            let mut options = vec![Choice { value: "-1".into(), label: "none".into() }];
            options.extend(choices(class, value.ids()));
            base("select", Shown::One(chosen.unwrap_or_else(|| "-1".into())), options, "", false)
        }
        (Kind::Multilink, Some(class)) => {
            let options: Vec<Choice> = choices(class, value.ids()).collect();
            base("checks", Shown::Many(typed.unwrap_or(numbers)), options, "", true)
        }
        (Kind::Boolean, _) => {
            let options = [("", "unknown"), ("yes", "yes"), ("no", "no")];
            let options = options.map(|(value, label)| Choice { value: value.into(), label: label.into() });
            base("select", Shown::One(one(typed, &value.shown())), options.into(), "", false)
        }
        (kind, _) => {
            let (text, help) = match kind {
                Kind::Link if property.is_person() => (names(&value, people), "A name, or @me."),
                Kind::Multilink if property.is_person() => (names(&value, people), "Names with commas between."),
                Kind::Link | Kind::Multilink if property.target == catalog.issue().name => {
                    (numbers.join(", "), "Numbers of issues.")
                }
                Kind::Link | Kind::Multilink => (named(catalog, property, &value), "Names with commas between."),
                Kind::Date => (value.shown(), "2026-11-21, or +2w."),
                Kind::Interval => (value.shown(), "2w, 3d, 1:30."),
                _ => (value.shown(), ""),
            };
            base("text", Shown::One(one(typed, &text)), vec![], help, false)
        }
    }
}

fn one(typed: Option<Vec<String>>, otherwise: &str) -> String {
    typed.and_then(|typed| typed.into_iter().next()).unwrap_or_else(|| otherwise.to_owned())
}

fn choices<'a>(class: &'a crate::catalog::Class, held: &'a [i64]) -> impl Iterator<Item = Choice> + 'a {
    let shown = class.items.iter().filter(|item| !item.is_retired || held.contains(&item.number));
    shown.map(|item| Choice { value: item.number.to_string(), label: item.name.clone() })
}

fn names(value: &Value, people: &HashMap<ParticipantId, Participant>) -> String {
    let name = |id: &i64| {
        let person = people.get(&ParticipantId(*id))?;
        Some(person.user.clone().unwrap_or_else(|| person.address.clone()))
    };
    value.ids().iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn named(catalog: &Catalog, property: &Property, value: &Value) -> String {
    let names = value.ids().iter().filter_map(|id| catalog.item_name(property, *id));
    names.collect::<Vec<_>>().join(", ")
}
