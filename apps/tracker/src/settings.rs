//! The door of a tracker's settings: who may do what, and the rows of its classes.

use people::{Actor, Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use store::Tx;

use crate::catalog::{Catalog, Class};
use crate::change::Via;
use crate::entity::{item, tracker as row};
use crate::issue::permit;
use crate::rules::Deed;
use crate::{Refusal, schema, tracker};

/// The most rows of one class.
const MOST: usize = 5_000;

/// Who may do what in a tracker.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub title: String,
    pub audience: String,
    pub may_file: String,
    pub may_comment: String,
    pub may_change: String,
    pub strangers: String,
}

/// Changes the settings of a tracker.
pub async fn save(tx: &Tx, actor: &Actor, catalog: &Catalog, settings: Settings) -> Result<(), Refusal> {
    permit(catalog, actor, Deed::Administer, false, Via::Web)?;
    let one_of = |name: &str, value: &str, known: &[&str]| {
        if known.contains(&value) {
            Ok(value.to_owned())
        } else {
            Err(Refusal::Other(format!("{name}: {value} is none of {}.", known.join(", "))))
        }
    };
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    let title = settings.title.trim().chars().take(100).collect::<String>();
    let mut model: row::ActiveModel = catalog.tracker.clone().into();
    model.title = Set(if title.is_empty() { catalog.tracker.name.clone() } else { title });
    model.audience = Set(one_of("Readers", &settings.audience, &["public", "members"])?);
    model.may_file = Set(one_of("Filing", &settings.may_file, &roles)?);
    model.may_comment = Set(one_of("Commenting", &settings.may_comment, &roles)?);
    model.may_change = Set(one_of("Changing", &settings.may_change, &roles)?);
    model.strangers = Set(one_of("Strangers", &settings.strangers, &["hold", "accept"])?);
    model.version = sea_orm::ActiveValue::NotSet;
    model.catalog_version = sea_orm::ActiveValue::NotSet;
    model.update(tx).await?;
    Ok(tracker::touch_catalog(tx, catalog.tracker.id).await?)
}

/// Adds a row to a plain class: a keyword, a status, a version.
pub async fn add(tx: &Tx, actor: &Actor, catalog: &Catalog, class: &str, name: &str) -> Result<i64, Refusal> {
    permit(catalog, actor, Deed::Administer, false, Via::Web)?;
    let class = plain(catalog, class)?;
    let name = checked(class, name, None)?;
    if class.items.len() >= MOST {
        return Err(Refusal::Other(format!("There are {MOST} rows already.")));
    }
    let number = tracker::next_number(tx, class.id).await?;
    let last = class.items.iter().map(|item| item.position).fold(0.0, f64::max);
    let meaning = if class.name == "status" { schema::meaning_of(&name) } else { "" };
    let model = item::ActiveModel {
        class_id: Set(class.id),
        number: Set(number),
        name: Set(name),
        position: Set(last + 1.0),
        meaning: Set(meaning.to_owned()),
        is_retired: Set(false),
        created_at: Set(tx.now()),
        kept: Set(String::new()),
        journal: Set(String::new()),
        ..Default::default()
    };
    model.insert(tx).await?;
    tracker::touch_catalog(tx, catalog.tracker.id).await?;
    Ok(number)
}

/// What becomes of a row.
#[derive(Clone, Debug)]
pub enum Step {
    Rename(String),
    /// `open`, `waiting` or `done`.
    Mean(String),
    Retire,
    Restore,
}

/// Changes a row; retired rows stay where issues have them and cannot be chosen any more.
pub async fn change(
    tx: &Tx,
    actor: &Actor,
    catalog: &Catalog,
    class: &str,
    number: i64,
    step: Step,
) -> Result<(), Refusal> {
    permit(catalog, actor, Deed::Administer, false, Via::Web)?;
    let class = plain(catalog, class)?;
    let known = item::Entity::find()
        .filter(item::Column::ClassId.eq(class.id))
        .filter(item::Column::Number.eq(number))
        .one(tx)
        .await?
        .ok_or_else(|| Refusal::Other(format!("There is no {} {number}.", class.name)))?;
    let mut model: item::ActiveModel = known.clone().into();
    match step {
        Step::Rename(name) => model.name = Set(checked(class, &name, Some(number))?),
        Step::Mean(meaning) if ["open", "waiting", "done"].contains(&meaning.as_str()) => model.meaning = Set(meaning),
        Step::Mean(meaning) => return Err(Refusal::Other(format!("{meaning} is none of open, waiting, done."))),
        Step::Retire => model.is_retired = Set(true),
        Step::Restore => {
            checked(class, &known.name, Some(number))?;
            model.is_retired = Set(false);
        }
    }
    model.update(tx).await?;
    Ok(tracker::touch_catalog(tx, catalog.tracker.id).await?)
}

fn plain<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Class, Refusal> {
    let class = catalog.class(name).filter(|class| class.kind == "plain");
    class.ok_or_else(|| Refusal::Other(format!("There is no class {name} whose rows are edited here.")))
}

fn checked(class: &Class, name: &str, own: Option<i64>) -> Result<String, Refusal> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty()
        || name.chars().count() > 80
        || name.contains([',', ';', '=', '[', ']'])
        || name.starts_with(['-', '+', '!', '@'])
    {
        return Err(Refusal::Other(format!(
            "{name} cannot be a name: it has 1 to 80 characters, none of , ; = [ ] among them, and does not begin with - + ! or @."
        )));
    }
    match class.item_named(&name) {
        Some(other) if Some(other.number) != own => Err(Refusal::ItemTaken(class.name.clone(), name)),
        _ => Ok(name),
    }
}
