//! What a list wants, and who looks after it.

use ::web::{CsrfForm, CurrentUser, Error, Result};
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::{Context, context};
use people::{Role, user};
use serde::{Deserialize, Serialize};

use super::{around, errors, known};
use crate::list::{self, Change, List};
use crate::policy::Action;
use crate::{Lists, Refusal, url};

/// The settings as the form has them.
#[derive(Serialize, Deserialize)]
pub struct Form {
    title: String,
    #[serde(default)]
    description: String,
    audience: String,
    roster: String,
    is_listed: Option<String>,
    is_announce: Option<String>,
    needs_approval: Option<String>,
    is_emergency: Option<String>,
    is_personal: Option<String>,
    member_action: String,
    nonmember_action: String,
    #[serde(default)]
    subject_prefix: String,
    /// Kilobytes.
    max_size: String,
    max_rcpts: String,
    bounce_threshold: String,
    bounce_stale_days: String,
}

impl Form {
    fn of(list: &List) -> Self {
        let tick = |on: bool| on.then(|| "1".to_owned());
        Self {
            title: list.title.clone(),
            description: list.description.clone(),
            audience: list.audience.clone(),
            roster: list.roster.clone(),
            is_listed: tick(list.is_listed),
            is_announce: tick(list.is_announce),
            needs_approval: tick(list.needs_approval),
            is_emergency: tick(list.is_emergency),
            is_personal: tick(list.is_personal),
            member_action: list.member_action.clone(),
            nonmember_action: list.nonmember_action.clone(),
            subject_prefix: list.subject_prefix.clone(),
            max_size: (list.max_size / 1_000).to_string(),
            max_rcpts: list.max_rcpts.to_string(),
            bounce_threshold: list.bounce_threshold.to_string(),
            bounce_stale_days: list.bounce_stale_days.to_string(),
        }
    }

    /// The change, or the field that cannot be read and why.
    fn read(&self) -> Result<Change, (&'static str, String)> {
        let number = |field: &'static str, text: &str| {
            let read = text.trim().parse::<i64>().ok().filter(|number| (0..=10_000_000).contains(number));
            read.ok_or_else(|| (field, format!("“{text}” is not a number from 0 to 10,000,000.")))
        };
        let action = |field: &'static str, word: &str| {
            Action::from_word(word)
                .ok_or_else(|| (field, format!("“{word}” is not one of accept, hold, reject, discard.")))
        };
        Ok(Change {
            title: self.title.clone(),
            description: self.description.clone(),
            audience: self.audience.clone(),
            roster: self.roster.clone(),
            is_listed: self.is_listed.is_some(),
            is_announce: self.is_announce.is_some(),
            needs_approval: self.needs_approval.is_some(),
            is_emergency: self.is_emergency.is_some(),
            is_personal: self.is_personal.is_some(),
            member_action: action("member_action", &self.member_action)?,
            nonmember_action: action("nonmember_action", &self.nonmember_action)?,
            subject_prefix: self.subject_prefix.clone(),
            max_size: number("max_size", &self.max_size)? * 1_000,
            max_rcpts: number("max_rcpts", &self.max_rcpts)?,
            bounce_threshold: number("bounce_threshold", &self.bounce_threshold)?,
            bounce_stale_days: number("bounce_stale_days", &self.bounce_stale_days)?,
        })
    }
}

/// Shows the settings of a list.
pub async fn form(State(lists): State<Lists>, user: CurrentUser, Path(name): Path<String>) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let context = settings_context(&lists, &user, &list, &Form::of(&list)).await?;
    user.render("lists/list.settings.html", context)
}

async fn settings_context(lists: &Lists, user: &CurrentUser, list: &List, form: &Form) -> Result<Context> {
    if !list::may_administer(user.actor(), list) {
        return Err(Refusal::MayNotAdminister(list.name.clone()).into());
    }
    let conn = lists.hub.store.read();
    let mut staff = Vec::new();
    for role in [Role::Administrator, Role::Moderator] {
        for id in user::holders(&conn, role, &list::scope(&list.name)).await? {
            if let Some(holder) = user::by_id(&conn, id).await? {
                staff.push(serde_json::json!({ "name": holder.name, "role": role.word() }));
            }
        }
    }
    let actions: Vec<_> = Action::ALL.iter().map(|action| action.word()).collect();
    Ok(context! {
        title: format!("Settings of {}", list.title), list: around(lists, user, list).await?, form: form, staff, actions,
        person: "",
    })
}

/// Changes the settings of a list.
pub async fn change(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<Form>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    let refused = match form.read() {
        Ok(change) => {
            let tx = lists.hub.store.write().await?;
            match list::change(&tx, user.actor(), &list, change).await {
                Ok(list) => {
                    tx.commit().await?;
                    let here = url::of_list(&list.name, "settings");
                    return Ok(::web::see_other_saying(&lists.hub.settings, here, "The settings are kept."));
                }
                Err(refusal @ Refusal::BadSetting(..)) => ("", refusal.to_string()),
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Err(refused) => refused,
    };
    let mut context = settings_context(&lists, &user, &list, &form).await?;
    context.insert("errors", &errors(refused.0, refused.1));
    user.refuse("lists/list.settings.html", context)
}

/// Whom to make a moderator or administrator of a list, or no longer.
#[derive(Deserialize)]
pub struct StaffForm {
    person: String,
    role: String,
    dismiss: Option<String>,
}

/// Gives or takes a role.
pub async fn appoint(
    State(lists): State<Lists>,
    user: CurrentUser,
    Path(name): Path<String>,
    CsrfForm(form): CsrfForm<StaffForm>,
) -> Result<Response> {
    let list = known(&lists, &name).await?;
    if !list::may_administer(user.actor(), &list) {
        return Err(Refusal::MayNotAdminister(list.name).into());
    }
    let role = Role::from_word(&form.role).filter(|role| *role >= Role::Moderator);
    let role = role.ok_or_else(|| Error::Refused("A list has moderators and administrators.".into()))?;
    let tx = lists.hub.store.write().await?;
    let Some(holder) = user::by_name(&tx, &form.person).await? else {
        let mut context = settings_context(&lists, &user, &list, &Form::of(&list)).await?;
        context.insert("person", &form.person);
        context.insert("errors", &errors("person", format!("There is no person called {}.", form.person)));
        return user.refuse("lists/list.settings.html", context);
    };
    match form.dismiss {
        Some(_) => user::revoke(&tx, holder.id, role, &list::scope(&list.name)).await?,
        None => user::grant(&tx, holder.id, role, &list::scope(&list.name)).await?,
    }
    tx.commit().await?;
    let here = url::of_list(&list.name, "settings");
    Ok(::web::see_other_saying(&lists.hub.settings, here, "It is kept."))
}
