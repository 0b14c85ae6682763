//! The order of a list, as SQL.

use crate::catalog::{Catalog, Property};
use crate::filter::{Filter, Order};
use crate::kind::Kind;

/// The `ORDER BY` of a list: its group, its sort, and what changed last.
pub(super) fn order(catalog: &Catalog, filter: &Filter) -> String {
    let mut parts: Vec<String> =
        filter.group.iter().chain(&filter.sort).filter_map(|order| order_by(catalog, order)).collect();
    if filter.sort.is_empty() {
        parts.push("i.activity_at DESC".into());
    }
    parts.push("i.number DESC".into());
    parts.join(", ")
}

fn order_by(catalog: &Catalog, order: &Order) -> Option<String> {
    let way = if order.descends { " DESC" } else { "" };
    let column = match order.property.as_str() {
        "id" => "i.number".into(),
        "title" => "lower(i.title)".into(),
        "creation" => "i.created_at".into(),
        "activity" => "i.activity_at".into(),
        "messages" => "i.message_count".into(),
        "creator" | "actor" => {
            format!("(SELECT lower(p.name) FROM participant p WHERE p.id = i.{}_id)", order.property)
        }
        name => {
            let property = catalog.property(name)?;
            match (property.slot, property.is_person()) {
                (Some(slot), true) => {
                    let named = format!("(SELECT lower(p.name) FROM participant p WHERE p.id = i.link{slot})");
                    return Some(format!("(i.link{slot} IS NULL), {named}{way}"));
                }
                (Some(slot), false) => by_position(catalog, property, slot)?,
                (None, _) if property.kind == Kind::Multilink => {
                    format!(
                        "(SELECT MIN(v.link) FROM tracker_value v WHERE v.issue_id = i.id AND v.property_id = {})",
                        property.id
                    )
                }
                (None, _) => {
                    let column = if property.kind == Kind::Text { "text" } else { "amount" };
                    format!(
                        "(SELECT v.{column} FROM tracker_value v WHERE v.issue_id = i.id AND v.property_id = {} LIMIT 1)",
                        property.id
                    )
                }
            }
        }
    };
    Some(format!("{column}{way}"))
}

/// Statuses and priorities come in the order of their rows, those without one last.
fn by_position(catalog: &Catalog, property: &Property, slot: usize) -> Option<String> {
    let class = catalog.class(&property.target)?;
    let whens: String =
        class.items.iter().enumerate().map(|(at, item)| format!(" WHEN {} THEN {at}", item.number)).collect();
    Some(if whens.is_empty() { format!("i.link{slot}") } else { format!("CASE i.link{slot}{whens} ELSE 1000000 END") })
}
